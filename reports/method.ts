import type { Plan } from '../results/schema.ts';
import type { RunSummary } from '../results/summary.ts';
import { formatQuantity, formatShare } from './format.ts';
import { occasionalWorkloads } from './ranking.ts';
import { plainText } from './text.ts';

/** What a report says of each workload; the caller takes it from the workloads themselves. */
export interface WorkloadNote {
  readonly summary: string;
  readonly caveat: string;
}
export type WorkloadNotes = Readonly<Record<string, WorkloadNote>>;

/** What an interval rests on; said wherever one is read. docs/interval.md has the simulations behind it. */
export const intervalAssumption =
  'The interval assumes that a network’s trials are disturbed in the same way as the baseline’s beside them, whatever ' +
  'way that is (to one side, with outliers, in two modes), and that blocks are independent.';

/** How the figures were made, in paragraphs of plain text. */
export function methodParagraphs({ run }: RunSummary): string[] {
  const { plan } = run;
  const seldom = occasionalWorkloads(plan);
  const workloads =
    seldom.length === 0
      ? 'workload'
      : `workload (${seldom.map(({ id, everyBlocks }) => `${id} in one block of ${everyBlocks}`).join(', ')})`;
  return [
    `Each of ${plan.blocks} ${plan.blocks === 1 ? 'block' : 'blocks'} runs every scenario and ${workloads} in an order ` +
      `shuffled from seed ${plan.seed}. Within a block a workload alternates between the baseline and the other ` +
      'scenarios, so that each trial is compared with the baseline trials just before and after it: machines drift, ' +
      'neighbours in time hardly do. A warm-up block comes first and is discarded.',
    'A change is the Hodges–Lehmann estimate of the log ratios to each of those neighbouring baseline trials, turned back ' +
      'into a ratio minus one. Its interval is the one of signed ranks by comparisons (one trial and ' +
      `its neighbours). ${intervalAssumption} Medians ` +
      'are medians of trials. Percentiles of merged distributions are read from one merged histogram and never averaged.',
    `No outlier is dropped. A trial is left out only by rules declared beforehand: ${exclusionRules(plan)}. Such trials ` +
      'stay in the record and are counted above.',
    'The witness of a trial is what the counters of interfaces, firewall and IPsec did while it ran, at both ends, ' +
      'held against what its driver must do. A trial whose packets took another path is invalid.',
    `Fixed-load workloads offer ${formatQuantity(plan.offeredBitsPerSecond, 'bit/s')}. CPU cost is counted on whole ` +
      'machines from /proc/stat, kernel and interrupts included; engines that share a machine are counted once. ' +
      'GB is 10⁹ bytes of payload.',
  ];
}

function exclusionRules({ maxStealShare, maxForeignCpuShare, maxStandstillSeconds }: Plan): string {
  const rules = [
    'its witness was refuted',
    `more than ${formatShare(maxStealShare)} of its CPU time was stolen`,
  ];
  if (maxForeignCpuShare !== undefined) {
    rules.push(`other programs took more than ${formatShare(maxForeignCpuShare)} of it`);
  }
  if (maxStandstillSeconds !== undefined) {
    rules.push(
      `it or its machine stood still for more than ${formatQuantity(maxStandstillSeconds, 's')}, or longer than its duration explains`,
    );
  }
  return `${rules.slice(0, -1).join(', ')}, or ${rules.at(-1)}`;
}

export interface EngineFacts {
  readonly title: string;
  readonly facts: readonly (readonly [string, string])[];
}

/** The fingerprint as rows of name and value for each engine, values as they were read. */
export function engineFacts({ run }: RunSummary): EngineFacts[] {
  return run.fingerprints.map((print) => ({
    title: plainText(`${print.role} · ${print.engine}`),
    facts: [
      ['engine version', `${print.engineVersion} (API ${print.apiVersion})`],
      ['kernel', print.kernel + (print.emulated ? ' (emulated)' : '')],
      ['machine (boot id)', print.machine],
      ['image', print.imageId],
      ...Object.entries(print.facts).sort(([a], [b]) => (a < b ? -1 : 1)),
    ],
  }));
}
