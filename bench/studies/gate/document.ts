import { type RivalName, rivalNames } from './rivals.ts';
import type { Tally } from './simulate.ts';

/** A Markdown table of tallies: shares of gate runs in percent. */
export function tallyTable(tallies: readonly Tally[]): string {
  const head = [
    'change',
    'gate runs',
    'regressed',
    'pass',
    'inconclusive',
    'invalid',
    'blocks',
    ...rivalNames,
  ];
  const rows = tallies.map((tally) => {
    const share = (count: number): string => percent(count, tally.gateRuns);
    const { regressed, pass, improved, inconclusive, invalid } = tally.verdicts;
    return [
      tally.slowdown === 0 ? 'none (A/A)' : `+${Math.round(tally.slowdown * 100)} %`,
      String(tally.gateRuns),
      `**${share(regressed)}**`,
      share(pass + improved),
      share(inconclusive),
      share(invalid),
      tally.meanBlocks.toFixed(1),
      ...rivalNames.map((name: RivalName) => share(tally.rivals[name])),
    ];
  });
  return alignedTable(head, rows);
}

/** Columns padded to one width, the first to the left, as the formatter wants them. */
export function alignedTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, column) =>
    Math.max(3, ...[head, ...rows].map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]): string => {
    const cells = widths.map((width, i) => (i === 0 ? row[i]?.padEnd(width) : row[i]?.padStart(width)));
    return `| ${cells.join(' | ')} |`;
  };
  const rule = widths.map((width, i) => (i === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  return [line(head), line(rule), ...rows.map(line)].join('\n');
}

/** A share in percent; none of many is told apart from few of many. */
function percent(count: number, of: number): string {
  if (of === 0) return 'none run';
  const share = (100 * count) / of;
  return `${share === 0 || share >= 10 ? share.toFixed(0) : share.toFixed(share < 0.1 ? 2 : 1)} %`;
}

const colours = ['#0b6e99', '#b3541e', '#4b7f2c', '#7a3e9d', '#8a6d00', '#555555'];

/** Power against change, one line per design, as an SVG document. */
export function powerPlot(designs: ReadonlyMap<string, readonly Tally[]>): string {
  const [width, height, left, top, right, bottom] = [760, 400, 60, 20, 20, 150];
  const most = Math.max(...[...designs.values()].flat().map((tally) => tally.slowdown));
  const x = (slowdown: number): number => left + (slowdown / most) * (width - left - right);
  const y = (share: number): number => top + (1 - share) * (height - top - bottom);
  const lines = [...designs].map(([design, tallies], i) => {
    const colour = colours[i % colours.length];
    const dash = ['', '8 4', '2 4', '12 4 2 4', '6 6', '1 3'][i % 6];
    const points = tallies.map((tally) => ({
      x: x(tally.slowdown),
      y: y(tally.verdicts.regressed / tally.gateRuns),
    }));
    const path = points.map((point) => `${point.x.toFixed(1)},${point.y.toFixed(1)}`).join(' ');
    const dots = points.map(
      (point) => `<circle cx="${point.x.toFixed(1)}" cy="${point.y.toFixed(1)}" r="3.5" fill="${colour}"/>`,
    );
    const legend = height - bottom + 62 + 20 * i;
    return [
      `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2" stroke-dasharray="${dash}"/>`,
      ...dots,
      `<line x1="${left}" y1="${legend}" x2="${left + 40}" y2="${legend}" stroke="${colour}" stroke-width="2" stroke-dasharray="${dash}"/>`,
      `<text x="${left + 50}" y="${legend + 4}">${design}</text>`,
    ].join('\n');
  });
  const marks = [0, 0.25, 0.5, 0.75, 1].map(
    (share) =>
      `<line x1="${left}" y1="${y(share)}" x2="${width - right}" y2="${y(share)}" stroke="#cccccc"/><text x="${left - 8}" y="${y(share) + 4}" text-anchor="end">${share * 100} %</text>`,
  );
  const ticks = [...new Set([...designs.values()].flat().map((tally) => tally.slowdown))].map(
    (slowdown) =>
      `<text x="${x(slowdown)}" y="${height - bottom + 20}" text-anchor="middle">+${Math.round(slowdown * 100)} %</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="Share of gate runs that call a regression, by size of the change" font-family="sans-serif" font-size="13">
<rect width="${width}" height="${height}" fill="#ffffff"/>
${[...marks, ...ticks, ...lines].join('\n')}
<text x="${(left + width - right) / 2}" y="${height - bottom + 40}" text-anchor="middle">true change for the worse</text>
</svg>
`;
}

/** Replaces what stands between two marks of a document. @throws Error where the marks are missing */
export function replaceSection(document: string, name: string, text: string): string {
  const [start, end] = [`<!-- ${name}: start -->`, `<!-- ${name}: end -->`];
  const [from, to] = [document.indexOf(start), document.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`the document has no section “${name}”`);
  return `${document.slice(0, from + start.length)}\n${text}\n${document.slice(to)}`;
}
