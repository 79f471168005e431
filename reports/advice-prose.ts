import type { Advice, AdvisedNetwork } from '../results/advice.ts';
import { needs } from '../results/advice-needs.ts';
import { changeText, sideOf, sideWords } from './change-text.ts';
import { formatQuantity } from './format.ts';
import { plainText } from './text.ts';
import { tieText } from './tie-text.ts';

/** What the advice rests on; said with it wherever it stands. */
export const adviceLegend =
  'By this run’s own figures and nothing else; another machine may order them otherwise. Networks tie where the run can’t say which of them is the cheapest, by their differences side by side.';

/** `a network that links containers of several hosts and is encrypted on the wire`. Plain text. */
export function needsText({ needs: asked }: Advice): string {
  if (asked.length === 0) return 'any network on one host';
  const words = asked.map((need) => needs[need]);
  const list = words.length === 1 ? words.join() : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
  return `a network that ${list}`;
}

/** `11.1 Gbit/s, −31 % [−35, −27], worse`, with the interval's confidence where it is below 95 %. */
export function networkFigure({ cost, median, unit, better }: AdvisedNetwork): string {
  const figure = formatQuantity(median, unit);
  return cost
    ? `${figure}, ${changeText(cost, better, 0.95)}, ${sideWords[sideOf(cost)]}`
    : `${figure}, the baseline`;
}

/** What the run says of a network beside its cost; empty where there is nothing to add. */
export function networkRemark({ isTied, proof }: AdvisedNetwork): string {
  return [
    isTied ? 'ties' : '',
    proof === 'partly' ? 'path proven in some trials only' : proof === 'unproven' ? 'path not proven' : '',
  ]
    .filter(Boolean)
    .join('; ');
}

/** `Seven networks tie; none is below −34 %.`; empty where one is the cheapest. */
export function adviceTie({ networks, tiedCostAtMost }: Advice): string {
  const tied = networks.filter(({ isTied }) => isTied);
  const [first] = tied;
  return first ? `${tieText(tied.length, tiedCostAtMost, first.better)}.` : '';
}

/** What the figures are of: `tcp-stream goodput against cross-host/host`; empty where there are none. Plain text. */
export function figureText({ figure }: Advice): string {
  if (!figure) return '';
  const against = figure.baseline === undefined ? '' : ` against ${figure.baseline}`;
  return plainText(`${measuredText({ figure })}${against}`);
}

/** `tcp-rr rtt-p50`: the same without what it is compared with; empty where nothing was measured. */
export function measuredText({ figure }: Pick<Advice, 'figure'>): string {
  return figure ? plainText(`${figure.workload} ${figure.metric}`) : '';
}

/** Said instead of a list where nothing that qualifies was measured; empty where something was. */
export function nothingText({ networks, unmeasured }: Advice): string {
  if (networks.length > 0) return '';
  return unmeasured.length === 0
    ? 'No network that Tare knows gives all of this.'
    : 'Nothing that gives all of this was measured in this run.';
}
