import type Docker from 'dockerode';
import { z } from 'zod';
import { Failure } from '../../results/failure.ts';

const answerSchema = z.object({ State: z.object({ Pid: z.number().int().positive() }) });

/**
 * A running container's first process, as its host numbers it.
 * @throws Failure `infrastructure` where it runs no more
 */
export async function firstProcess(
  docker: Docker,
  container: { readonly id: string; readonly name: string },
) {
  const answer = answerSchema.safeParse(await docker.getContainer(container.id).inspect());
  if (answer.success) return answer.data.State.Pid;
  throw new Failure(
    'infrastructure',
    `container ${container.name} has no process any more`,
    'Look at its engine’s log.',
  );
}
