/// <reference lib="dom" />
import type { OverheadRow, OverheadSpec } from '../../charts/spec.ts';
import type { PageData } from '../page-data.ts';
import { draw } from './charts.ts';

const marks: Readonly<Record<string, string>> = {
  '✓': 'proven',
  '!': 'proven but for trials left out',
  '✗': 'refuted',
  '?': 'not observed',
  '·': 'no witness',
  '': 'not run',
};

/** The first screen: a panel per topology, all showing the chosen metric and the networks that pass the filter. */
export function connectPanels(data: PageData): { redraw(): void } {
  const panels = [...document.querySelectorAll<HTMLElement>('[data-panel]')];
  const buttons = [...document.querySelectorAll<HTMLButtonElement>('button[data-view]')];
  const select = document.querySelector<HTMLSelectElement>('#other-metric');
  const filter = document.querySelector<HTMLInputElement>('#filter');
  const status = document.querySelector<HTMLElement>('#panels-status');
  let view = data.views[0]?.key;

  const show = () => {
    if (view === undefined) return;
    const wanted = (filter?.value ?? '').trim().toLowerCase();
    const specs = data.overhead[view] ?? [];
    let shown = 0;
    panels.forEach((panel, index) => {
      const spec = specs[index];
      if (!spec) return;
      const rows = spec.rows.filter(
        ({ name, standing }) => standing === 'baseline' || name.toLowerCase().includes(wanted),
      );
      shown += rows.length;
      fill(panel, { ...spec, rows });
    });
    for (const button of buttons) button.setAttribute('aria-pressed', String(button.dataset.view === view));
    if (select) select.value = buttons.some(({ dataset }) => dataset.view === view) ? '' : view;
    const label = data.views.find(({ key }) => key === view);
    for (const shownMetric of document.querySelectorAll('.shown-metric')) {
      shownMetric.textContent = label ? `${label.workload} ${label.metric}` : '';
    }
    if (status && label) status.textContent = `${label.workload} ${label.metric}: ${shown} rows shown`;
  };
  for (const button of buttons) {
    button.addEventListener('click', () => {
      view = button.dataset.view;
      show();
    });
  }
  select?.addEventListener('change', () => {
    if (select.value !== '') view = select.value;
    show();
  });
  filter?.addEventListener('input', show);
  // The layout turns narrow or wide: labels change with it, Chart.js only scales.
  let width = window.innerWidth;
  window.addEventListener('resize', () => {
    if (Math.abs(window.innerWidth - width) < 40) return;
    width = window.innerWidth;
    show();
  });
  show();
  return { redraw: show };
}

function fill(panel: HTMLElement, spec: OverheadSpec): void {
  const canvas = panel.querySelector('canvas');
  if (canvas) {
    draw(canvas, spec);
    canvas.setAttribute('aria-label', describe(spec));
  }
  const body = panel.querySelector('tbody');
  body?.replaceChildren(...spec.rows.map(tableRow));
}

/** Texts only ever enter as text nodes: names and reasons came from outside. */
function tableRow(row: OverheadRow): HTMLTableRowElement {
  const line = document.createElement('tr');
  const name = document.createElement('th');
  name.scope = 'row';
  name.textContent = row.name;
  line.append(name);
  for (const text of [
    row.figure || '–',
    row.text,
    row.word || '–',
    String(row.trialCount ?? (row.dots.length || '–')),
    marks[row.mark] ?? '',
  ]) {
    const cell = document.createElement('td');
    cell.textContent = text;
    line.append(cell);
  }
  return line;
}

function describe(spec: OverheadSpec): string {
  const rows = spec.rows
    .map(({ name, figure, text, word }) => [name, figure, text, word].filter(Boolean).join(' '))
    .join('; ');
  return `${spec.title}, against ${spec.baseline}: ${rows}. The same as a table below.`;
}
