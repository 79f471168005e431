import { changeOf } from '../../results/change.ts';
import type { MetricHistory } from '../../results/history.ts';
import { shortChange } from '../change-text.ts';
import type { HistorySpec } from '../charts/spec.ts';
import { plainText } from '../text.ts';
import { pageProgram } from './bundle.ts';
import { htmlDocument } from './document.ts';
import { figure } from './figures.ts';
import { html, jsonScript } from './markup.ts';
import { type PageData, pageDataId } from './page-data.ts';

/**
 * How figures went over runs, as one page that needs nothing else. Figures that seem to have changed come first; the
 * others stand folded by scenario.
 * @param histories as `history` of results/history.ts gives them; those of one run only are named and not drawn
 */
export async function renderHistoryHtml(histories: readonly MetricHistory[]): Promise<string> {
  const drawn = histories.filter(({ points }) => points.length > 1);
  const charts = new Map(drawn.map((each, index) => [`history-${index}`, historySpec(each)]));
  const entries = drawn.map((each, index) => ({ each, id: `history-${index}` }));
  const changed = entries.filter(({ each }) => each.changes.length > 0);
  const steady = entries.filter(({ each }) => each.changes.length === 0);
  const scenarios = [...new Set(steady.map(({ each }) => each.scenario))];
  const runs = [...new Set(histories.flatMap(({ points }) => points.map(({ run }) => run)))];
  const show = ({ id }: { readonly id: string }) => {
    const spec = charts.get(id);
    return spec ? figure(id, spec) : html``;
  };
  const body = html`<header class="top"><div>
<h1>What each container network cost, over ${runs.length} ${runs.length === 1 ? 'run' : 'runs'}</h1>
<p class="muted">${changed.length === 0 ? 'No figure seems to have changed.' : `${changed.length} of ${drawn.length} figures seem to have changed.`} Change points are advice, not a verdict: the gate gives verdicts.</p>
</div><div class="tools"><button type="button" id="theme">Dark</button></div></header>
<main id="main">
${drawn.length === 0 && html`<p class="note">A history needs at least two finished runs of the same matrix; ${runs.length === 0 ? 'there is none' : 'there is one'}.</p>`}
${changed.length > 0 && html`<section class="block"><h2>What changed</h2><div class="panels">${changed.map(show)}</div></section>`}
${
  drawn.length > 0 &&
  html`<section class="block"><h2>Every figure</h2><p><button type="button" id="open-all">Open all</button></p>
${scenarios.map(
  (
    scenario,
  ) => html`<details class="network" id="${scenario}"><summary><span class="name">${plainText(scenario)}</span>
<span class="muted">${steady.filter(({ each }) => each.scenario === scenario).length} figures</span></summary>
<div class="inside"><div class="two">${steady.filter(({ each }) => each.scenario === scenario).map(show)}</div></div></details>`,
)}</section>`
}
</main>
<footer>Made by Tare. This page makes no request; all of it is in this file.</footer>`;
  const data: PageData = {
    run: 'history',
    fileStem: 'tare-history',
    views: [],
    overhead: {},
    charts: Object.fromEntries(charts),
    trials: { texts: [], metrics: [], rows: [] },
  };
  return htmlDocument({
    title: 'Tare: history',
    body,
    data: jsonScript(pageDataId, data),
    program: await pageProgram(),
  });
}

/** A figure over runs: as a ratio to the baseline's where there is one, else its medians. */
export function historySpec(history: MetricHistory): HistorySpec {
  const isRatio = history.follows === 'overhead';
  const kept = history.points.filter(({ overhead, median }) =>
    isRatio ? overhead !== undefined : median > 0,
  );
  return {
    kind: 'history',
    title: plainText(`${history.scenario} ${history.workload} ${history.metric}`),
    follows: isRatio ? 'ratio' : history.unit,
    points: kept.map(({ run, label, startedAt, median, overhead }) => {
      const { estimate = 0, interval } = overhead ? changeOf(overhead, history.better) : {};
      return {
        run: plainText(run),
        label: plainText(label),
        startedAt,
        value: isRatio ? 1 + estimate : median,
        ...(isRatio && interval && { low: 1 + interval.low, high: 1 + interval.high }),
      };
    }),
    changes: history.changes.flatMap(({ run, size, probability }) => {
      const at = kept.findIndex((point) => point.run === run);
      if (at < 1) return [];
      return [
        {
          at,
          text: `${shortChange(size, history.better)} (p ${probability < 0.001 ? '< 0.001' : `= ${probability.toFixed(3)}`})`,
          isWorse: size > 0,
        },
      ];
    }),
  };
}
