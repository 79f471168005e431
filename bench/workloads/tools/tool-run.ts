import type { ExecResult, Executor } from '../../engine/executor.ts';
import { type Parsed, toOutcome } from '../metrics.ts';
import type { Outcome } from '../workload.ts';

/** Time beyond the measured seconds after which a tool hangs: connecting and tearing down, under emulation too. */
const graceSeconds = 15;

/** How long a trial may take until the tool is killed. */
export function deadlineFor(measuredSeconds: number): number {
  return measuredSeconds * 1.5 + graceSeconds;
}

/** Whole seconds for tools that take nothing finer, at least `least`. */
export function wholeSeconds(seconds: number, least: number): number {
  return Math.max(least, Math.round(seconds));
}

/** Last line of a text that is not empty, for messages; at most 200 characters. */
export function lastLine(text: string): string {
  const line = text
    .split('\n')
    .map((each) => each.trim())
    .findLast((each) => each.length > 0);
  return (line ?? '').slice(0, 200);
}

/** Why a program's end is no measurement, or undefined where it ended well. */
export function brokenEnd(tool: string, result: ExecResult, deadlineSeconds: number): string | undefined {
  if (result.timedOut) return `${tool} did not end within ${deadlineSeconds} s and was killed.`;
  if (result.exitCode === 0) return undefined;
  const said = lastLine(result.stderr) || lastLine(result.stdout);
  return `${tool} ended with exit code ${result.exitCode}${said ? `: ${said}` : ' and said nothing.'}`;
}

/** Everything a tool wrote, as it is kept with the run. */
export function rawOutput(result: ExecResult): string {
  return result.stderr.trim() === ''
    ? result.stdout
    : `${result.stdout}\n--- standard error ---\n${result.stderr}`;
}

export interface ToolCall {
  /** Name for messages. */
  readonly tool: string;
  readonly argv: readonly string[];
  readonly deadlineSeconds: number;
  readonly stdin?: string;
  parse(result: ExecResult): Parsed;
  /** Explains a bad end better than the exit code does, where the tool says more. */
  explain?(result: ExecResult): string | undefined;
}

/** Runs a tool's client once; whatever it does wrong becomes a failed outcome. */
export async function runTool(client: Executor, call: ToolCall): Promise<Outcome> {
  const { deadlineSeconds, stdin } = call;
  const result = await client.run(call.argv, { deadlineSeconds, ...(stdin === undefined ? {} : { stdin }) });
  const raw = rawOutput(result);
  const broken = brokenEnd(call.tool, result, call.deadlineSeconds);
  if (broken) return { type: 'failed', reason: (!result.timedOut && call.explain?.(result)) || broken, raw };
  return toOutcome(call.parse(result), raw);
}
