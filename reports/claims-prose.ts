import type { ClaimRow } from '../results/claims.ts';
import type { ClaimFigure } from '../results/claims-measured.ts';
import { formatInterval, formatPercentChange, formatQuantity, formatRange, formatShare } from './format.ts';
import { plainText } from './text.ts';

type Verdict = ClaimRow['verdict'];

export const claimMarks: Readonly<Record<Verdict, string>> = {
  confirmed: '✓',
  refuted: '✗',
  'not-tested': '–',
};

export const claimWords: Readonly<Record<Verdict, string>> = {
  confirmed: 'confirmed',
  refuted: 'refuted',
  'not-tested': 'not tested here',
};

/** What the reader of any format must know of the table. */
export const claimsLegend =
  'The guide’s claims, each with what this run measured or saw. Costs: positive is worse, with the interval in brackets. ' +
  'A claim about speed is decided by a bound of Tare’s own, since the guide names none: confirmed or refuted where the whole ' +
  '95 % interval lies on one side of it, else not tested here.';

/** `8 confirmed, 1 refuted, 10 not tested here`. */
export function claimCounts(rows: readonly ClaimRow[]): string {
  return (['confirmed', 'refuted', 'not-tested'] as const)
    .map((verdict) => `${rows.filter((row) => row.verdict === verdict).length} ${claimWords[verdict]}`)
    .join(', ');
}

/** The figure in words: `+39 % [35, 41] at 97 %`, `1.2 ms (1.1 to 1.4 ms, n = 6)`, or why there is none. Plain text. */
export function figureValue(figure: ClaimFigure): string {
  switch (figure.type) {
    case 'absent':
      return `no figure: ${plainText(figure.reason)}`;
    case 'value': {
      const { median, min, max, n, unit } = figure;
      return `${formatQuantity(median, unit)} (${formatRange(min, max, unit)}, n = ${n})`;
    }
    case 'change': {
      const { estimate, interval } = figure.cost;
      const bounds = interval
        ? ` ${formatInterval(interval)} at ${formatShare(Math.floor(interval.confidence * 1000) / 1000)}`
        : ' (n = 1)';
      return `${formatPercentChange(estimate)}${bounds}${figure.note ? `; ${plainText(figure.note)}` : ''}`;
    }
  }
}

/** What the figure was held against and how that came out; empty where it decides nothing. Plain text. */
export function criterionText({ criterion, finding }: ClaimFigure): string {
  if (!criterion || !finding) return '';
  const bound = `${criterion.type === 'at-most' ? 'at most' : 'more than'} ${formatPercentChange(criterion.cost)}`;
  const outcome =
    finding.type === 'agrees'
      ? 'met'
      : finding.type === 'disagrees'
        ? 'not met'
        : `undecided: ${finding.reason}`;
  return plainText(`bound ${bound} (${criterion.why}): ${outcome}`);
}

/** Where a row's figures and observations come from. Plain text; empty where there are none. */
export function sourceText({ sources }: ClaimRow): string {
  const { run, scenarios, tried } = sources;
  if (scenarios.length === 0 && !tried) return '';
  const parts = [
    ...(scenarios.length > 0 ? [`trials of ${scenarios.join(', ')}`] : []),
    ...(tried ? ['claims.json'] : []),
  ];
  return plainText(`run ${run}: ${parts.join('; ')}`);
}
