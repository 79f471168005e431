import type { RunSummary } from '../../results/summary.ts';
import { type Answer, answers } from '../answers.ts';
import { signLegend } from '../change-text.ts';
import type { MetricViews } from '../charts/views.ts';
import { packetSizeSentence } from '../packet-sizes.ts';
import { countSentence, headerLines, planSentence } from '../prose.ts';
import type { RankedTopology } from '../ranking.ts';
import { plainText } from '../text.ts';
import { html, type Markup } from './markup.ts';

/**
 * Title, what the run was, tools, notes, and the four answers.
 * @param isLong whether the page holds no trials for the sake of its size
 */
export function header(
  summary: RunSummary,
  ranked: readonly RankedTopology[],
  isLong: boolean,
  answered: readonly Answer[] = answers(summary, ranked),
): Markup {
  const notes = headerLines(summary, ranked).filter(({ label }) => label === 'note');
  const label = plainText(summary.run.label);
  return html`<header class="top">
<div>
<h1>What each container network costs</h1>
<p class="muted break">${label && html`<b>${label}</b> · `}${planSentence(summary)}<br>${countSentence(summary)}</p>
</div>
<div class="tools">
<button type="button" id="download-json">JSON</button>
${isLong ? html`<span class="muted small">all trials: report.csv</span>` : html`<button type="button" id="download-csv">CSV of all trials</button>`}
<button type="button" id="theme">Dark</button>
</div>
</header>
${notes.map(({ text }) => html`<p class="note">${text}</p>`)}
<dl class="answers">
${answered.map(
  ({ question, answer, detail }) =>
    html`<div><dt>${question}</dt><dd><strong>${answer}</strong> <span>${detail}</span></dd></div>`,
)}
</dl>`;
}

/** The charts that answer the question, a panel per topology, with the switch between metrics. */
export function costSection(
  ranked: readonly RankedTopology[],
  { views, missing, unanswered }: MetricViews,
): Markup {
  if (views.length === 0) {
    return html`<section class="block" id="main"><h2>Against the host network</h2>
<p class="note">No network of this run could be compared with a baseline, so there is nothing to draw. The sections below say why.</p></section>`;
  }
  const others = views.filter(({ isMain }) => !isMain);
  const sizes = new Map(ranked.map((each) => [each.topology, packetSizeSentence(each)]));
  return html`<section class="block" id="main" aria-labelledby="cost-title">
<h2 id="cost-title">Against the host network</h2>
<p class="muted wide">${signLegend[0]} ${signLegend[1]}</p>
<div class="controls">
<div class="switch" role="group" aria-label="Metric">
${views
  .filter(({ isMain }) => isMain)
  .map(
    ({ key, label, workload, metric }, index) =>
      html`<button type="button" data-view="${key}" aria-pressed="${index === 0 ? 'true' : 'false'}" title="${workload} ${metric}">${label}</button>`,
  )}
${missing.map((label) => html`<button type="button" disabled title="not measured in this run">${label}</button>`)}
</div>
${others.length > 0 && html`<label>Other <select id="other-metric"><option value="">choose a metric</option>${others.map(({ key, label }) => html`<option value="${key}">${label}</option>`)}</select></label>`}
<label>Networks <input id="filter" type="search" placeholder="all" size="12" autocomplete="off"></label>
</div>
${unanswered.map((text) => html`<p class="muted small">${text}</p>`)}
<p class="unseen" id="panels-status" role="status"></p>
<div class="panels">
${ranked.map(
  ({ title, topology, baselineName }) => html`<div class="panel" data-panel="${topology}">
<h3>${title} <span class="muted shown-metric"></span></h3>
<div class="frame"><canvas role="img" aria-label="${title}"></canvas></div>
<details><summary>The same as a table</summary>
<div class="scroll" tabindex="0" role="region" aria-label="${title}, table"><table>
<thead><tr><th scope="col">network</th><th scope="col">figure</th><th scope="col">against ${plainText(baselineName ?? 'baseline')}</th><th scope="col">finding</th><th scope="col">trials</th><th scope="col">path</th></tr></thead>
<tbody></tbody></table></div></details>
${sizes.get(topology) !== undefined && html`<p class="muted small">${sizes.get(topology)}</p>`}
</div>`,
)}
</div>
<ul class="key">
<li><b>●</b> one trial against the host trials beside it</li>
<li><b>├─┤</b> interval</li>
<li><b>◆</b> worse or better than host</li>
<li><b>○</b> no difference shown: the interval includes “equal”</li>
<li>path <b>✓</b> proven by counters · <b>!</b> proven but for trials left out · <b>✗</b> refuted · <b>?</b> not observed</li>
</ul>
</section>`;
}
