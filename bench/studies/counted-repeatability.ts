import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { withFunctions } from '../../results/stored-functions.ts';
import { readRun } from '../../results/stored-run.ts';
import {
  type BootFigures,
  betweenBoots,
  type Figure,
  figuresOf,
  withinBoot,
} from './counted/repeatability.ts';
import { alignedTable, replaceSection } from './gate/document.ts';

/**
 * How well counted figures repeat: over the trials of each pair of one run, and between runs of two machines that were
 * booted each by itself. Reads runs that were measured before, one folder a boot; writes the tables into
 * docs/counted-repeatability.md with `--write`.
 *
 * usage: node --import tsx bench/studies/counted-repeatability.ts RUN [RUN…] [--write]
 */
const { values: options, positionals: folders } = parseArgs({
  options: { write: { type: 'boolean', default: false } },
  allowPositionals: true,
});
if (folders.length === 0) {
  process.stderr.write('give the folder of one run in a counted machine, or of several\n');
  process.exit(2);
}

const boots: BootFigures[] = [];
for (const folder of folders) boots.push(figuresOf(await withFunctions(await readRun(folder))));

const percent = (share: number, digits: number) => `${(share * 100).toFixed(digits)} %`;
const number = (value: number, unit: Figure['unit']) => value.toFixed(unit === 'KiB' ? 2 : 1);

const trials = boots.flatMap((boot, index) =>
  boot.map((figure) => {
    const { mean, deviation, moved } = withinBoot(figure);
    return [
      `${figure.scenario} ${figure.workload}`,
      String(index + 1),
      String(figure.instructions.length),
      `${number(mean, figure.unit)} a ${figure.unit}`,
      figure.instructions.length > 1 ? percent(deviation, 3) : '–',
      moved.map(({ name, spread }) => `${name} ${number(spread, figure.unit)}`).join(', ') || '–',
    ];
  }),
);
const text = [
  '',
  '### Trials of one pair',
  '',
  alignedTable(
    ['', 'machine', 'trials', 'instructions', 'standard deviation', 'functions that moved most'],
    trials,
  ),
];
const [first, ...others] = boots;
for (const [index, other] of first ? others.entries() : []) {
  const rows = betweenBoots(first as BootFigures, other).map(
    ({ scenario, workload, difference, functions, alike, moved, unit }) => [
      `${scenario} ${workload}`,
      percent(difference, 3),
      `${alike} of ${functions} (${percent(alike / functions, 1)})`,
      moved.map(({ name, spread }) => `${name} ${number(spread, unit)}`).join(', ') || '–',
    ],
  );
  text.push(
    '',
    `### Machine 1 against machine ${index + 2}, each booted by itself`,
    '',
    alignedTable(['', 'difference', 'functions within one instruction', 'functions that moved most'], rows),
  );
}
const shown = `${text.join('\n')}\n`;
process.stdout.write(shown);
if (options.write) {
  const document = 'docs/counted-repeatability.md';
  await writeFile(document, replaceSection(await readFile(document, 'utf8'), 'repeatability', shown));
}
