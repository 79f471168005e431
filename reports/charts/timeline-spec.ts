import type { RunRecord } from '../../results/schema.ts';
import { type TimelineView, timelinesOf } from '../../results/timelines.ts';
import { plainText } from '../text.ts';
import { topologyTitle } from '../topology-title.ts';
import { shortName } from './overhead-spec.ts';
import type { LinesSpec } from './spec.ts';

const titles: Readonly<Record<string, string>> = { rtt: 'round trip', sent: 'rate of the load’s sender' };

/** How figures went within trials, across hosts first. */
export function timelineSpecs(record: RunRecord, lookFor: (name: string) => number): LinesSpec[] {
  return timelinesOf(record)
    .sort((a, b) => (a.topology === b.topology ? 0 : a.topology === 'cross-host' ? -1 : 1))
    .map((view) => timelineSpec(view, topologyTitle(record.run, view.topology), lookFor));
}

function timelineSpec(
  { workload, series, unit, spans, lines }: TimelineView,
  topologyName: string,
  lookFor: (name: string) => number,
): LinesSpec {
  const name = titles[series] ?? series;
  return {
    kind: 'lines',
    title: plainText(`${topologyName}: ${name} over time, ${workload}`),
    x: { title: 'seconds since the trial’s first sample', unit: 's', isLogarithmic: false },
    y: { title: name, unit, isLogarithmic: unit === 's' },
    lines: lines.map(({ scenario, points }) => ({
      name: shortName(nameIn(scenario)),
      look: lookFor(nameIn(scenario)),
      points: points.map(({ seconds, value, low, high }) => ({
        x: Number(seconds.toFixed(3)),
        y: value,
        ...(low < high ? { low, high } : {}),
      })),
    })),
    spans: spans.map(({ name: span, fromSeconds, toSeconds }) => ({
      from: fromSeconds,
      to: toSeconds,
      name: plainText(span),
    })),
  };
}

const nameIn = (scenario: string): string => scenario.replace(/^(?:same-host|cross-host)\//, '');
