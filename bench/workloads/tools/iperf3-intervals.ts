import { z } from 'zod';
import { issueText, readIperf3 } from './iperf3-output.ts';

/** What the reporting end counted in one interval, in seconds since the test's start and payload bytes. */
export interface Interval {
  readonly startSeconds: number;
  readonly endSeconds: number;
  readonly bytes: number;
}

const sumSchema = z.object({
  start: z.number().nonnegative(),
  end: z.number().positive(),
  bytes: z.number().nonnegative(),
});
const intervalsSchema = z.object({ intervals: z.array(z.object({ sum: sumSchema })).min(1) });

/** The intervals of an iperf3 client's `-J` output, or what is wrong with it as a sentence. */
export function parseIntervals(stdout: string): readonly Interval[] | string {
  const read = readIperf3(stdout);
  if (typeof read === 'string') return read;
  const output = intervalsSchema.safeParse(read.value);
  if (!output.success) return issueText(output.error);
  return output.data.intervals.map(({ sum }) => ({
    startSeconds: sum.start,
    endSeconds: sum.end,
    bytes: sum.bytes,
  }));
}

/** Bytes counted between two moments; of an interval that is partly inside, its share. */
export function bytesBetween(intervals: readonly Interval[], from: number, to: number): number {
  return intervals.reduce((sum, { startSeconds, endSeconds, bytes }) => {
    const inside = Math.min(to, endSeconds) - Math.max(from, startSeconds);
    return inside > 0 ? sum + (bytes * inside) / (endSeconds - startSeconds) : sum;
  }, 0);
}
