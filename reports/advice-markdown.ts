import type { Advice } from '../results/advice.ts';
import { adviceLegend, measuredText, networkFigure, networkRemark, nothingText } from './advice-prose.ts';
import { codeSpan, escapeMarkdown, table } from './markdown-text.ts';

/** Ready needs with the networks that qualify, as a section. */
export function adviceMarkdown(
  advised: readonly { readonly title: string; readonly advice: Advice }[],
): string[] {
  const rows = advised.flatMap(({ title, advice }) => {
    const nothing = nothingText(advice);
    if (nothing) return [[escapeMarkdown(title), escapeMarkdown(nothing), '', '']];
    return advice.networks.map((network, index) => {
      const remark = networkRemark(network);
      const figure = `${networkFigure(network)}${remark ? `; ${remark}` : ''}`;
      return [
        index === 0 ? escapeMarkdown(title) : '',
        codeSpan(network.scenario, true),
        escapeMarkdown(figure),
        escapeMarkdown(network.givesUp.join('; ')),
      ];
    });
  });
  const about = advised.map(({ advice }) => measuredText(advice)).find(Boolean);
  return [
    '## Choose',
    escapeMarkdown(`${about ? `Cheapest first, by ${about}. ` : ''}${adviceLegend}`),
    table(['you need', 'network', 'figure', 'gives up'], rows),
  ];
}
