import { clockOf } from '../../results/clock.ts';
import type { GateResult } from '../../results/gate.ts';
import { jsonOutput } from '../../results/json-output.ts';
import type { RunRecord } from '../../results/schema.ts';
import type { MeasuredScenario, RunSummary } from '../../results/summary.ts';
import { answersTo } from '../../results/traits-of.ts';
import { liveAnswers } from '../answers.ts';
import { cpuSpec, indexTrials, type TrialIndex } from '../charts/cpu-spec.ts';
import { distributionSpec, workloadWithDistribution } from '../charts/distribution-spec.ts';
import { figurePages } from '../charts/figures.ts';
import { looksOf } from '../charts/looks.ts';
import { overheadSpec, witnessByOrder } from '../charts/overhead-spec.ts';
import { type PathFigures, pathFigures, scenarioIcicle } from '../charts/path-pages.ts';
import type { ChartSpec } from '../charts/spec.ts';
import { metricViews } from '../charts/views.ts';
import { csvTrials } from '../csv.ts';
import { matrixOf } from '../matrix.ts';
import type { WorkloadNotes } from '../method.ts';
import { type RankedTopology, rankAll, scenarioName } from '../ranking.ts';
import { sweepTables } from '../sweep-table.ts';
import { plainText } from '../text.ts';
import { backMatter } from './back-matter.ts';
import { pageProgram } from './bundle.ts';
import { compactTrials, mostTrialsInPage } from './compact-trials.ts';
import { comparisonSections } from './comparison.ts';
import { htmlDocument } from './document.ts';
import { figureSection } from './figures.ts';
import { fileStem } from './file-stem.ts';
import { costSection, header } from './first-screen.ts';
import { html, jsonScript, type Markup } from './markup.ts';
import { matrixSection } from './matrix.ts';
import { networkSection, unsupportedSection } from './network.ts';
import { type PageData, pageDataId } from './page-data.ts';
import { checksByScenario, checksKey } from './witness-checks.ts';

export interface HtmlOptions {
  readonly workloadNotes?: WorkloadNotes;
  /** How a live comparison was judged; its arms are compared with one another, not with the host. */
  readonly judged?: GateResult;
  /** Further sections, shown after the figures: the guide's claims, advice. */
  readonly sections?: readonly Markup[];
}

/** The report of a run as one page that needs nothing else and asks nothing of any network. */
export async function renderHtml(
  summary: RunSummary,
  record: RunRecord,
  options: HtmlOptions = {},
): Promise<string> {
  const program = await pageProgram();
  // Across hosts first, as in the pictures: it is the question that most readers come with.
  const ranked = rankAll(summary).reverse();
  const views = metricViews(summary);
  const witnesses = witnessByOrder(record);
  const charts = new Map<string, ChartSpec>();
  const figures = figurePages(summary, record)
    .filter(({ file }) => file !== 'overhead.png')
    .map((page) => {
      const id = (index: number) => `${page.file.replace('.png', '')}-${index}`;
      page.charts.forEach((spec, index) => {
        charts.set(id(index), spec);
      });
      return figureSection(page, id);
    });
  const { judged } = options;
  const inTables = new Set(sweepTables(summary).flatMap(({ workloads }) => workloads));
  const isLong = record.trials.length > mostTrialsInPage;
  const body = html`${header(summary, ranked, isLong, judged && liveAnswers(summary, judged))}
<main>
${judged ? comparisonSections(judged, charts) : costSection(ranked, views)}
${!judged && matrixSection(ranked.map((topology) => matrixOf(topology, inTables)))}
${options.sections ?? []}
${figures}
${networks(ranked, record, charts, looksOf(summary))}
${backMatter(summary, ranked, options.workloadNotes ?? {})}
</main>`;
  const data: PageData = {
    run: summary.run.id,
    fileStem: fileStem(summary.run.id),
    views: views.views,
    overhead: Object.fromEntries(
      views.views.map((view) => [
        view.key,
        ranked.map((topology) => overheadSpec(topology, view, witnesses)),
      ]),
    ),
    charts: Object.fromEntries(charts),
    json: jsonOutput(summary, judged?.verdict),
    clock: clockOf(record.run),
    trials: compactTrials(isLong ? [] : csvTrials(record.trials, record.run)),
  };
  return htmlDocument({
    title: `Tare: ${plainText(summary.run.label) || plainText(summary.run.id)}`,
    body,
    data: jsonScript(pageDataId, data),
    program,
  });
}

function networks(
  ranked: readonly RankedTopology[],
  record: RunRecord,
  charts: Map<string, ChartSpec>,
  lookFor: (name: string) => number,
): Markup {
  const checks = checksByScenario(record);
  const trials = indexTrials(record);
  const cpuWorkload = answersTo(record.run.plan, 'cpu')[0]?.workload;
  const tailWorkloads = answersTo(record.run.plan, 'rtt-p99').map(({ workload }) => workload);
  const figures = pathFigures(record);
  return html`<section class="block on-screen"><h2>Each network</h2>
<p class="muted">Its path with the counters that prove it, all figures, where the CPU time went, the latency distribution. <button type="button" id="open-all">Open all</button></p>
${ranked.map(
  (topology) => html`<h3 class="topology">${topology.title}</h3>
${topology.measured.map((scenario) =>
  networkSection(scenario, {
    sortedBy: topology.sortedBy,
    checks: checks.get(checksKey(scenario.id, scenario.arm)) ?? [],
    charts: networkCharts(scenario, topology, {
      trials,
      cpuWorkload,
      tailWorkloads,
      charts,
      figures,
      lookFor,
    }),
  }),
)}
${topology.unsupported.map(unsupportedSection)}`,
)}
</section>`;
}

interface ChartSources {
  /** That tells what a gigabyte costs in CPU time, where the run has one. */
  readonly cpuWorkload: string | undefined;
  /** Those that tell the 99th percentile, the best first. */
  readonly tailWorkloads: readonly string[];
  readonly trials: TrialIndex;
  /** Where charts are put, by the ids of their canvases. */
  readonly charts: Map<string, ChartSpec>;
  readonly figures: PathFigures | undefined;
  readonly lookFor: (name: string) => number;
}

/** The network beside its baseline: CPU split and latency distribution, where there are any. */
function networkCharts(
  scenario: MeasuredScenario,
  topology: RankedTopology,
  { trials, cpuWorkload, tailWorkloads, charts, figures, lookFor }: ChartSources,
): { id: string; spec: ChartSpec }[] {
  const baseline = topology.measured.find(({ isBaseline }) => isBaseline);
  const pair = scenario.isBaseline || !baseline ? [scenario] : [baseline, scenario];
  const latencyWorkload = workloadWithDistribution([scenario], tailWorkloads);
  const beside = pair.map((each) => plainText(scenarioName(each))).join(' and ');
  const path = figures && scenarioIcicle(scenario, topology, figures);
  const made = [
    path,
    cpuWorkload &&
      cpuSpec(pair, cpuWorkload, trials, plainText(`CPU time per GB, ${cpuWorkload}: ${beside}`)),
    latencyWorkload &&
      distributionSpec(pair, latencyWorkload, `Latency, ${latencyWorkload}: ${beside}`, lookFor),
  ];
  return made.flatMap((spec) => {
    if (!spec) return [];
    const id = `${spec.kind}-${scenario.id}${scenario.arm ?? ''}`;
    charts.set(id, spec);
    return [{ id, spec }];
  });
}
