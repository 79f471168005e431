import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { noise } from '../../results/statistics/random.ts';
import { alignedTable, replaceSection } from './gate/document.ts';
import { methods } from './interval/methods.ts';
import { disturbances } from './interval/noises.ts';

/**
 * Which interval keeps its promise: how often those of several methods hold the truth (nothing differs) where trials are
 * disturbed as they are on real machines, to one side, in two modes. Figures go to docs/interval.md with `--write`.
 */
const { values: options } = parseArgs({
  options: {
    /** Runs that are simulated for each cell; a tenth of it where resampling makes each slow. */
    runs: { type: 'string', default: '5000' },
    write: { type: 'boolean', default: false },
  },
});

const comparisons = [4, 6, 12, 30] as const;
const runs = Number(options.runs);
const letter = (index: number): string => String.fromCharCode(65 + index);
const percent = (share: number, digits = 1): string => (share * 100).toFixed(digits);

const signed = (share: number): string => percent(Math.abs(share) < 0.0005 ? 0 : share).replace('-', '−');

const tables: string[] = [];
for (const n of comparisons) {
  const rows = disturbances.map(({ name, draw }) => {
    const cells = methods.map((method, index) => {
      const source = noise(1000 * n + index);
      const times = method.isSlow ? runs / 10 : runs;
      let [covered, sum, width, stated] = [0, 0, 0, 0];
      for (let run = 0; run < times; run += 1) {
        const triples = Array.from({ length: n }, () => draw(source));
        const { estimate, interval } = method.locate(triples, source);
        if (interval.low <= 0 && interval.high >= 0) covered += 1;
        sum += estimate;
        width += interval.high - interval.low;
        stated += interval.confidence;
      }
      return { covered: covered / times, bias: sum / times, width: width / times, stated: stated / times };
    });
    process.stderr.write(`${n} comparisons, ${name}\n`);
    return { name, cells };
  });
  const shown = rows.map(({ name, cells }) => [
    name,
    ...cells.map(({ covered, stated, bias, width }) => {
      const short = stated - covered > 0.01 ? ' ↓' : '';
      return `${percent(covered)}${short} (${signed(bias)}; ${percent(width, width < 1 ? 1 : 0)})`;
    }),
  ]);
  const stated = ['states', ...(rows[0]?.cells ?? []).map((each) => percent(each.stated))];
  tables.push(
    `### ${n} comparisons\n\n${alignedTable(['disturbance', ...methods.map((_, index) => letter(index))], [stated, ...shown])}`,
  );
}
const legend = methods.map(({ name }, index) => `- **${letter(index)}**: ${name}`).join('\n');
const text = `\n${legend}\n\n${tables.join('\n\n')}\n`;
process.stdout.write(text);
if (options.write) {
  const document = 'docs/interval.md';
  await writeFile(document, replaceSection(await readFile(document, 'utf8'), 'interval', text));
}
