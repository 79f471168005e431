import { Failure } from '../../../results/failure.ts';
import type { ExecResult, Executor } from '../../engine/executor.ts';

/**
 * Programs of several containers on one machine that begin at one moment. Containers share their kernel's clock of
 * seconds since boot, which /proc/uptime tells to a hundredth; each program's shell waits for the moment, notes when it
 * really was, and becomes the program.
 */
const script =
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the shell's
  'now() { read u _ </proc/uptime; echo "${u%.*}${u#*.}"; }; left=$(($1 - $(now))); [ "$left" -gt 0 ] && sleep "$((left / 100)).$(printf %02d $((left % 100)))"; echo "started at $(now)" >&2; shift; exec "$@"';

/** @param atSeconds since boot, as `uptimeSeconds` gives */
export function gatedArgv(
  executor: Pick<Executor, 'inShell'>,
  argv: readonly string[],
  atSeconds: number,
): string[] {
  return ['sh', '-c', script, 'gate', String(Math.round(atSeconds * 100)), ...executor.inShell(argv)];
}

/** Seconds since boot at which the program began, from what its shell noted; undefined where it didn't. */
export function gatedStartSeconds(result: Pick<ExecResult, 'stderr'>): number | undefined {
  const noted = /^started at (\d+)$/m.exec(result.stderr);
  return noted ? Number(noted[1]) / 100 : undefined;
}

/**
 * Seconds since boot at an executor's machine, to a hundredth.
 * @throws Failure `infrastructure` where its clock can't be read
 */
export async function uptimeSeconds(executor: Executor): Promise<number> {
  const result = await executor.run(['cat', '/proc/uptime'], { deadlineSeconds: 10 });
  const seconds = Number(/^(\d+\.\d\d) /.exec(result.stdout)?.[1]);
  if (Number.isFinite(seconds)) return seconds;
  throw new Failure(
    'infrastructure',
    `/proc/uptime can't be read in ${executor.where}`,
    'Make sure that /proc is mounted there.',
  );
}
