import { Bench } from 'tinybench';
import { csvTrials, renderCsv } from '../../reports/csv.ts';
import { renderHtml } from '../../reports/html/render.ts';
import { renderMarkdown } from '../../reports/markdown.ts';
import { renderTerminal } from '../../reports/terminal.ts';
import { summarise } from '../../results/summarise.ts';
import { syntheticRun } from './synthetic/run.ts';

/** How fast each format of a report of 10,000 trials is made, once the trials are digested. */
export async function reportBench(): Promise<Bench> {
  const record = syntheticRun({ blocks: 59 });
  const summary = summarise(record);
  return new Bench({
    name: `report of ${record.trials.length} trials`,
    time: 500,
    warmupIterations: 1,
    iterations: 3,
  })
    .add('terminal', () => renderTerminal(summary, { columns: 100, colour: true }))
    .add('markdown', () => renderMarkdown(summary))
    .add('html', async () => {
      await renderHtml(summary, record);
    })
    .add('csv', () => renderCsv(record.run.id, csvTrials(record.trials)));
}
