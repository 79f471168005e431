import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { formatMoment } from '../../reports/format.ts';
import { literatureMarkdown } from '../../reports/literature-markdown.ts';
import { codeBlock } from '../../reports/markdown-text.ts';
import { holdAgainst } from '../../results/literature.ts';
import { statements } from '../../results/literature-statements.ts';
import { resolveRun } from '../../results/run-lookup.ts';
import { readRun } from '../../results/stored-run.ts';
import { summarise } from '../../results/summarise.ts';
import { replaceSection } from './gate/document.ts';
import { recordOfPage } from './literature/page-record.ts';

/** Holds what others have published against a run: to the screen, and into docs/literature.md with `--write`. */
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { write: { type: 'boolean', default: false } },
});
const asked = positionals[0] ?? 'latest';
// A page keeps the trials of a run of which nothing else is left.
const stored = asked.endsWith('.html')
  ? recordOfPage(await readFile(asked, 'utf8'))
  : await readRun(await resolveRun(asked));
const summary = summarise(stored);
const { run } = summary;
const print = run.fingerprints[0];
const measured = [
  `Measured ${formatMoment(run.startedAt)} with ${run.plan.blocks} blocks (run ${run.id})`,
  ...(print ? [`kernel ${print.kernel}, Docker ${print.engineVersion}`] : []),
].join('; ');
const held = statements.map((each) => holdAgainst(each, summary));
const [, legend = '', ...sections] = literatureMarkdown(held);
const text = `\n${measured}. Made again by:\n\n${codeBlock(run.command, 'sh')}\n\n${[legend, ...sections].join('\n\n')}\n`;
process.stdout.write(text);
if (options.write) {
  const document = 'docs/literature.md';
  await writeFile(document, replaceSection(await readFile(document, 'utf8'), 'literature', text));
}
