import { isCounted } from '../../results/clock.ts';
import type { RunSummary } from '../../results/summary.ts';
import { changeText, type Side, sideOf, sideWords } from '../change-text.ts';
import { countedMark } from '../counted-prose.ts';
import { formatQuantity } from '../format.ts';
import { rankAll, scenarioName } from '../ranking.ts';
import { plainText } from '../text.ts';
import type { Badge } from './badge.ts';

/** A run on a site, by the name that its links have. */
export interface SiteRun {
  /** Small letters, digits and dashes. */
  readonly name: string;
  readonly summary: RunSummary;
  /** Files of its report, by name. */
  readonly files: readonly string[];
}

/** One figure of a run, with what it is linked by. All texts are harmless, not yet escaped. */
export interface SiteFigure {
  readonly topology: string;
  readonly scenario: string;
  readonly network: string;
  readonly workload: string;
  readonly metric: string;
  readonly isBaseline: boolean;
  /** Whether it is the workload's first, which tables show. */
  readonly isFirst: boolean;
  readonly value: string;
  /** `−31 % [−35, −27]`; absent for the baseline and where nothing was compared. */
  readonly change?: string;
  readonly side?: Side;
  readonly n: number;
  /** Within the run's page of figures. */
  readonly anchor: string;
  /** Within the run's folder; the first figure of each workload that was compared has one. */
  readonly badge?: string;
}

export const clockOf = ({ run }: RunSummary): 'counted' | 'wall clock' =>
  isCounted(run) ? 'counted' : 'wall clock';

/** Every figure of a run, topology by topology, in the order of its tables. */
export function figuresOf({ summary }: Pick<SiteRun, 'summary'>): SiteFigure[] {
  return rankAll(summary).flatMap(({ topology, measured }) =>
    measured.flatMap((scenario) =>
      scenario.workloads.flatMap((workload) =>
        workload.metrics.map((metric, index): SiteFigure => {
          const change = scenario.isBaseline ? undefined : metric.overhead;
          const id = `${scenario.id}${scenario.arm ? `-${scenario.arm}` : ''}`;
          const isFirst = index === 0;
          return {
            topology,
            scenario: plainText(id),
            network: plainText(scenarioName(scenario)),
            workload: plainText(workload.id),
            metric: plainText(metric.name),
            isBaseline: scenario.isBaseline,
            isFirst,
            value: formatQuantity(metric.median, metric.unit),
            ...(change && { change: changeText(change, metric.better, 0), side: sideOf(change) }),
            n: metric.n,
            anchor: `${urlSafe(id)}/${urlSafe(workload.id)}/${urlSafe(metric.name)}`,
            ...(change && isFirst && { badge: `badges/${fileSafe(`${id}-${workload.id}`)}.svg` }),
          };
        }),
      ),
    ),
  );
}

/** Keeps links as people write them: `same-host/bridge@mtu=9000`. */
const urlSafe = (text: string): string => text.replace(/[^\w@=.+/-]/g, '-');
const fileSafe = (text: string): string => text.replace(/[^\w.-]/g, '-');

/** `bridge: tcp-rr overhead` and the change with its word. */
export function badgeOf(figure: SiteFigure, clock: ReturnType<typeof clockOf>): Badge | undefined {
  const { network, workload, change, side } = figure;
  if (change === undefined || side === undefined) return undefined;
  const mark = clock === 'counted' ? `, ${countedMark}` : '';
  return {
    subject: `${network}: ${workload} overhead${mark}`,
    finding: `${change}, ${sideWords[side]}`,
    tone: side === 'worse' || side === 'better' ? side : 'unsure',
  };
}
