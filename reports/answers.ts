import { ranksNothing } from '../results/clock.ts';
import type { GateResult } from '../results/gate.ts';
import { pairedShift } from '../results/paired-shift.ts';
import type { Estimate, MeasuredScenario, MetricSummary, RunSummary } from '../results/summary.ts';
import { type Contender, costsAtMost, tiedWithFirst } from '../results/ties.ts';
import { traitsOf } from '../results/traits-of.ts';
import { changeText } from './change-text.ts';
import { protectionLevel } from './charts/trade-off-spec.ts';
import { formatConfidence, formatQuantity } from './format.ts';
import { verdictSentence } from './gate-prose.ts';
import { floorText } from './prose.ts';
import { headline, noiseFloors, type RankedTopology, scenarioName, weakestInterval } from './ranking.ts';
import { testbed } from './testbed.ts';
import { plainText } from './text.ts';
import { tieText } from './tie-text.ts';
import { topologyPhrase } from './topology-title.ts';

/** What a reader comes to ask, and what this run can say to it. Plain text. */
export interface Answer {
  readonly question: string;
  /** A few words; says so where the run has no answer. */
  readonly answer: string;
  readonly detail: string;
}

/** The five questions that a report answers first: cheapest, encryption, how sure, how proven, on what machine. */
export function answers(summary: RunSummary, topologies: readonly RankedTopology[]): Answer[] {
  // Across hosts first: it is the question that most readers come with.
  const ranked = [...topologies].sort((a, b) => (a.topology < b.topology ? -1 : 1));
  return [
    ...ranked.map(cheapest),
    ...ranked.filter(({ topology }) => topology === 'cross-host').map(encryption),
    certainty(summary, ranked),
    proof(summary),
    ...machine(summary, ranked),
  ];
}

/** What a live run of two arms answers: the verdict on the head, and how it was proven. */
export function liveAnswers(summary: RunSummary, result: GateResult): Answer[] {
  return [
    { question: 'Head against base', answer: verdictSentence(result), detail: result.remedy ?? '' },
    proof(summary),
  ];
}

interface Compared extends Contender {
  readonly scenario: MeasuredScenario;
  readonly metric: MetricSummary;
  readonly overhead: Estimate;
}

/** As engines ship them, each a network of its own: neither variants by options nor what shares somebody's stack. */
function candidates(ranked: RankedTopology): Compared[] {
  const workload = ranked.sortedBy;
  if (workload === undefined) return [];
  return ranked.measured.flatMap((scenario) => {
    const isAsShipped = Object.keys(scenario.plan.options).length === 0 && scenario.arm === undefined;
    if (scenario.isBaseline || !isAsShipped || (protectionLevel(scenario) ?? 1) === 0) return [];
    const metric = headline(scenario, workload);
    return metric?.overhead ? [{ scenario, metric, overhead: metric.overhead, isBaseline: false }] : [];
  });
}

function figure({ metric, overhead }: Pick<Compared, 'metric' | 'overhead'>): string {
  return `${formatQuantity(metric.median, metric.unit)}, ${changeText(overhead, metric.better)}`;
}

function cheapest(ranked: RankedTopology): Answer {
  const question = `Cheapest network, ${topologyPhrase(ranked.title)}`;
  const networks = candidates(ranked);
  const [best, ...others] = networks;
  if (!best) return { question, answer: 'not measured in this run', detail: whyNothing(ranked) };
  if (!best.overhead.interval && others.length === 0) {
    return {
      question,
      answer: `${name(best)}, by one comparison`,
      detail: `${figure(best)} on ${ranked.sortedBy} against ${ranked.baselineName ?? 'the baseline'}. Without an interval it may be chance.`,
    };
  }
  const tied = tiedWithFirst(networks);
  const dearest = networks.at(-1);
  const last = dearest && !tied.includes(dearest) ? `Dearest: ${name(dearest)}, ${figure(dearest)}.` : '';
  const against = `on ${ranked.sortedBy} against ${ranked.baselineName ?? 'the baseline'}`;
  if (tied.length > 1) {
    const which = `${names(tied)} can’t be told apart ${against}${best.overhead.interval ? ', side by side' : ': one comparison each'}.`;
    return {
      question,
      answer: tieText(tied.length, costsAtMost(tied), best.metric.better),
      detail: [which, last].filter(Boolean).join(' '),
    };
  }
  const clear = others.length > 0 ? 'Cheaper than each other network, side by side.' : '';
  const detail = [`${figure(best)} ${against}.`, clear, last];
  return { question, answer: name(best), detail: detail.filter(Boolean).join(' ') };
}

const name = ({ scenario }: Compared) => plainText(scenarioName(scenario));

function names(list: readonly Compared[]): string {
  const all = list.map(name);
  return all.length <= 1 ? all.join('') : `${all.slice(0, -1).join(', ')} and ${all.at(-1)}`;
}

function whyNothing(ranked: RankedTopology): string {
  const counts = { invalid: 0, failed: 0 };
  for (const { status } of ranked.measured) if (status !== 'ok') counts[status] += 1;
  if (counts.invalid > 0) return 'Every trial was refused by its witness or its machine; see the warnings.';
  if (counts.failed > 0) return 'No trial came to a figure; see the warnings.';
  return 'No network was compared with a baseline.';
}

/** What a reader may ask for whose run had no encrypted network at all. */
const usuallyEncrypted = 'overlay-encrypted';

function encryption(ranked: RankedTopology): Answer {
  const question = 'What encryption costs';
  const asShipped = ranked.measured.filter(({ plan, arm }) => Object.keys(plan.options).length === 0 && !arm);
  const encrypted = asShipped.find(({ plan }) => traitsOf(plan)?.encrypts);
  const plainDriver = encrypted && traitsOf(encrypted.plan)?.plainDriver;
  const plain = asShipped.find(({ plan }) => plan.driver === plainDriver);
  const workload = ranked.sortedBy;
  if (encrypted?.status !== 'ok' || !workload) {
    const unsupported = ranked.unsupported.find(({ plan }) => traitsOf(plan)?.encrypts);
    const name = encrypted?.plan.driver ?? unsupported?.plan.driver ?? usuallyEncrypted;
    const detail = unsupported
      ? `${plainText(unsupported.plan.driver)} is not supported here: ${plainText(unsupported.reason)}.`
      : `${plainText(name)} has no figure in this run.`;
    return { question, answer: 'not measured in this run', detail };
  }
  const metric = headline(encrypted, workload);
  const plainMetric = plain && headline(plain, workload);
  const direct = pairedShift(plainMetric, metric);
  const againstHost = metric?.overhead && figure({ metric, overhead: metric.overhead });
  const detail = againstHost
    ? `Encrypted ${plainText(plainDriver ?? 'network')} against ${ranked.baselineName ?? 'the baseline'}: ${againstHost}.`
    : '';
  if (!direct || !metric || !plainMetric) {
    return { question, answer: againstHost ?? 'not measured in this run', detail };
  }
  const { unit, better } = metric;
  return {
    question,
    answer: `${changeText(direct, better)} on the ${plainText(plainDriver ?? '')}`,
    detail:
      `${formatQuantity(metric.median, unit)} encrypted, ${formatQuantity(plainMetric.median, unit)} plain, ${workload}, ${direct.n} paired comparisons. ${detail}`.trim(),
  };
}

function certainty({ run }: RunSummary, ranked: readonly RankedTopology[]): Answer {
  const question = 'How sure that is';
  const weakest = weakestInterval(ranked, run.plan);
  if (!weakest)
    return {
      question,
      answer: 'not at all',
      detail: 'Too few trials were compared with a baseline for any interval.',
    };
  const floors = ranked.flatMap((topology) =>
    noiseFloors(topology)
      .filter(({ workload }) => workload === topology.sortedBy)
      .map((floor) => `${topologyPhrase(topology.title)} ${floorText(floor)}`),
  );
  const blocks = `${run.plan.blocks} ${run.plan.blocks === 1 ? 'block' : 'blocks'}`;
  return {
    question,
    answer: `${formatConfidence(weakest.confidence)} intervals, ${blocks}`,
    detail: [
      floors.length > 0
        ? `The smallest effect that could be seen, ${ranked[0]?.sortedBy}, median of the networks and range: ${floors.join('; ')}.`
        : '',
      run.state === 'finished' ? '' : 'The run is not finished.',
      ranksNothing(run) ? 'Made under an emulated kernel: the figures rank nothing.' : '',
    ]
      .filter(Boolean)
      .join(' '),
  };
}

function machine(summary: RunSummary, ranked: readonly RankedTopology[]): Answer[] {
  const known = testbed(summary, ranked);
  return known
    ? [{ question: 'On what machine', answer: known.machine, detail: known.sentences.join(' ') }]
    : [];
}

function proof(summary: RunSummary): Answer {
  const question = 'How it was proven';
  const total = { proven: 0, refuted: 0, unobserved: 0, absent: 0 };
  for (const { scenarios } of summary.topologies) {
    for (const scenario of scenarios) {
      if (scenario.status === 'unsupported') continue;
      for (const verdict of ['proven', 'refuted', 'unobserved', 'absent'] as const) {
        total[verdict] += scenario.witness[verdict];
      }
    }
  }
  const all = total.proven + total.refuted + total.unobserved + total.absent;
  if (all === 0) return { question, answer: 'nothing to prove', detail: 'No trial was measured.' };
  const others = [
    total.refuted > 0 ? `${total.refuted} took another path and are left out` : '',
    total.unobserved > 0 ? `${total.unobserved} could not be observed` : '',
    total.absent > 0 ? `${total.absent} had no witness` : '',
  ].filter(Boolean);
  return {
    question,
    answer: `path proven in ${formatQuantity(total.proven, 'count')} of ${formatQuantity(all, 'count')} trials`,
    detail:
      'By counters of interfaces, firewall and IPsec at both ends, read around each trial.' +
      (others.length > 0 ? ` ${others.join('; ')}.` : ''),
  };
}
