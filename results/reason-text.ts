import { percentText } from './figure-text.ts';
import { coreList } from './foreign-load.ts';
import type { TrialReason } from './reasons.ts';

/** Why a trial does not count, in a sentence. */
export function trialReasonText(reason: TrialReason): string {
  switch (reason.code) {
    case 'machine-slept':
      return `the machine slept for ${reason.seconds.toFixed(1)} s during the trial ${allowed(reason)}`;
    case 'stood-still':
      return `Tare stood still for ${reason.seconds.toFixed(1)} s during the trial, stopped or without CPU ${allowed(reason)}`;
    case 'clock-set':
      return `the clock was set by ${reason.seconds.toFixed(1)} s during the trial ${allowed(reason)}`;
    case 'measured-too-long':
      return `the tool measured for ${reason.seconds.toFixed(1)} s where ${reason.askedSeconds} s were asked for: an end of it stood still`;
    case 'took-too-long':
      return `the trial took ${reason.seconds.toFixed(1)} s where ${reason.askedSeconds} s were asked for: an end of it stood still`;
    case 'other-path':
      return `${reason.scenario}: ${reason.meaning}`;
    case 'cpu-stolen':
      return `the hypervisor took ${percentText(reason.share)} of the CPU ${allowedShare(reason)}`;
    case 'foreign-load':
      return `other programs took ${percentText(reason.share)} of the CPU ${allowedShare(reason)}: ${coreList(reason.programs)}`;
    case 'no-pair':
      return `could not be set up: ${reason.said}`;
    case 'engine-gone': {
      const before = reason.before === undefined ? '' : `; ${reason.before}`;
      return `the engine ${reason.engine} does not answer since ${reason.sinceUtc} UTC (${reason.said})${before}`;
    }
    case 'tool-stopped':
      return `${reason.tool} was stopped because ${reason.because}.`;
    case 'tool-hung':
      return `${reason.tool} did not end within its ${reason.deadlineSeconds} s and was killed.`;
    case 'tool-broke':
      return `${reason.tool} ended with exit code ${reason.exitCode}${reason.said === undefined ? ' and said nothing.' : `: ${reason.said}`}`;
    case 'said':
      return reason.text;
  }
}

/** What helps where trials do not count, by the code of their reason. */
export const trialRemedies: Readonly<Record<TrialReason['code'], string>> = {
  'machine-slept': 'Keep the machine awake while a run measures.',
  'stood-still': 'Leave Tare running and give it a core; do not stop it with Ctrl-Z.',
  'clock-set': 'Let the clock be slewed, not stepped, while a run measures.',
  'measured-too-long': 'Look for what stops the containers or starves them of CPU.',
  'took-too-long': 'Look for what stops the containers or starves them of CPU.',
  'other-path':
    'See the failing checks with `tare report --explain`; the network is not what its name claims.',
  'cpu-stolen': 'Measure on a machine that is not shared, or declare a greater bound.',
  'foreign-load': 'Stop those programs, or measure when the machine is quiet.',
  'no-pair': 'Do what its sentence says, and measure again.',
  'engine-gone': 'See that the engine runs, then `tare run --resume`.',
  'tool-stopped': 'See what removed or stopped the container; its pair is made anew by itself.',
  'tool-hung': 'See the tool’s output in the run’s `raw` folder.',
  'tool-broke': 'See the tool’s output in the run’s `raw` folder.',
  said: 'See the sentence, and the tool’s output in the run’s `raw` folder.',
};

const allowed = ({ allowedSeconds }: { readonly allowedSeconds: number }) =>
  `(the plan allows ${allowedSeconds} s)`;
const allowedShare = (reason: { readonly allowedShare: number }) =>
  `(the plan allows ${percentText(reason.allowedShare)})`;

/**
 * What trials that are left out have in common: where a bound of the plan was passed, the rule, and not by how much nor
 * by whose doing, which differ in each; else the whole reason.
 */
export function reasonKind(reason: TrialReason): string {
  switch (reason.code) {
    case 'machine-slept':
    case 'stood-still':
    case 'clock-set':
    case 'cpu-stolen':
    case 'foreign-load':
      return reason.code;
    default:
      return trialReasonText(reason);
  }
}

/** Reasons of one kind: the first of them, and whether others differ from it. */
export interface CommonReason {
  readonly reason: TrialReason;
  readonly isVaried: boolean;
}

/** One reason for those of one kind. */
export function oneReason(first: CommonReason | undefined, next: CommonReason): CommonReason {
  if (first === undefined) return next;
  const isVaried =
    first.isVaried || next.isVaried || trialReasonText(first.reason) !== trialReasonText(next.reason);
  return { reason: first.reason, isVaried };
}

/** A sentence for reasons of one kind, which says so where others differ from the first. */
export function commonReasonText({ reason, isVaried }: CommonReason): string {
  return `${trialReasonText(reason)}${isVaried ? ', and the like' : ''}`;
}
