import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { Failure } from '../../results/failure.ts';
import type { Engine } from '../engine/engine.ts';
import { lastLine, said } from '../engine/words.ts';
import { ensureOwnCompose, ownCompose } from '../image/image.ts';
import { packageRoot } from '../state/package-root.ts';

/**
 * Runs docker compose on the lab's file against an engine.
 * @param variables for the file, beside this process's environment
 * @throws Failure `infrastructure` with compose's last words
 */
export async function compose(
  outer: Engine,
  argv: readonly string[],
  variables: Readonly<Record<string, string>>,
  progress: (text: string) => void,
): Promise<void> {
  const [program, ...before] = await composeProgram(outer, progress);
  const file = join(packageRoot(), 'docker-compose.bench.yml');
  const result = await execa(program, [...before, '--file', file, ...argv], {
    env: { ...variables, ...onlyThis(outer) },
    all: true,
    reject: false,
    stdin: 'ignore',
  });
  if (result.exitCode !== 0) {
    throw new Failure(
      'infrastructure',
      `docker compose ${argv[0]} failed on ${outer.name}: ${lastLine(result.all ?? '') || said(result.shortMessage ?? '')}`,
      'Run `tare lab down` and try again.',
    );
  }
}

/** What makes Docker's programs speak to that engine, whatever else the environment names. */
function onlyThis(engine: Engine): Record<string, string | undefined> {
  const others = [
    'DOCKER_CONTEXT',
    'DOCKER_TLS',
    'DOCKER_TLS_VERIFY',
    'DOCKER_CERT_PATH',
    'DOCKER_API_VERSION',
  ];
  return { ...Object.fromEntries(others.map((name) => [name, undefined])), DOCKER_HOST: engine.url };
}

/** Compose of version 2 or later: Tare's own where it had to bring one, else the client's plug-in or the program. */
async function composeProgram(
  outer: Engine,
  progress: (text: string) => void,
): Promise<[string, ...string[]]> {
  if (existsSync(ownCompose())) return [ownCompose()];
  const candidates: [string, ...string[]][] = [['docker', 'compose'], ['docker-compose']];
  for (const [program, ...before] of candidates) {
    const answer = await execa(program, [...before, 'version', '--short'], {
      reject: false,
      stdin: 'ignore',
    });
    if (answer.exitCode === 0 && /^v?([2-9]|\d\d)\./.test(answer.stdout)) return [program, ...before];
  }
  return [await ensureOwnCompose(outer, progress)];
}
