import type { RunSummary } from '../../results/summary.ts';
import { type Sweep, type Swept, sweepsOf } from '../../results/sweeps.ts';
import { plainText } from '../text.ts';
import { topologyTitle } from '../topology-title.ts';
import { looksOf } from './looks.ts';
import { shortName } from './overhead-spec.ts';
import type { LinesSpec } from './spec.ts';

/** What stands under the axis of what was varied. */
export const sweptTitles: Readonly<Record<Swept, string>> = {
  size: 'bytes of a message',
  mtu: 'MTU in bytes',
  streams: 'TCP connections at once',
  pairs: 'pairs at once on one network',
};

/** Charts of all sweeps of a run, across hosts first. */
export function sweepSpecs(summary: RunSummary): LinesSpec[] {
  const lookFor = looksOf(summary);
  return sweepsOf(summary)
    .sort((a, b) => (a.topology === b.topology ? 0 : a.topology === 'cross-host' ? -1 : 1))
    .map((sweep) => sweepSpec(sweep, topologyTitle(summary.run, sweep.topology), lookFor));
}

function sweepSpec(sweep: Sweep, topologyName: string, lookFor: (name: string) => number): LinesSpec {
  const { setting, workload, metric, unit, lines } = sweep;
  const values = lines.flatMap(({ points }) => points.map(({ value }) => value));
  const positive = values.filter((value) => value > 0);
  // Every quantity alike, so that a distance is a ratio in each of the charts; a share has an end.
  const isLogarithmic = positive.length === values.length && unit !== 'ratio';
  return {
    kind: 'lines',
    title: plainText(`${topologyName}: ${workload} ${metric} by ${sweptTitles[setting]}`),
    x: {
      title: sweptTitles[setting],
      unit: setting === 'size' || setting === 'mtu' ? 'byte' : 'count',
      isLogarithmic: true,
    },
    y: { title: metric, unit, isLogarithmic },
    lines: lines.map(({ scenario, isBaseline, points }) => ({
      name: shortName(nameIn(scenario)),
      look: isBaseline ? 0 : lookFor(nameIn(scenario)),
      points: points.map(({ at, value, low, high }) => ({
        x: at,
        y: rounded(value),
        ...(low !== undefined && high !== undefined ? { low: rounded(low), high: rounded(high) } : {}),
      })),
    })),
    spans: [],
  };
}

const nameIn = (scenario: string): string => scenario.replace(/^(?:same-host|cross-host)\//, '');

/** Five significant digits are more than a place in a chart shows. */
const rounded = (value: number) => Number(value.toPrecision(5));
