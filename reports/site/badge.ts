import { escapeHtml } from '../html/markup.ts';
import { displayWidth, truncate } from '../text.ts';

/** What a badge says: `bridge: tcp-rr overhead` and `+17 % [13, 21], worse`. */
export interface Badge {
  readonly subject: string;
  readonly finding: string;
  readonly tone: 'worse' | 'better' | 'unsure';
}

const tones = { worse: '#8a3800', better: '#00594a', unsure: '#444b52' } as const;

/** Text is set to this width in pixels for each column, so that it fits with whatever font a viewer has. */
const columnWidth = 6.6;
const padding = 8;
const height = 22;
const longest = 60;

/** A badge as an SVG that needs nothing else; it says all that it shows in words, too. */
export function badgeSvg({ subject, finding, tone }: Badge): string {
  const [left, right] = [truncate(subject, longest), truncate(finding, longest)];
  const widthOf = (text: string) => Math.ceil(displayWidth(text) * columnWidth + 2 * padding);
  const [leftWidth, rightWidth] = [widthOf(left), widthOf(right)];
  const label = escapeHtml(`${left}: ${right}`);
  const part = (text: string, from: number, width: number) =>
    `<text x="${from + padding}" y="15" textLength="${width - 2 * padding}" lengthAdjust="spacingAndGlyphs">${escapeHtml(text)}</text>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${leftWidth + rightWidth}" height="${height}" role="img" aria-label="${label}">
<title>${label}</title>
<rect width="${leftWidth}" height="${height}" fill="#2b3035"/>
<rect x="${leftWidth}" width="${rightWidth}" height="${height}" fill="${tones[tone]}"/>
<g fill="#ffffff" font-family="Verdana, 'DejaVu Sans', sans-serif" font-size="11">
${part(left, 0, leftWidth)}
${part(right, leftWidth, rightWidth)}
</g>
</svg>
`;
}
