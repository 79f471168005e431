import type { Executor } from '../../engine/executor.ts';
import { kinds, measured } from '../metrics.ts';
import type { Outcome } from '../workload.ts';

/** Into the test by then: the connections are up and have sent. */
const lookAfterSeconds = 0.5;

/**
 * The segment size, in bytes of payload, with which the kernel sends on the busiest TCP connection to a port, while a
 * test goes on. iperf3 tells only what it was asked for, and the kernel takes the headers' options off that.
 * @returns undefined where no connection was seen
 */
export async function effectiveMss(client: Executor, port: number): Promise<number | undefined> {
  const script = `sleep ${lookAfterSeconds}; ss -tinH dport = :${port}`;
  const result = await client.run(['sh', '-c', script], { deadlineSeconds: 20 });
  return result.exitCode === 0 ? busiestMss(result.stdout) : undefined;
}

/** Reads `ss -tinH`: two lines a connection, the second with `mss:1398 … bytes_sent:123`. */
export function busiestMss(text: string): number | undefined {
  let busiest: { readonly mss: number; readonly bytes: number } | undefined;
  for (const line of text.split('\n')) {
    const mss = Number(/(?:^|\s)mss:(\d+)(?:\s|$)/.exec(line)?.[1]);
    if (!(mss > 0)) continue;
    // A connection that has only received has no bytes_sent.
    const bytes = Number(/(?:^|\s)bytes_sent:(\d+)/.exec(line)?.[1] ?? 0);
    if (!busiest || bytes > busiest.bytes) busiest = { mss, bytes };
  }
  return busiest?.mss;
}

/** The outcome of a test whose segments were bounded, with the segment size that was effective. */
export function withEffectiveMss(outcome: Outcome, mss: number | undefined): Outcome {
  if (outcome.type === 'failed') return outcome;
  if (mss === undefined) {
    return {
      ...outcome,
      warnings: [...outcome.warnings, { code: 'segment-size-unread' }],
    };
  }
  const others = outcome.metrics.filter(({ name }) => name !== kinds.mss.name);
  return { ...outcome, metrics: [...others, measured(kinds.mss, mss)] };
}
