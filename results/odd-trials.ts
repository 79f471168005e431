import type { OkTrial, RunRecord } from './schema.ts';
import { median } from './statistics/order.ts';
import { twoModes } from './statistics/two-modes.ts';
import { isMeasuredBlock, type MeasuredScenario, type MetricSummary, type RunSummary } from './summary.ts';
import type { FoundWarning, LikelyCause } from './warnings.ts';

/** A trial this many scaled median deviations away is an outlier, as hyperfine counts them (Iglewicz & Hoaglin 1993). */
const outlyingDeviations = 10;
/** The median absolute deviation times this is a standard deviation where noise is normal. */
const deviationScale = 1.4826;
/** Whatever the noise, what is nearer than a fifth is no outlier worth a word. */
const leastDistance = Math.log(1.2);
/** With fewer trials nothing lies outside. */
const fewestTrials = 8;

/** What must differ between odd trials and the others, in shares of time or of trials, to be their likely cause. */
const telling = { placement: 0.5, steal: 0.02, foreignLoad: 0.1, madeAnew: 0.6 };

/** Baselines and networks with two modes, and single trials far from all others, each with what is likely to be behind it. */
export function oddTrialWarnings(
  { trials }: RunRecord,
  topologies: RunSummary['topologies'],
): FoundWarning[] {
  const byOrder = new Map<number, OkTrial>();
  const firstBlocks = new Map<number, number>();
  for (const trial of trials) {
    if (!isMeasuredBlock(trial)) continue;
    if (trial.status === 'ok') byOrder.set(trial.order, trial);
    const first = firstBlocks.get(trial.generation);
    if (first === undefined || trial.block < first) firstBlocks.set(trial.generation, trial.block);
  }
  const context = { byOrder, firstBlocks };
  return topologies
    .flatMap(({ scenarios }) => scenarios)
    .filter((each): each is MeasuredScenario => each.status === 'ok')
    .flatMap((scenario) =>
      scenario.workloads.flatMap(({ id, metrics: [metric] }) =>
        metric ? oddIn(scenario, id, metric, context) : [],
      ),
    );
}

interface Context {
  readonly byOrder: ReadonlyMap<number, OkTrial>;
  /** The first block of each generation of containers. */
  readonly firstBlocks: ReadonlyMap<number, number>;
}

function oddIn(
  scenario: MeasuredScenario,
  workload: string,
  metric: MetricSummary,
  context: Context,
): FoundWarning[] {
  if (metric.better === 'neither') return [];
  const values = metric.observations.filter(({ value }) => value > 0);
  const subject = { scenario: scenario.id, workload, metric: metric.name };
  const isSlowAbove = metric.better === 'lower';
  const modes = twoModes(values.map(({ value }) => Math.log(value)));
  if (modes) {
    const isSlow = ({ value }: { value: number }) => Math.log(value) > modes.lowerUpTo === isSlowAbove;
    const slow = values.filter(isSlow);
    const cause = likelyCause(
      slow,
      values.filter((each) => !isSlow(each)),
      context,
    );
    return [
      {
        code: 'two-modes',
        subject,
        ofBaseline: scenario.isBaseline,
        slowTrials: slow.length,
        of: values.length,
        slowMedian: Math.exp(isSlowAbove ? modes.upperMedian : modes.lowerMedian),
        fastMedian: Math.exp(isSlowAbove ? modes.lowerMedian : modes.upperMedian),
        stretches: values.filter((each, at) => isSlow(each) && !(at > 0 && isSlow(values[at - 1] ?? each)))
          .length,
        ...(cause && { cause }),
      },
    ];
  }
  const places = values.flatMap((each) => {
    const place = each.logRatio ?? ownPlace(each, values);
    return place === undefined ? [] : [{ ...each, place }];
  });
  if (places.length < fewestTrials) return [];
  const centre = median(places.map(({ place }) => place));
  const spread = deviationScale * median(places.map(({ place }) => Math.abs(place - centre)));
  const bound = Math.max(leastDistance, outlyingDeviations * spread);
  const isOut = ({ place }: { place: number }) => Math.abs(place - centre) > bound;
  const out = places.filter(isOut);
  if (out.length === 0) return [];
  const cause = likelyCause(
    out,
    places.filter((each) => !isOut(each)),
    context,
  );
  return [{ code: 'outliers', subject, trials: out.length, of: places.length, ...(cause && { cause }) }];
}

/** Where a baseline's trial lies among those of its chain. */
function ownPlace(
  { value, block, chain }: MetricSummary['observations'][number],
  all: MetricSummary['observations'],
): number | undefined {
  const beside = all.filter((each) => each.block === block && each.chain === chain);
  return beside.length < 3 ? undefined : Math.log(value) - Math.log(median(beside.map((each) => each.value)));
}

/** What sets the odd trials apart from the others, of all that is recorded of a trial; undefined where nothing does. */
function likelyCause(
  odd: readonly { readonly order: number }[],
  others: readonly { readonly order: number }[],
  { byOrder, firstBlocks }: Context,
): LikelyCause | undefined {
  const shares = (of: (trial: OkTrial) => number | undefined) => {
    const [inOdd, inOthers] = [odd, others].map((each) =>
      meanOf(each.flatMap(({ order }) => byOrder.get(order) ?? []).map(of)),
    );
    return inOdd === undefined || inOthers === undefined ? undefined : { inOdd, inOthers };
  };
  const placement = shares((trial) => trial.placement?.togetherShare);
  if (placement && Math.abs(placement.inOdd - placement.inOthers) >= telling.placement)
    return { what: 'placement', ...placement };
  const steal = shares(({ cpu }) =>
    cpu.length === 0
      ? undefined
      : Math.max(...cpu.map(({ stealSeconds, wallSeconds, cores }) => stealSeconds / (wallSeconds * cores))),
  );
  if (steal && steal.inOdd - steal.inOthers >= telling.steal) return { what: 'steal', ...steal };
  const foreign = shares(({ foreignCpu = [] }) =>
    foreignCpu.length === 0 ? undefined : Math.max(...foreignCpu.map(({ share }) => share)),
  );
  if (foreign && foreign.inOdd - foreign.inOthers >= telling.foreignLoad)
    return { what: 'foreign-load', ...foreign };
  const anew = shares(({ block, generation }) => Number(firstBlocks.get(generation) === block));
  if (anew && anew.inOdd - anew.inOthers >= telling.madeAnew) return { what: 'made-anew', ...anew };
  return undefined;
}

function meanOf(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : known.reduce((sum, value) => sum + value, 0) / known.length;
}
