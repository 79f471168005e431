import { percentText } from './figure-text.ts';
import type { ForeignCpu, Run, Trial } from './schema.ts';
import { median } from './statistics/order.ts';
import type { FoundWarning } from './warnings.ts';

/**
 * From this share of a machine's CPU on, other programs' load is said. An idle desktop takes one or two hundredths; a
 * twentieth is a tenth of a core where there are two, and moves figures by about as much.
 */
export const notableForeignShare = 0.05;
/** A run is warned about from this share of its trials on: one burst in a hundred trials moves no median. */
const notableTrials = 0.05;
const namedPrograms = 3;

/** What other programs took of one machine's CPU in the trials of a run. */
export interface ForeignLoad {
  readonly machine: string;
  /** Trials of which it is known. */
  readonly trials: number;
  /** Of them, those in which it was notable. */
  readonly loaded: number;
  /** Share of all cores' time, 0 to 1. */
  readonly medianShare: number;
  readonly mostShare: number;
  /** Cores that the greediest programs kept busy, on average over these trials. */
  readonly top: readonly { readonly name: string; readonly cores: number }[];
}

/** The foreign load of each machine, over all trials that were measured, whether they count or not. */
export function foreignLoads(trials: readonly Trial[]): ForeignLoad[] {
  const measured = trials.flatMap((trial) =>
    trial.status === 'failed'
      ? []
      : (trial.foreignCpu ?? []).map((foreign) => ({
          foreign,
          wallSeconds: trial.cpu.find(({ machine }) => machine === foreign.machine)?.wallSeconds ?? 0,
        })),
  );
  const machines = [...new Set(measured.map(({ foreign }) => foreign.machine))];
  return machines.map((machine) => {
    const own = measured.filter(({ foreign }) => foreign.machine === machine);
    const shares = own.map(({ foreign }) => foreign.share);
    const wallSeconds = own.reduce((sum, each) => sum + each.wallSeconds, 0);
    const seconds = new Map<string, number>();
    for (const { name, cpuSeconds } of own.flatMap(({ foreign }) => foreign.top))
      seconds.set(name, (seconds.get(name) ?? 0) + cpuSeconds);
    return {
      machine,
      trials: own.length,
      loaded: shares.filter((share) => share >= notableForeignShare).length,
      medianShare: median(shares),
      mostShare: Math.max(...shares),
      top: [...seconds]
        .sort(([, a], [, b]) => b - a)
        .map(([name, used]) => ({ name, cores: wallSeconds > 0 ? used / wallSeconds : 0 })),
    };
  });
}

/** Whether so many trials were under foreign load that the run's figures are. */
export function isLoaded({ loaded, trials }: ForeignLoad): boolean {
  return loaded > 0 && loaded >= trials * notableTrials;
}

/** What a report says of the machines that had other work to do; nothing of those that had none. */
export function foreignLoadWarnings(run: Run, trials: readonly Trial[]): FoundWarning[] {
  return foreignLoads(trials)
    .filter(isLoaded)
    .map(({ machine, medianShare, mostShare, top }) => ({
      code: 'foreign-load',
      engines: enginesOn(run, machine),
      medianShare,
      mostShare,
      programs: top.slice(0, namedPrograms),
    }));
}

/** `45 % (stress-ng 1.8 cores)`. */
export function loadText({ medianShare, top }: ForeignLoad): string {
  return medianShare < notableForeignShare
    ? percentText(medianShare)
    : `${percentText(medianShare)} (${coreList(top)})`;
}

/** Names of the engines on a machine; none where the run had one machine. */
function enginesOn(run: Run, machine: string): string[] {
  if (new Set(run.fingerprints.map((each) => each.machine)).size < 2) return [];
  const engines = run.fingerprints.filter((each) => each.machine === machine).map(({ engine }) => engine);
  return [...new Set(engines)];
}

/** `stress-ng 1.8 cores, node 0.2 cores`. */
export function coreList(top: ForeignLoad['top']): string {
  const [first, ...others] = top.slice(0, namedPrograms);
  if (!first) return 'none of them long';
  return [
    `${first.name} ${first.cores.toFixed(1)} cores`,
    ...others.filter(({ cores }) => cores >= 0.05).map(({ name, cores }) => `${name} ${cores.toFixed(1)}`),
  ].join(', ');
}

/** The programs of one reading, by the cores that each kept busy. */
export function programsOf(top: ForeignCpu['top'], wallSeconds: number): { name: string; cores: number }[] {
  return top.map(({ name, cpuSeconds }) => ({ name, cores: wallSeconds > 0 ? cpuSeconds / wallSeconds : 0 }));
}
