import { z } from 'zod';
import { percentileNanoseconds } from '../../../results/statistics/histogram.ts';
import { kinds, measured, type Parsed, refused } from '../metrics.ts';
import type { Outcome, TrialSettings, WorkloadPair } from '../workload.ts';
import { withFile } from './file.ts';
import { countsToHistogram } from './latency-counts.ts';
import { type Body, bodyBytes } from './nginx.ts';
import { deadlineFor, runTool, wholeSeconds } from './tool-run.ts';

/** Enough to keep one server process busy, few enough for two cores. */
const connections = 16;
/** Of the seconds asked for, how many must have been measured. */
const leastMeasuredShare = 0.9;

/** wrk prints for people; its own Lua hook prints every figure in base units, and each latency with its count. */
const script = `done = function(summary, latency, requests)
  local e = summary.errors
  io.write(string.format(
    '{"microseconds":%d,"requests":%d,"bytes":%d,"errors":{"connect":%d,"read":%d,"write":%d,"status":%d,"timeout":%d},"latency":[',
    summary.duration, summary.requests, summary.bytes, e.connect, e.read, e.write, e.status, e.timeout))
  for i = 1, #latency do
    local value, count = latency(i)
    io.write(i > 1 and "," or "", string.format("[%d,%d]", value, count))
  end
  io.write("]}\\n")
end
`;

export interface WrkOptions {
  readonly body: Body;
  readonly keepAlive: boolean;
}

function wrkArgv(
  pair: WorkloadPair,
  options: WrkOptions,
  durationSeconds: number,
  scriptFile: string,
): string[] {
  const host = pair.serverAddress.includes(':') ? `[${pair.serverAddress}]` : pair.serverAddress;
  return [
    ...['wrk', '-t', '1', '-c', String(connections), '-d', `${durationSeconds}s`, '-s', scriptFile],
    ...(options.keepAlive ? [] : ['-H', 'Connection: close']),
    `http://${host}:${pair.ports.http}/${options.body}`,
  ];
}

const count = z.number().int().nonnegative();
const outputSchema = z.object({
  microseconds: z.number().positive(),
  requests: z.number().int().positive(),
  bytes: z.number().int().positive(),
  errors: z.object({ connect: count, read: count, write: count, status: count, timeout: count }),
  latency: z.array(z.tuple([count, z.number().int().positive()])).min(1),
});

function lastLineJson(stdout: string): unknown {
  try {
    return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '');
  } catch {
    return undefined;
  }
}

/** Reads what the script prints at the end of wrk 4.1. */
export function parseWrk(stdout: string, body: Body, durationSeconds: number): Parsed {
  const json = lastLineJson(stdout);
  if (json === undefined) return refused("wrk's output does not end in the script's JSON.");
  const output = outputSchema.safeParse(json);
  if (!output.success) {
    const issue = output.error.issues[0];
    return refused(
      `wrk's figures are not what they have to be at ${issue?.path.join('.')}: ${issue?.message}.`,
    );
  }
  const { microseconds, requests, bytes, errors, latency } = output.data;
  const failed = Object.entries(errors).filter(([, times]) => times > 0);
  if (failed.length > 0) {
    return refused(`Requests failed: ${failed.map(([kind, times]) => `${times} by ${kind}`).join(', ')}.`);
  }
  const seconds = microseconds / 1e6;
  if (seconds < durationSeconds * leastMeasuredShare) {
    return refused(`wrk measured ${seconds.toFixed(2)} s of the ${durationSeconds} s asked for.`);
  }
  if (bytes < requests * bodyBytes[body])
    return refused(`wrk read ${bytes} bytes for ${requests} bodies of ${bodyBytes[body]}.`);
  const histogram = countsToHistogram(latency.map(([value, times]) => [value * 1000, times]));
  const at = (share: number) => (percentileNanoseconds(histogram, share) ?? Number.NaN) / 1e9;
  const slowest = Math.max(...latency.map(([value]) => value)) / 1e6;
  const rate = measured(kinds.requests, requests / seconds);
  const goodput = measured(kinds.goodput, (bytes * 8) / seconds);
  return {
    type: 'parsed',
    metrics: [
      ...(body === '1m' ? [goodput, rate] : [rate, goodput]),
      measured(kinds.latencyP50, at(0.5)),
      measured(kinds.latencyP90, at(0.9)),
      ...(requests >= 500 ? [measured(kinds.latencyP99, at(0.99))] : []),
      measured(kinds.latencyMax, slowest),
    ],
    histogram,
    transactions: requests,
    payloadBytes: bytes,
    measuredSeconds: seconds,
    warnings: [],
  };
}

/** One HTTP trial; wrk takes whole seconds. */
export function measureWrk(
  pair: WorkloadPair,
  settings: TrialSettings,
  options: WrkOptions,
): Promise<Outcome> {
  const durationSeconds = wholeSeconds(settings.durationSeconds, 1);
  return runTool(pair.client, {
    tool: 'wrk',
    ...withFile('wrk.lua', script, (file) => wrkArgv(pair, options, durationSeconds, file)),
    deadlineSeconds: deadlineFor(durationSeconds),
    parse: (result) => parseWrk(result.stdout, options.body, durationSeconds),
  });
}
