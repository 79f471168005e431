import { setTimeout as delay } from 'node:timers/promises';
import { trialReasonText } from '../../../results/reason-text.ts';
import { inWords, type TrialReason } from '../../../results/reasons.ts';
import type { TrialWarning } from '../../../results/warnings.ts';
import type { ExecResult, Executor } from '../../engine/executor.ts';
import { lastLine } from '../../engine/words.ts';
import { type Parsed, toOutcome } from '../metrics.ts';
import type { Outcome } from '../workload.ts';

/** Time beyond the measured seconds after which a tool hangs: connecting and tearing down, under emulation too. */
const graceSeconds = 15;

/** How long a trial may take until the tool is killed. */
export function deadlineFor(measuredSeconds: number): number {
  return measuredSeconds * 1.5 + graceSeconds;
}

/** A count that was reckoned from a rate may take longer at another rate, but not so much longer. */
const mostByCount = { share: 3, seconds: 5 };

/**
 * Why a tool that ends after so many operations did not measure what its rate says: it took far longer than they were
 * reckoned to take, so that an end of it stood still meanwhile. Undefined where it did not.
 */
export function tookTooLong(tool: string, seconds: number, expectedSeconds: number): string | undefined {
  if (seconds <= expectedSeconds * mostByCount.share + mostByCount.seconds) return undefined;
  return `${tool} took ${seconds.toFixed(2)} s for what fills ${expectedSeconds} s: an end of it stood still.`;
}

/** Whole seconds for tools that take nothing finer, at least `least`. */
export function wholeSeconds(seconds: number, least: number): number {
  return Math.max(least, Math.round(seconds));
}

/** Whether a program's end is its own, so that its words are about it. */
export function endedByItself(result: ExecResult): boolean {
  return !result.timedOut && result.stoppedBecause === undefined;
}

/** Why a program's end is no measurement, or undefined where it ended well. */
export function brokenEnd(
  tool: string,
  result: ExecResult,
  deadlineSeconds: number,
): TrialReason | undefined {
  if (result.stoppedBecause) return { code: 'tool-stopped', tool, because: result.stoppedBecause };
  if (result.timedOut) return { code: 'tool-hung', tool, deadlineSeconds };
  if (result.exitCode === 0) return undefined;
  const words = lastLine(result.stderr) || lastLine(result.stdout);
  return { code: 'tool-broke', tool, exitCode: result.exitCode, ...(words && { said: words }) };
}

/** The same in words, for who says which part of a trial broke. */
export function brokenWords(tool: string, result: ExecResult, deadlineSeconds: number): string | undefined {
  const broken = brokenEnd(tool, result, deadlineSeconds);
  return broken && trialReasonText(broken);
}

/** Of each output so many characters are kept with the run. */
const mostKept = 4 << 20;

/** What a tool wrote, as it is kept with the run. */
export function rawOutput(result: ExecResult): string {
  const [stdout, stderr] = [kept(result.stdout), kept(result.stderr)];
  return stderr.trim() === '' ? stdout : `${stdout}\n--- standard error ---\n${stderr}`;
}

function kept(text: string): string {
  if (text.length <= mostKept) return text;
  return `${text.slice(0, mostKept)}\n--- ${text.length - mostKept} characters more ---\n`;
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
  /** What the tool said where it was turned away before it measured anything: then it is run once more. */
  hiccup?(result: ExecResult): string | undefined;
}

/** Before a tool that was turned away is run again: time for its server to be done with what was before. */
const pauseSeconds = 0.5;

/** Runs a tool's client once, or twice where it was turned away; whatever it does wrong becomes a failed outcome. */
export async function runTool(client: Executor, call: ToolCall): Promise<Outcome> {
  const { deadlineSeconds, stdin } = call;
  const run = () => client.run(call.argv, { deadlineSeconds, ...(stdin === undefined ? {} : { stdin }) });
  let result = await run();
  const turnedAway = endedByItself(result) && result.exitCode !== 0 ? call.hiccup?.(result) : undefined;
  if (turnedAway) {
    await delay(pauseSeconds * 1000);
    result = await run();
  }
  const raw = rawOutput(result);
  const broken = brokenEnd(call.tool, result, call.deadlineSeconds);
  if (broken) {
    const explained = endedByItself(result) ? call.explain?.(result) : undefined;
    return { type: 'failed', reason: explained ? inWords(explained) : broken, raw };
  }
  const outcome = toOutcome(call.parse(result), raw);
  if (!turnedAway || outcome.type === 'failed') return outcome;
  const warning: TrialWarning = { code: 'tool-repeated', tool: call.tool, said: turnedAway };
  return { ...outcome, warnings: [...outcome.warnings, warning] };
}
