import { z } from 'zod';
import type { Histogram } from '../../../results/schema.ts';
import { percentileNanoseconds } from '../../../results/statistics/histogram.ts';
import type { TrialWarning } from '../../../results/warnings.ts';
import { kinds, type Parsed, refused } from '../metrics.ts';
import { type Given, given, parsedFigures } from '../possible.ts';
import { carries } from '../rtt-metrics.ts';
import type { Outcome, TrialSettings, WorkloadPair } from '../workload.ts';
import { withFile } from './file.ts';
import { countsToHistogram } from './latency-counts.ts';
import { type Body, bodyBytes } from './nginx.ts';
import { readToolJson } from './tool-json.ts';
import { deadlineFor, runTool, wholeSeconds } from './tool-run.ts';

/** Enough to keep one server process busy, few enough for two cores. */
const connections = 16;
/** Of the seconds asked for, how many must have been measured. */
const leastMeasuredShare = 0.9;
/** And no more than this, and a few seconds for what was under way: its clock has been seen to run off. */
const mostMeasuredShare = 3;

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
const errorKinds = ['connect', 'read', 'write', 'status', 'timeout'] as const;
const errorsSchema = z.object({
  requests: count,
  errors: z.object({ connect: count, read: count, write: count, status: count, timeout: count }),
});
const outputSchema = z.object({
  microseconds: z.number().positive(),
  requests: z.number().int().positive(),
  bytes: z.number().int().positive(),
});
const latencySchema = z.object({
  latency: z.array(z.tuple([count, z.number().int().positive()])).min(1),
});
/** wrk gives a request up after so long and keeps no latency of it. */
const timeoutSeconds = 2;

function lastLineOf(stdout: string): string {
  const text = stdout.trimEnd();
  return text.slice(text.lastIndexOf('\n') + 1);
}

function failedRequests({ requests, errors }: z.infer<typeof errorsSchema>): string | undefined {
  const failed = errorKinds.filter((kind) => errors[kind] > 0).map((kind) => `${errors[kind]} by ${kind}`);
  if (requests === 0) return `No request was answered${failed.length > 0 ? `: ${failed.join(', ')}` : ''}.`;
  return failed.length > 0 ? `Requests failed: ${failed.join(', ')}.` : undefined;
}

function issueText(error: z.ZodError): string {
  const issue = error.issues[0];
  return `wrk's figures are not what they have to be at ${issue?.path.join('.') || 'their top'}: ${issue?.message}.`;
}

/** Reads what the script prints at the end of wrk 4.1. */
export function parseWrk(stdout: string, body: Body, durationSeconds: number): Parsed {
  const json = readToolJson('wrk', lastLineOf(stdout));
  if (json.type === 'none') return refused("wrk's output does not end in the script's JSON.");
  // Why there are no figures comes before what is wrong with them.
  const counted = errorsSchema.safeParse(json.value);
  const failed = counted.success ? failedRequests(counted.data) : undefined;
  if (failed) return refused(failed);
  const output = outputSchema.safeParse(json.value);
  if (!output.success) return refused(issueText(output.error));
  if (!counted.success) return refused(issueText(counted.error));
  const { microseconds, requests, bytes } = output.data;
  const seconds = microseconds / 1e6;
  if (seconds < durationSeconds * leastMeasuredShare || seconds > durationSeconds * mostMeasuredShare + 5) {
    return refused(`wrk measured ${seconds.toFixed(2)} s of the ${durationSeconds} s asked for.`);
  }
  if (bytes < requests * bodyBytes[body])
    return refused(`wrk read ${bytes} bytes for ${requests} bodies of ${bodyBytes[body]}.`);
  const rate = given(kinds.requests, requests / seconds);
  const goodput = given(kinds.goodput, (bytes * 8) / seconds);
  const latencies = latenciesOf(json.value, requests, seconds + timeoutSeconds);
  return parsedFigures(
    'wrk',
    [...(body === '1m' ? [goodput, rate] : [rate, goodput]), ...latencies.figures],
    {
      ...(latencies.histogram ? { histogram: latencies.histogram } : {}),
      transactions: requests,
      payloadBytes: bytes,
      measuredSeconds: seconds,
      warnings: latencies.warnings,
    },
  );
}

interface Latencies {
  readonly figures: readonly Given[];
  readonly histogram?: Histogram;
  readonly warnings: readonly TrialWarning[];
}

function latenciesOf(json: unknown, requests: number, longestSeconds: number): Latencies {
  const output = latencySchema.safeParse(json);
  const none = (why: string): Latencies => ({
    figures: [],
    warnings: [{ code: 'latencies-unusable', tool: 'wrk', because: why }],
  });
  if (!output.success) return none(issueText(output.error));
  const { latency } = output.data;
  let slowest = 0;
  for (const [value] of latency) if (value > slowest) slowest = value;
  if (slowest / 1e6 > longestSeconds)
    return none(`one of ${slowest / 1e6} s in ${longestSeconds.toFixed(0)} s`);
  const histogram = countsToHistogram(latency.map(([value, times]) => [value * 1000, times]));
  const at = (share: number) => (percentileNanoseconds(histogram, share) ?? Number.NaN) / 1e9;
  return {
    histogram,
    figures: [
      ...(carries(requests, 0.5) ? [given(kinds.latencyP50, at(0.5))] : []),
      ...(carries(requests, 0.9) ? [given(kinds.latencyP90, at(0.9))] : []),
      ...(carries(requests, 0.99) ? [given(kinds.latencyP99, at(0.99))] : []),
      given(kinds.latencyMax, slowest / 1e6),
    ],
    warnings: [],
  };
}

/** One HTTP trial; wrk takes whole seconds. */
export async function measureWrk(
  pair: WorkloadPair,
  settings: TrialSettings,
  options: WrkOptions,
): Promise<Outcome> {
  const durationSeconds = wholeSeconds(settings.durationSeconds, 1);
  return runTool(pair.client, {
    tool: 'wrk',
    ...(await withFile(pair.client, 'wrk.lua', script, (file) =>
      wrkArgv(pair, options, durationSeconds, file),
    )),
    deadlineSeconds: deadlineFor(durationSeconds),
    parse: (result) => parseWrk(result.stdout, options.body, durationSeconds),
  });
}
