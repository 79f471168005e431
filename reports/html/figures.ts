import type { FigurePage } from '../charts/figure-page.ts';
import { chartTitle } from '../charts/figures.ts';
import { chartHeight } from '../charts/height.ts';
import { chartGroups } from '../charts/multiples.ts';
import type { ChartSpec, HistorySpec, LinesSpec } from '../charts/spec.ts';
import { instructionsText } from '../counted-prose.ts';
import {
  commonScale,
  formatMoment,
  formatPercentChange,
  formatQuantity,
  formatRange,
  formatShare,
} from '../format.ts';
import { html, type Markup } from './markup.ts';

/** A chart with its table behind it. The canvas is drawn by the page's program from the spec of the same id. */
export function figure(id: string, spec: ChartSpec, heading = true): Markup {
  return html`<div class="panel">
${heading && html`<h3>${spec.title}</h3>`}
<div class="frame" style="height:${chartHeight(spec)}px"><canvas data-chart="${id}" role="img" aria-label="${chartTitle(spec)}. The same as a table below."></canvas></div>
<details><summary>The same as a table</summary>
<div class="scroll" tabindex="0" role="region" aria-label="${chartTitle(spec)}, table">${specTable(spec)}</div></details>
</div>`;
}

/** A section with the charts of one kind, both topologies beside each other. */
export function figureSection(page: FigurePage, idOf: (index: number) => string): Markup {
  return html`<section class="block on-screen"><h2>${page.title}</h2>
${page.remarks.map((text) => html`<p class="muted">${text}</p>`)}
<div class="panels ${page.charts.length > 1 && 'pairs'}">${chartGroups(page.charts).flatMap(
    ({ group, charts }): Markup[] => {
      const drawn = charts.map(({ spec, index }) => figure(idOf(index), spec));
      return group === undefined
        ? drawn
        : [html`<div class="multiples"><h3>${group}</h3><div class="small-ones">${drawn}</div></div>`];
    },
  )}</div>
</section>`;
}

function specTable(spec: ChartSpec): Markup {
  switch (spec.kind) {
    case 'distribution':
      return table(
        ['network', ...percentiles.map((share) => `p${Number((share * 100).toFixed(1))}`)],
        spec.lines.map(({ name, points }) => [
          name,
          ...percentiles.map((share) => {
            const point = points.find(([, cumulated]) => cumulated >= share);
            return formatQuantity(point?.[0], 's');
          }),
        ]),
      );
    case 'cpu': {
      const format = commonScale(
        Math.max(0, ...spec.rows.map(({ user, system, softirq }) => user + system + softirq)),
        spec.unit,
      );
      return table(
        ['network', 'user', 'system', 'interrupts', 'together'],
        spec.rows.map(({ name, user, system, softirq }) => [
          name,
          format(user),
          format(system),
          format(softirq),
          format(user + system + softirq),
        ]),
      );
    }
    case 'trade-off':
      return table(
        ['network', 'protection', 'figure', 'against the baseline'],
        spec.points.map(({ name, level, figure, change }) => [
          name,
          spec.levels[level] ?? '',
          figure,
          change,
        ]),
      );
    case 'lines':
      return linesTable(spec);
    case 'history':
      return historyTable(spec);
    case 'path':
      return table(
        ['network', ...spec.parts, 'together'],
        spec.rows.map(({ name, values, total }) => [name, ...[...values, total].map(instructionCount)]),
      );
    case 'icicle':
      return table(
        ['part of the path', 'function', 'instructions', `more than ${spec.against}`],
        spec.groups.flatMap(({ name: group, functions }) =>
          functions.map(({ name, value, difference }) => [
            group,
            name,
            instructionCount(value),
            difference === undefined ? '–' : instructionsText(difference, spec.unit),
          ]),
        ),
      );
    case 'overhead':
      return table(
        ['network', 'figure', `against ${spec.baseline}`, 'finding', 'trials'],
        spec.rows.map(({ name, figure, text, word, dots, trialCount }) => [
          name,
          figure || '–',
          text,
          word || '–',
          String(trialCount ?? dots.length),
        ]),
      );
  }
}

function linesTable({ x, y, lines }: LinesSpec): Markup {
  const values = [...new Set(lines.flatMap(({ points }) => points.map((point) => point.x)))].sort(
    (a, b) => a - b,
  );
  return table(
    [x.title, ...lines.map(({ name }) => name)],
    values.map((value) => [
      formatQuantity(value, x.unit),
      ...lines.map(({ points }) => {
        const point = points.find((each) => each.x === value);
        if (!point) return '–';
        const { low, high } = point;
        const interval =
          low === undefined || high === undefined ? '' : ` (${formatRange(low, high, y.unit)})`;
        return `${formatQuantity(point.y, y.unit)}${interval}`;
      }),
    ]),
  );
}

function historyTable(spec: HistorySpec): Markup {
  const value = (figure: number | undefined): string => {
    if (figure === undefined) return '–';
    return spec.follows === 'ratio' ? formatPercentChange(figure - 1) : formatQuantity(figure, spec.follows);
  };
  return table(
    ['run', 'began', 'value', 'interval', 'change'],
    spec.points.map(({ run, label, startedAt, value: own, low, high }, index) => [
      label ? `${run}: ${label}` : run,
      formatMoment(startedAt),
      value(own),
      low === undefined || high === undefined ? '–' : `${value(low)} to ${value(high)}`,
      spec.changes.find(({ at }) => at === index)?.text ?? '',
    ]),
  );
}

/** Instructions of a unit of work: whole ones, but where there are few. */
const instructionCount = (value: number): string =>
  formatQuantity(Math.abs(value) < 100 ? Number(value.toFixed(2)) : Math.round(value), 'count');

const percentiles = [0.1, 0.5, 0.9, 0.99, 0.999] as const;

export function table(header: readonly string[], rows: readonly (readonly string[])[]): Markup {
  return html`<table><thead><tr>${header.map((text) => html`<th scope="col">${text}</th>`)}</tr></thead>
<tbody>${rows.map(
    ([first = '', ...cells]) =>
      html`<tr><th scope="row">${first}</th>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>`,
  )}</tbody></table>`;
}

/** `99.7 %` for a share of trials in which a check held. */
export const heldShare = (holds: number, total: number): string =>
  total === 0 ? '–' : `${holds} of ${total}${holds === total ? '' : ` (${formatShare(holds / total)})`}`;
