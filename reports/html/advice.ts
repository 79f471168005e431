import type { Advice } from '../../results/advice.ts';
import {
  adviceLegend,
  adviceTie,
  figureText,
  networkFigure,
  networkRemark,
  nothingText,
} from '../advice-prose.ts';
import { plainText } from '../text.ts';
import { html, type Markup } from './markup.ts';

/** Ready needs with the networks that qualify, cheapest first: a box each. */
export function adviceSection(
  advised: readonly { readonly title: string; readonly advice: Advice }[],
): Markup {
  return html`<section class="block on-screen" id="advice" aria-labelledby="advice-title">
<h2 id="advice-title">Choose</h2>
<p class="muted">${adviceLegend}</p>
<div class="choices">${advised.map(({ title, advice }) => box(title, advice))}</div>
</section>`;
}

function box(title: string, advice: Advice): Markup {
  const about = figureText(advice);
  const nothing = nothingText(advice);
  const tie = adviceTie(advice);
  return html`<div class="panel"><h3>${title}</h3>
${nothing ? html`<p>${nothing}</p>` : html`<p class="small muted break">${about}</p>`}
${tie && html`<p>${tie}</p>`}
${
  advice.networks.length > 0 &&
  html`<ol class="choice">${advice.networks.map((network) => {
    const remark = networkRemark(network);
    return html`<li>${network.isTied ? html`<span class="break">${plainText(network.scenario)}</span>` : html`<b class="break">${plainText(network.scenario)}</b>`} ${networkFigure(network)}${remark && html` <em>(${remark})</em>`}
<br><span class="small muted">gives up: ${plainText(network.givesUp.join('; '))}</span></li>`;
  })}</ol>`
}
${advice.unmeasured.length > 0 && html`<details><summary>${advice.unmeasured.length} without a figure</summary><ul class="plain">${advice.unmeasured.map(({ scenario, reason }) => html`<li>${plainText(scenario)}: ${plainText(reason)}</li>`)}</ul></details>`}
</div>`;
}
