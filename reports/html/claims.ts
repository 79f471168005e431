import type { ClaimRow } from '../../results/claims.ts';
import {
  claimCounts,
  claimsLegend,
  criterionText,
  figureValue,
  sourceText,
  verdictText,
} from '../claims-prose.ts';
import { plainText } from '../text.ts';
import { html, type Markup } from './markup.ts';

/** The guide's claims as a section of the page: a table, each row with its verdict in words and its evidence. */
export function claimsSection(rows: readonly ClaimRow[]): Markup {
  return html`<section class="block" id="claims" aria-labelledby="claims-title">
<h2 id="claims-title">The guide’s claims</h2>
<p><strong>${claimCounts(rows)}.</strong> <span class="muted">${claimsLegend}</span></p>
<div class="scroll" tabindex="0" role="region" aria-label="The guide’s claims, table"><table class="claims">
<thead><tr><th scope="col">#</th><th scope="col">the guide says</th><th scope="col">verdict</th><th scope="col">evidence</th></tr></thead>
<tbody>${rows.map(claimRow)}</tbody></table></div>
</section>`;
}

function claimRow(row: ClaimRow): Markup {
  return html`<tr><td>${row.claim}</td><th scope="row">${plainText(row.words)}</th><td class="verdict">${verdictText(row)}</td><td>${evidence(row)}</td></tr>`;
}

function evidence(row: ClaimRow): Markup {
  const figures = row.figures.filter(({ type }) => type !== 'absent');
  const count = row.observations.length + figures.length;
  const source = sourceText(row);
  return html`${row.verdict === 'not-tested' && html`<p class="reason">${plainText(row.reason)}</p>`}${
    count > 0 &&
    html`<details><summary>${count === 1 ? '1 finding' : `${count} findings`}</summary><ul class="plain">
${row.observations.map((text) => html`<li>${plainText(text)}</li>`)}
${figures.map((figure) => {
  const criterion = criterionText(figure);
  return html`<li>${plainText(figure.what)}: <b>${figureValue(figure)}</b>${criterion && html`<br><span class="muted">${criterion}</span>`}</li>`;
})}
</ul>${source && html`<p class="small muted break">${source}</p>`}</details>`
  }`;
}
