import type { ClaimRow } from '../results/claims.ts';
import type { ClaimFigure } from '../results/claims-measured.ts';
import { changeText, sideOf, sideWords } from './change-text.ts';
import { formatEstimate, formatPercentChange, formatQuantity, formatRange } from './format.ts';
import { plainText } from './text.ts';

/** A row's verdict as readers see it: what was measured but could not be told is undecided, not untested. */
export type Standing = 'confirmed' | 'refuted' | 'undecided here' | 'not tested here';

export function claimStanding({ verdict, figures }: ClaimRow): Standing {
  if (verdict !== 'not-tested') return verdict;
  const isMeasured = figures.some(({ type, criterion }) => type === 'change' && criterion !== undefined);
  return isMeasured ? 'undecided here' : 'not tested here';
}

const marks: Readonly<Record<Standing, string>> = {
  confirmed: '✓',
  refuted: '✗',
  'undecided here': '?',
  'not tested here': '–',
};

/** `✓ confirmed`: the mark is for the eye, the words say it all. */
export function verdictText(row: ClaimRow): string {
  const standing = claimStanding(row);
  return `${marks[standing]} ${standing}`;
}

/** What the reader of any format must know of the table. */
export const claimsLegend =
  'The guide’s claims, each with what this run measured or saw. Changes are in the figure’s own direction, with the interval in brackets. ' +
  'A claim about speed is decided by a bound of Tare’s own on its cost (how many times worse, minus one), since the guide names none: ' +
  'confirmed or refuted where the whole 95 % interval lies on one side of it, else undecided here.';

/** `8 confirmed, 1 refuted, 2 undecided here, 8 not tested here`. */
export function claimCounts(rows: readonly ClaimRow[]): string {
  return (Object.keys(marks) as Standing[])
    .map((standing) => `${rows.filter((row) => claimStanding(row) === standing).length} ${standing}`)
    .join(', ');
}

/** The figure in words: `−28 % [−29, −26] at 97 %, worse (cost +39 % [35, 41])`, `1.2 ms (1.1 to 1.4 ms, n = 6)`, or why there is none. Plain text. */
export function figureValue(figure: ClaimFigure): string {
  switch (figure.type) {
    case 'absent':
      return `no figure: ${plainText(figure.reason)}`;
    case 'value': {
      const { median, min, max, n, unit } = figure;
      return `${formatQuantity(median, unit)} (${formatRange(min, max, unit)}, n = ${n})`;
    }
    case 'change': {
      const note = figure.note ? `; ${plainText(figure.note)}` : '';
      return `${changeText(figure.cost, figure.better, 1)}, ${sideWords[sideOf(figure.cost)]}${costNote(figure)}${note}`;
    }
  }
}

/** The cost that a bound is on, where the change is another number. */
function costNote({ cost, better, criterion }: Extract<ClaimFigure, { type: 'change' }>): string {
  return criterion && better === 'higher' ? ` (cost ${formatEstimate(cost)})` : '';
}

/** What the figure was held against and how that came out; empty where it decides nothing. Plain text. */
export function criterionText({ criterion, finding }: ClaimFigure): string {
  if (!criterion || !finding) return '';
  const bound = `cost ${criterion.type === 'at-most' ? 'at most' : 'more than'} ${formatPercentChange(criterion.cost)}`;
  const outcome =
    finding.type === 'agrees'
      ? 'met'
      : finding.type === 'disagrees'
        ? 'not met'
        : // The row's reason tells why.
          'undecided';
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
