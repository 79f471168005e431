import { type Grade, grades, type Matrix, matrixLegend } from '../matrix.ts';
import { html, type Markup } from './markup.ts';

const shades: readonly Grade[] = ['better', 'unsure', 'slightly', 'worse', 'much', 'far', 'few'];

/** Every network against every workload, shaded and in words; each cell tells its figure, interval and n. */
export function matrixSection(matrices: readonly Matrix[]): Markup | undefined {
  const drawn = matrices.filter(({ columns }) => columns.length > 0);
  if (drawn.length === 0) return undefined;
  return html`<section class="block" id="matrix" aria-labelledby="matrix-title"><h2 id="matrix-title">Every network, every workload</h2>
<ul class="key grades">${shades.map((grade) => html`<li><span class="cell g-${grade}">${grades[grade].shade} ${grades[grade].word}</span></li>`)}</ul>
<p class="small muted wide">${matrixLegend} Each cell’s figure and interval stand behind it, and below in the network’s own section.</p>
${drawn.map(matrixTable)}
</section>`;
}

function matrixTable({ title, baseline, columns, rows }: Matrix): Markup {
  return html`<h3 class="topology">${title}, against ${baseline}</h3>
<div class="scroll" tabindex="0" role="region" aria-label="${title}, matrix"><table class="matrix">
<thead><tr><th scope="col">network</th>${columns.map(({ workload, metric }) => html`<th scope="col">${workload}<br><span class="small">${metric}</span></th>`)}</tr></thead>
<tbody>${rows.map(
    ({ name, mark, isBaseline, cells }) =>
      html`<tr class="${isBaseline && 'baseline'}"><th scope="row">${name} ${mark}</th>${cells.map(
        ({ grade, text, figure, detail }, at) =>
          html`<td class="g-${grade}" data-workload="${columns[at]?.workload ?? ''}" title="${detail}"><b>${grades[grade].shade} ${text}</b>${figure && html`<br><span>${figure}</span>`}<br><span>${grades[grade].word}</span></td>`,
      )}</tr>`,
  )}</tbody></table></div>`;
}
