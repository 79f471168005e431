import { writeFile } from 'node:fs/promises';

/**
 * Makes the page of a 10,000-trial run in a process of its own, for report-limits.ts. Prints how long it took from the
 * trials in memory to the page on disk, programs loaded included, and the most memory that the process ever had.
 */
const [path = ''] = process.argv.slice(2);
const { syntheticRun } = await import('./synthetic/run.ts');
const record = syntheticRun({ blocks: 59, failedShare: 0.01, invalidShare: 0.01 });
const start = performance.now();
const { summarise } = await import('../../results/summarise.ts');
const { renderHtml } = await import('../../reports/html/render.ts');
const page = await renderHtml(summarise(record), record);
await writeFile(path, page);
const seconds = (performance.now() - start) / 1000;
const peakBytes = process.resourceUsage().maxRSS * 1024;
process.stdout.write(
  JSON.stringify({ trials: record.trials.length, seconds, peakBytes, pageBytes: page.length }),
);
