import { changeOf } from '../../results/change.ts';
import type { CountedComparison } from '../../results/counted-change.ts';
import type { GateResult } from '../../results/gate.ts';
import { worseSideOf } from '../charts/overhead-spec.ts';
import type { ChartSpec, OverheadSpec, Standing } from '../charts/spec.ts';
import { changeLines, unchangedText } from '../counted-prose.ts';
import { formatConfidence, formatInterval, formatPercentChange, formatQuantity } from '../format.ts';
import {
  changeText,
  figureName,
  gateLegend,
  gateRemarks,
  type MetricGroup,
  mediansText,
  metricGroups,
  toleratedText,
  undecidedWords,
  verdictCounts,
  verdictMarks,
} from '../gate-prose.ts';
import { plainText, truncate } from '../text.ts';
import { pageProgram } from './bundle.ts';
import { htmlDocument } from './document.ts';
import { figure } from './figures.ts';
import { fileStem } from './file-stem.ts';
import { html, jsonScript, type Markup } from './markup.ts';
import { type PageData, pageDataId } from './page-data.ts';

/** What a comparison or a gate found, as one page that needs nothing else. */
export async function renderComparisonHtml(result: GateResult, command?: string): Promise<string> {
  const charts = new Map<string, ChartSpec>();
  const body = html`<header class="top"><div>
<h1>${verdictMarks[result.verdict]} ${result.verdict}</h1>
<p class="muted break">${result.reason === undefined ? verdictCounts(result) : plainText(result.reason)}<br>base <b>${plainText(result.base)}</b> · head <b>${plainText(result.head)}</b></p>
</div><div class="tools"><button type="button" id="download-json">JSON</button><button type="button" id="theme">Dark</button></div></header>
<main id="main">
${comparisonSections(result, charts)}
${command !== undefined && html`<section class="block"><h2>Make it again</h2><pre id="command">${plainText(command)}</pre><button type="button" id="copy-command">Copy</button></section>`}
</main>
<footer>Made by Tare. This page makes no request; all of it is in this file.</footer>`;
  const data: PageData = {
    run: result.head,
    fileStem: `${fileStem(result.head)}-comparison`,
    views: [],
    overhead: {},
    charts: Object.fromEntries(charts),
    json: result,
    trials: { texts: [], metrics: [], rows: [] },
  };
  return htmlDocument({
    title: `Tare: ${result.verdict}, ${plainText(result.base)} → ${plainText(result.head)}`,
    body,
    data: jsonScript(pageDataId, data),
    program: await pageProgram(),
  });
}

/**
 * What must be known first, the changes drawn, all figures, the controls.
 * @param charts where the charts are put, by the ids of their canvases
 */
export function comparisonSections(result: GateResult, charts: Map<string, ChartSpec>): Markup {
  const groups = metricGroups(result.metrics);
  const remarks = gateRemarks(result);
  const drawn = groups.map((group, index) => {
    const spec = groupSpec(group);
    charts.set(`change-${index}`, spec);
    return figure(`change-${index}`, spec);
  });
  const controls = result.controls.map((control) => [
    plainText(control.scenario),
    plainText(`${control.workload} ${control.metric}`),
    changeText(control),
    control.holds ? '✓ holds' : '✗ moved',
  ]);
  return html`${remarks.length > 0 && html`<section class="block"><h2>Know first</h2><ul class="plain">${remarks.map(({ label, text }) => html`<li><b>${label}:</b> ${text}</li>`)}</ul></section>`}
${groups.length === 0 && html`<p class="note">No figure was judged, so there is nothing to draw.</p>`}
${
  groups.length > 0 &&
  html`<section class="block"><h2>Change from base to head</h2><p class="muted">${gateLegend(result)}</p>
<ul class="key spaced"><li>grey band: the change that is tolerated</li><li><b>✗</b> regressed</li><li><b>▲</b> improved</li><li><b>✓</b> pass</li><li><b>?</b> inconclusive</li></ul>
<div class="panels">${drawn}</div></section>
${result.counted && functionSection(result.counted)}
<section class="block"><h2>All changes</h2>${figuresTable(groups)}</section>`
}
${controls.length > 0 && html`<section class="block"><h2>Controls</h2><p class="muted">The host network is the same in both, so that it must not move.</p>${plainTable(['scenario', 'figure', 'change', 'finding'], controls)}</section>`}`;
}

/** What changed, function by function: each figure with the parts of its path. */
function functionSection(counted: CountedComparison): Markup {
  const { changed } = changeLines(counted);
  return html`<section class="block"><h2>What changed, function by function</h2>
${changed.map(({ title, groups }) => html`<h3>${title}</h3><ul>${groups.map(({ text }) => html`<li>${text}</li>`)}</ul>`)}
<p class="muted">${unchangedText(counted) ?? ''}</p></section>`;
}

const standings: Readonly<Record<GateResult['metrics'][number]['verdict'], Standing>> = {
  regressed: 'worse',
  improved: 'better',
  pass: 'unsure',
  inconclusive: 'unsure',
};

function groupSpec({ title, rows }: MetricGroup): OverheadSpec {
  const worseSide = worseSideOf(rows[0]?.better ?? 'neither');
  return {
    kind: 'overhead',
    title,
    unit: rows[0]?.unit ?? 'ratio',
    baseline: 'base',
    ...(worseSide && { worseSide }),
    rows: rows.map((row) => {
      const { verdict, scenario, delta, better } = row;
      const shift = changeOf(row.shift, better);
      return {
        name: truncate(plainText(scenario), 34),
        mark: verdictMarks[verdict],
        standing: standings[verdict],
        ratio: 1 + shift.estimate,
        ...(shift.interval && { lowRatio: 1 + shift.interval.low, highRatio: 1 + shift.interval.high }),
        toleratedRatio: 1 + delta,
        figure: mediansText(row),
        text: changeText(row),
        shortText: row.unit === 'instructions' ? changeText(row) : formatPercentChange(shift.estimate),
        word: verdict,
        dots: [],
      };
    }),
  };
}

function figuresTable(groups: readonly MetricGroup[]): Markup {
  const rows = groups.flatMap(({ rows }) =>
    rows
      .map((row) => ({ row, change: changeOf(row.shift, row.better) }))
      .map(({ row, change }) => [
        plainText(row.scenario),
        figureName(row),
        `${verdictMarks[row.verdict]} ${row.verdict}${row.undecided === undefined ? '' : `: ${undecidedWords[row.undecided]}`}`,
        row.unit === 'instructions' ? changeText(row) : formatPercentChange(change.estimate),
        change.interval
          ? `${formatInterval(change.interval)} at ${formatConfidence(change.interval.confidence)}`
          : '–',
        toleratedText(row),
        `${formatQuantity(row.base.median, row.unit)} (n = ${row.base.n})`,
        `${formatQuantity(row.head.median, row.unit)} (n = ${row.head.n})`,
      ]),
  );
  return plainTable(
    ['scenario', 'figure', 'verdict', 'change', 'interval', 'tolerated', 'base', 'head'],
    rows,
  );
}

function plainTable(header: readonly string[], rows: readonly (readonly string[])[]): Markup {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${header.join(', ')}"><table>
<thead><tr>${header.map((text) => html`<th scope="col">${text}</th>`)}</tr></thead>
<tbody>${rows.map(([first = '', ...cells]) => html`<tr><th scope="row">${first}</th>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>`)}</tbody></table></div>`;
}
