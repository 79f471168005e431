import type { Histogram, Metric, Timeline } from '../../results/schema.ts';
import type { TrialWarning } from '../../results/warnings.ts';
import { kinds, type MetricKind, measured, type Parsed, refused } from './metrics.ts';

/** A figure as a tool gave it: anything at all, until it is judged. */
export interface Given {
  readonly kind: MetricKind;
  /** Absent, no number or out of every range where the tool had a bad day. */
  readonly value: unknown;
  /** Greatest value that is possible in this trial, where that is less than what is possible at all. */
  readonly most?: number;
}

export const given = (kind: MetricKind, value: unknown, most?: number): Given => ({
  kind,
  value,
  ...(most === undefined ? {} : { most }),
});

interface Range {
  readonly least: number;
  readonly most: number;
}

/** Ten times the fastest link that is sold, and more than any machine's memory moves. */
export const mostBitsPerSecond = 1e13;
const longestSeconds = 86_400;
/** A negative count that a tool keeps without a sign becomes one of at least this. */
const leastWrapped = 2 ** 31;

const ranges: Readonly<Record<string, Range>> = {
  'bit/s': { least: 0, most: mostBitsPerSecond },
  '1/s': { least: 0, most: 1e9 },
  s: { least: 0, most: longestSeconds },
  count: { least: 0, most: leastWrapped - 1 },
  // A sum of quotients may end a hair above one.
  ratio: { least: 0, most: 1 + 1e-9 },
  byte: { least: 1, most: 65_535 },
  // Cores: no machine has more.
  [kinds.cpuClient.name]: { least: 0, most: 8192 },
  [kinds.cpuServer.name]: { least: 0, most: 8192 },
  [kinds.rttRise.name]: { least: -longestSeconds, most: longestSeconds },
};

/** What a figure is called in a sentence, where its name is too short for that. */
const words: Readonly<Record<string, string>> = {
  [kinds.retransmits.name]: 'count of retransmissions',
  [kinds.mss.name]: 'segment size',
  [kinds.loss.name]: 'share of lost datagrams',
  [kinds.cpuClient.name]: 'CPU use of the client',
  [kinds.cpuServer.name]: 'CPU use of the server',
};

/** A value in a sentence: short, whatever the tool wrote there. */
function shown(value: unknown): string {
  if (value === undefined) return 'none';
  return typeof value === 'number' ? String(value).replace('-', '−') : typeof value;
}

function isPossible({ kind, value, most }: Given): boolean {
  const range = ranges[kind.name] ?? ranges[kind.unit];
  if (typeof value !== 'number' || !Number.isFinite(value)) return false;
  return !range || (value >= range.least && value <= Math.min(range.most, most ?? range.most));
}

/** What else a trial has to tell beside its figures. */
interface Rest {
  readonly histogram?: Histogram;
  readonly timeline?: Timeline;
  readonly payloadBytes?: number;
  readonly transactions?: number;
  readonly measuredSeconds?: number;
  readonly warnings?: readonly TrialWarning[];
}

/**
 * A tool's figures as a parsed output. The first is what the trial is about: where it can't be, there is no trial. Of
 * the others, each that can't be is left out with a warning, and so are latencies that contradict one another. Nothing
 * is bent into what could be.
 */
export function parsedFigures(tool: string, figures: readonly Given[], rest: Rest): Parsed {
  const [main] = figures;
  if (!main || !isPossible(main))
    return refused(
      `${tool} gave a ${main?.kind.name ?? 'figure'} that can't be: ${shown(main?.value)}${main ? ` ${main.kind.unit}` : ''}.`,
    );
  const warnings = [...(rest.warnings ?? [])];
  const possible: Metric[] = [];
  for (const figure of figures) {
    if (isPossible(figure)) possible.push(measured(figure.kind, figure.value as number));
    else {
      const name = words[figure.kind.name] ?? figure.kind.name;
      warnings.push({ code: 'figure-left-out', tool, figure: name, value: shown(figure.value) });
    }
  }
  const contradiction = latencyContradiction(possible);
  if (contradiction) warnings.push({ code: 'latencies-contradict', tool, ...contradiction });
  const metrics = contradiction ? possible.filter(({ name }) => !isLatency(name)) : possible;
  if (metrics.length === 0 || metrics[0]?.name !== main.kind.name)
    return refused(
      `${tool}'s latencies contradict one another: ${contradiction?.lower} is above ${contradiction?.higher}.`,
    );
  const { histogram, ...others } = rest;
  return {
    type: 'parsed',
    ...others,
    ...(histogram && !contradiction ? { histogram } : {}),
    metrics,
    warnings,
  };
}

const latencyName = /^(?:rtt|latency)-(min|max|p([\d.]+))$/;
const isLatency = (name: string) => latencyName.test(name);

/** Tools that count in buckets place a percentile within its bucket, which may reach beyond the least or greatest value. */
const bucketFactor = 2;

/** The first two latencies that can't both be; undefined where all agree. */
function latencyContradiction(
  metrics: readonly Metric[],
): { readonly lower: string; readonly higher: string } | undefined {
  const found = metrics.flatMap(({ name, value }) => {
    const match = latencyName.exec(name);
    if (!match) return [];
    const rank = match[1] === 'min' ? -1 : match[1] === 'max' ? 101 : Number(match[2]);
    return [{ name, value, rank }];
  });
  found.sort((a, b) => a.rank - b.rank);
  for (const [index, low] of found.entries()) {
    const high = found[index + 1];
    if (!high) break;
    const isBucketed = (low.rank === -1) !== (high.rank === 101);
    const least = isBucketed ? low.value / bucketFactor : low.value;
    if (high.value < least) return { lower: low.name, higher: high.name };
  }
  return undefined;
}
