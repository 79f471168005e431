import { isCounted } from '../../results/clock.ts';
import type { RunRecord } from '../../results/schema.ts';
import type { RunSummary } from '../../results/summary.ts';
import { sweepsOf } from '../../results/sweeps.ts';
import { answersTo } from '../../results/traits-of.ts';
import { answers } from '../answers.ts';
import { countedMark, countedNote } from '../counted-prose.ts';
import { formatConfidence } from '../format.ts';
import { planSentence } from '../prose.ts';
import { type RankedTopology, rankAll } from '../ranking.ts';
import { plainText } from '../text.ts';
import { cpuUpTo } from './cpu-config.ts';
import { cpuSpec, indexTrials } from './cpu-spec.ts';
import { distributionSpec, workloadWithDistribution } from './distribution-spec.ts';
import type { FigurePage } from './figure-page.ts';
import { sweepSpecs } from './lines-spec.ts';
import { looksOf } from './looks.ts';
import { multiples } from './multiples.ts';
import { overheadSpec, witnessByOrder } from './overhead-spec.ts';
import { pathPages } from './path-pages.ts';
import type { ChartSpec } from './spec.ts';
import { timelineSpecs } from './timeline-spec.ts';
import { tradeOffSpec } from './trade-off-spec.ts';
import { type MetricView, metricViews } from './views.ts';

/** The pictures of a run, as far as there is something to draw. */
export function figurePages(summary: RunSummary, record: RunRecord): FigurePage[] {
  const ranked = rankAll(summary);
  // Across hosts first: it is the question that most readers come with.
  const order = [...ranked].reverse();
  const { views } = metricViews(summary);
  const [cost] = views;
  const lookFor = looksOf(summary);
  const footer = [...standing(summary, ranked), `again: ${plainText(summary.run.command)}`];
  const pages = [
    ...(cost ? [overheadPage(summary, record, ranked, order, cost)] : []),
    ...pathPages(order, record),
    distributionPage(summary, order, lookFor),
    cpuPage(order, record),
    ...(cost ? [tradeOffPage(order, cost)] : []),
    sweepPage(summary),
    timelinePage(record, lookFor),
  ];
  return pages.flatMap((page) =>
    page && page.charts.length > 0 ? [marked({ ...page, footer: [...page.footer, ...footer] }, summary)] : [],
  );
}

/** A picture of counted figures says so in its title and what that means: it stands alone. */
function marked(page: FigurePage, { run }: RunSummary): FigurePage {
  if (!isCounted(run)) return page;
  const remarks = page.remarks.includes(countedNote) ? page.remarks : [...page.remarks, countedNote];
  return { ...page, title: `${page.title} (${countedMark})`, remarks };
}

function overheadPage(
  summary: RunSummary,
  record: RunRecord,
  ranked: readonly RankedTopology[],
  order: readonly RankedTopology[],
  view: MetricView,
): FigurePage {
  const witnesses = witnessByOrder(record);
  const title = `What each container network costs: ${view.workload} ${view.metric}`;
  return {
    file: 'overhead.png',
    title,
    alt: `${title}, each network against the host network with interval and trials`,
    answers: answers(summary, ranked),
    remarks: [],
    charts: order.map((topology) => overheadSpec(topology, view, witnesses)),
    footer: [
      'Each dot is a trial against the host trials beside it; the bar is the interval, the diamond the estimate (a ' +
        'ring where the interval includes "equal"). ✓ path proven by counters, ! proven but for trials left out, ' +
        '✗ refuted, ? not observed.',
    ],
  };
}

/** What each picture must say to stand alone: which run, how sure, how proven, on what machine. */
function standing(summary: RunSummary, ranked: readonly RankedTopology[]): string[] {
  const { run } = summary;
  const label = plainText(run.label);
  const answered = answers(summary, ranked);
  const [sure, proven, machine] = ['How sure that is', 'How it was proven', 'On what machine'].map((wanted) =>
    answered.find(({ question }) => question === wanted),
  );
  return [
    `${label ? `${label} · ` : ''}${planSentence(summary)} · run ${plainText(run.id)}`,
    [sure?.answer, proven?.answer].filter(Boolean).join(' · '),
    ...(machine ? [`${machine.answer}. ${machine.detail}`] : []),
  ];
}

function distributionPage(
  { run }: RunSummary,
  order: readonly RankedTopology[],
  lookFor: (name: string) => number,
): FigurePage {
  const telling = answersTo(run.plan, 'rtt-p99').map(({ workload }) => workload);
  const charts = order.flatMap((topology) => {
    const workload = workloadWithDistribution(topology.measured, telling);
    const spec =
      workload && distributionSpec(topology.measured, workload, `${topology.title}: ${workload}`, lookFor);
    return spec ? multiples(spec) : [];
  });
  return {
    file: 'latency-cdf.png',
    title: 'How long a round trip takes',
    alt: 'Latency of each network by percentile',
    answers: [],
    remarks: [
      'All samples of all trials, merged, by percentile (each further nine takes as much room). Lower is faster; a line that climbs at its end has a long tail, and ends where fewer than ten samples lie beyond.',
    ],
    charts,
    footer: [],
  };
}

function cpuPage(order: readonly RankedTopology[], record: RunRecord): FigurePage {
  const trials = indexTrials(record);
  const [answer] = answersTo(record.run.plan, 'cpu');
  const charts = order.flatMap((topology) => {
    const spec =
      answer &&
      cpuSpec(topology.measured, answer.workload, trials, plainText(`${topology.title}: ${answer.workload}`));
    return spec ? [spec] : [];
  });
  // One scale for all: a bar twice as long is twice as much, whichever chart it is in.
  const upTo = Math.max(0, ...charts.map(cpuUpTo));
  return {
    file: 'cpu-per-gb.png',
    title: 'CPU time that a gigabyte costs',
    alt: 'CPU seconds per gigabyte of each network, split into user, system and interrupts',
    answers: [],
    remarks: [
      'Whole machines, kernel and interrupts included; medians over trials, with the interval of the sum. GB is 10⁹ bytes.',
    ],
    charts: charts.map((chart) => ({ ...chart, upTo })),
    footer: [],
  };
}

function tradeOffPage(order: readonly RankedTopology[], view: MetricView): FigurePage {
  const charts = order.flatMap((topology) => {
    const spec = tradeOffSpec(topology, view, `${topology.title}: ${view.workload} ${view.metric}`);
    return spec ? [spec] : [];
  });
  return {
    file: 'trade-off.png',
    title: 'What is paid for what is kept apart',
    alt: `${view.workload} ${view.metric} against protection gained, for each network`,
    answers: [],
    remarks: [`${view.workload} ${view.metric} against the level of protection that the wiring gives.`],
    charts,
    footer: [],
  };
}

function sweepPage(summary: RunSummary): FigurePage {
  return {
    file: 'sweep.png',
    title: 'How it goes with what was varied',
    alt: 'Lines of each network over what was varied, with interval bands',
    answers: [],
    remarks: [
      `Estimates over trials (Hodges–Lehmann, of the logarithms); the band is their interval, ${bandLevels(summary)}.`,
    ],
    charts: sweepSpecs(summary).flatMap(multiples),
    footer: [],
  };
}

/** What the bands of sweeps hold, and of how many trials: `which holds 50 % (2 trials)`. */
function bandLevels(summary: RunSummary): string {
  const points = sweepsOf(summary).flatMap(({ lines }) => lines.flatMap((line) => line.points));
  const levels = points.flatMap(({ confidence }) => confidence ?? []);
  if (levels.length === 0) return 'of which there is none here';
  const [least, most] = [Math.min(...levels), Math.max(...levels)].map(formatConfidence);
  const trials = [...new Set(points.map(({ n }) => n))].sort((a, b) => a - b);
  const counted = trials.length === 1 ? `${trials[0]}` : `${trials[0]} to ${trials.at(-1)}`;
  return `which holds ${least === most ? least : `${least} to ${most}`} (${counted} trials)`;
}

function timelinePage(record: RunRecord, lookFor: (name: string) => number): FigurePage {
  return {
    file: 'over-time.png',
    title: 'Latency before, under and after load',
    alt: 'Round-trip time of each network over the seconds of a trial, and the rate of the load beside it',
    answers: [],
    remarks: [
      'Medians of short stretches, median over trials; the band is from the least to the greatest trial. Grey: the load is on.',
    ],
    charts: timelineSpecs(record, lookFor).flatMap(multiples),
    footer: [],
  };
}

/** A chart's title in words that stand without its picture. */
export function chartTitle(spec: ChartSpec): string {
  switch (spec.kind) {
    case 'overhead':
      return `${spec.title}: cost of each network against ${spec.baseline}`;
    case 'distribution':
      return `${spec.title}: cumulative latency distribution`;
    case 'cpu':
      return `${spec.title}: CPU time in user, system and interrupts`;
    case 'lines':
      return spec.title;
    case 'history':
      return `${spec.title}: over runs`;
    case 'trade-off':
      return `${spec.title}: cost against protection`;
    case 'path':
      return `${spec.title}: where its instructions go, counted`;
    case 'icicle':
      return `${spec.title}: instructions by part of the path and function, counted`;
  }
}
