import { changeOf } from '../../results/change.ts';
import { commonReasonText } from '../../results/reason-text.ts';
import type {
  MeasuredScenario,
  MetricSummary,
  ScenarioSummary,
  WorkloadSummary,
} from '../../results/summary.ts';
import { warningText } from '../../results/warning-text.ts';
import { changeText, sideOf, sideWords } from '../change-text.ts';
import type { ChartSpec } from '../charts/spec.ts';
import {
  formatConfidence,
  formatFloor,
  formatInterval,
  formatPercentChange,
  formatQuantity,
  formatRange,
  formatShare,
} from '../format.ts';
import { failureWord, pathVerdict, witnessMarks, witnessWords } from '../prose.ts';
import { headline, scenarioName } from '../ranking.ts';
import { plainText } from '../text.ts';
import { figure, heldShare, table } from './figures.ts';
import { html, type Markup } from './markup.ts';
import { pathPart } from './path.ts';
import type { CheckSummary } from './witness-checks.ts';

/** What a network's section needs beside its summary. */
export interface NetworkContext {
  readonly sortedBy: string | undefined;
  readonly checks: readonly CheckSummary[];
  /** Charts of this network beside its baseline, with the ids of their canvases. */
  readonly charts: readonly { readonly id: string; readonly spec: ChartSpec }[];
}

/** The section of one network: how its packets went and what proves it, what it costs, where the CPU went. */
export function networkSection(scenario: MeasuredScenario, context: NetworkContext): Markup {
  const verdict = pathVerdict(scenario.witness);
  const metric = context.sortedBy === undefined ? undefined : headline(scenario, context.sortedBy);
  return html`<details class="network" id="${scenario.id}${scenario.arm && `-${scenario.arm}`}">
<summary><span class="name">${plainText(scenarioName(scenario))}</span>
<span class="figure">${summaryFigure(scenario, metric)}</span>
<span class="muted">${witnessMarks[verdict]} ${witnessWords[verdict]}</span></summary>
<div class="inside">
${scenario.reason !== undefined && html`<p class="note break">${failureWord(scenario)}: ${plainText(scenario.reason)}</p>`}
${pathPart(scenario, context.checks)}
${factsPart(scenario)}
${context.charts.length > 0 && html`<div class="two">${context.charts.map(({ id, spec }) => figure(id, spec))}</div>`}
${scenario.workloads.length > 0 && metricsTable(scenario)}
${percentilesPart(scenario)}
${loadsPart(scenario)}
${troublePart(scenario)}
</div></details>`;
}

export function unsupportedSection(scenario: Extract<ScenarioSummary, { status: 'unsupported' }>): Markup {
  return html`<details class="network" id="${scenario.id}"><summary><span class="name">${plainText(scenarioName(scenario))}</span>
<span class="muted">not supported here</span></summary>
<div class="inside"><p class="break">${plainText(scenario.reason)}</p><p class="break"><b>What helps:</b> ${plainText(scenario.remedy)}</p></div></details>`;
}

function summaryFigure(scenario: MeasuredScenario, metric: MetricSummary | undefined): string {
  if (!metric) return failureWord(scenario);
  if (scenario.isBaseline) return `${formatQuantity(metric.median, metric.unit)}, baseline`;
  if (!metric.overhead) return formatQuantity(metric.median, metric.unit);
  const { overhead, better, median, unit } = metric;
  return `${formatQuantity(median, unit)}, ${changeText(overhead, better)}, ${sideWords[sideOf(overhead)]}`;
}

function factsPart(scenario: MeasuredScenario): Markup {
  const { counts, pair } = scenario;
  const mss = scenario.workloads
    .flatMap(({ metrics }) => metrics)
    .find(({ name, unit }) => name === 'mss' && unit === 'byte');
  const facts: [string, string][] = [
    ['MTU', pair?.mtuBytes === undefined ? 'not read' : `${pair.mtuBytes} B`],
    ['TCP MSS', mss ? formatQuantity(mss.median, 'byte') : 'not read'],
    ['server reached at', pair ? plainText(pair.serverAddress) : '–'],
    ['trials', `${counts.ok} count, ${counts.invalid} invalid, ${counts.failed} failed`],
    [
      'path proven in',
      heldShare(
        scenario.witness.proven,
        scenario.witness.proven +
          scenario.witness.refuted +
          scenario.witness.unobserved +
          scenario.witness.absent,
      ),
    ],
  ];
  const options = Object.entries(scenario.plan.options);
  if (options.length > 0)
    facts.push(['options', options.map(([key, value]) => plainText(`${key}=${value}`)).join(', ')]);
  return html`<dl class="facts">${facts.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

function metricsTable(scenario: MeasuredScenario): Markup {
  return html`<h4>All figures</h4>
<div class="scroll" tabindex="0" role="region" aria-label="All figures of ${plainText(scenario.id)}"><table>
<thead><tr><th scope="col">workload</th><th scope="col">metric</th><th scope="col" class="number">median</th><th scope="col" class="number">range</th><th scope="col" class="number">change</th><th scope="col" class="number">interval</th><th scope="col">finding</th><th scope="col" class="number">n</th><th scope="col" class="number">noise floor</th></tr></thead>
<tbody>${scenario.workloads.flatMap((workload) => workload.metrics.map((metric) => metricRow(workload, metric)))}</tbody></table></div>`;
}

function metricRow(workload: WorkloadSummary, metric: MetricSummary): Markup {
  const { overhead, noiseFloor, unit } = metric;
  const change = overhead && changeOf(overhead, metric.better);
  const side = overhead && sideOf(overhead);
  const tone = side === 'worse' || side === 'better' ? side : '';
  const interval = change?.interval;
  return html`<tr><th scope="row">${plainText(workload.id)}</th><td>${plainText(metric.name)}</td>
<td class="number">${formatQuantity(metric.median, unit)}</td>
<td class="number">${formatRange(metric.min, metric.max, unit)}</td>
<td class="number"><span class="${tone}">${change ? formatPercentChange(change.estimate) : '–'}</span></td>
<td class="number">${interval ? `${formatInterval(interval)} at ${formatConfidence(interval.confidence)}` : '–'}</td>
<td><span class="${tone}">${side ? sideWords[side] : '–'}</span></td>
<td class="number">${metric.n}</td>
<td class="number">${noiseFloor ? formatFloor(noiseFloor.effect) : '–'}</td></tr>`;
}

function percentilesPart(scenario: MeasuredScenario): Markup | undefined {
  const rows = scenario.workloads.flatMap(({ id, distributions }) =>
    distributions.map(({ metric, samples, percentilesSeconds }) => [
      plainText(`${id} ${metric}`),
      samples.toLocaleString('en-GB'),
      ...(['p50', 'p90', 'p99', 'p99.9', 'p99.99'] as const).map((name) =>
        formatQuantity(percentilesSeconds[name], 's'),
      ),
    ]),
  );
  if (rows.length === 0) return undefined;
  return html`<h4>Percentiles of all samples, merged</h4><div class="scroll" tabindex="0" role="region" aria-label="Percentiles">${table(['distribution', 'samples', 'p50', 'p90', 'p99', 'p99.9', 'p99.99'], rows)}</div>`;
}

function loadsPart(scenario: MeasuredScenario): Markup | undefined {
  const rows = scenario.workloads.flatMap(({ id, machines }) =>
    machines.map(({ machine, cores, busiestCoreShare, busiestSoftirqShare, stealShare, foreignShare }) => [
      plainText(id),
      `${plainText(machine).slice(0, 8)}, ${cores} cores`,
      formatShare(busiestCoreShare),
      formatShare(busiestSoftirqShare),
      formatShare(stealShare),
      foreignShare === undefined ? '–' : formatShare(foreignShare),
    ]),
  );
  if (rows.length === 0) return undefined;
  return html`<details><summary class="small">Load of the machines</summary><div class="scroll" tabindex="0" role="region" aria-label="Load of the machines">${table(['workload', 'machine', 'busiest core', 'of it interrupts', 'stolen', 'other programs'], rows)}</div></details>`;
}

function troublePart(scenario: MeasuredScenario): Markup | undefined {
  const lost = scenario.counts.reasons.map(
    ({ status, count, ...common }) => `${count} ${status}: ${plainText(commonReasonText(common))}`,
  );
  const warnings = scenario.workloads.flatMap(({ id, warnings: each }) =>
    each.map(
      ({ warning, count }) =>
        `${plainText(id)}: ${plainText(warningText(warning))}${count > 1 ? ` (${count} trials)` : ''}`,
    ),
  );
  if (lost.length + warnings.length === 0) return undefined;
  return html`<h4>Left out, and warnings</h4><ul class="plain">${[...lost, ...warnings].map((text) => html`<li>${text}</li>`)}</ul>`;
}
