import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import type { Bench } from 'tinybench';
import { parsersBench } from './parsers.bench.ts';
import { reportBench } from './report.bench.ts';
import { reportLimits } from './report-limits.ts';
import { statisticsBench } from './statistics.bench.ts';
import { storeBench } from './store.bench.ts';

/**
 * Tare's benchmarks of itself: micro-benchmarks of statistics, store, parsers and reports, the limits of a large
 * report; and fidelity, precision and injections, which need an engine. Speed is published here and asserted nowhere.
 *
 * usage: npm run bench:self [-- NAME…]
 */
const benchmarks: Readonly<Record<string, () => Promise<void>>> = {
  statistics: async () => print(statisticsBench()),
  store: async () => print(await storeBench()),
  parsers: async () => print(await parsersBench()),
  report: async () => print(await reportBench()),
  'report-limits': async () => console.table(await reportLimits()),
  fidelity: () => script('fidelity.ts'),
  interval: () => script('interval.ts'),
  placement: () => script('placement.ts'),
  precision: () => script('precision.ts'),
  injections: () => script('injections.ts'),
};

async function print(bench: Bench): Promise<void> {
  await bench.run();
  console.table(bench.table());
}

async function script(name: string): Promise<void> {
  const file = fileURLToPath(new URL(name, import.meta.url));
  const { exitCode } = await execa(process.execPath, ['--import', 'tsx', file], {
    stdio: 'inherit',
    reject: false,
  });
  if (exitCode !== 0) process.exitCode = 1;
}

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in benchmarks));
if (unknown.length > 0) {
  process.stderr.write(
    `no benchmark is called ${unknown.join(', ')}. Choose among ${Object.keys(benchmarks).join(', ')}.\n`,
  );
  process.exitCode = 2;
} else {
  for (const name of wanted.length > 0 ? wanted : Object.keys(benchmarks)) {
    process.stdout.write(`\n== ${name}\n`);
    await benchmarks[name]?.();
  }
}
