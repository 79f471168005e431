import { execa } from 'execa';
import { testEnvironment } from '../vitest.config.ts';
import { summaryLine, type Totals } from './totals.ts';

/**
 * `npm test`: lint and format, types, unused code, directions of imports, then the lanes of tests; `npm run test:kernel` runs the last one alone.
 * Ends with `N passed, N failed, N skipped`; every skip is listed with its reason.
 */
const checks = [
  { name: 'lint and format', argv: ['biome', 'ci', '--colors=off', '.'] },
  { name: 'types', argv: ['tsc', '--noEmit'] },
  { name: 'unused code', argv: ['knip', '--no-progress'] },
  { name: 'directions of imports', argv: ['node', '--import', 'tsx', 'test/check-imports.ts'] },
] as const;

const lanes = process.argv.slice(2);

const totals: Totals = { passed: 0, failed: 0, skips: [] };
if (lanes.length === 0) {
  for (const check of checks) {
    const [program, ...rest] = check.argv;
    const result = await execa(program, rest, { preferLocal: true, reject: false, all: true });
    const passed = result.exitCode === 0;
    process.stdout.write(`${passed ? '✓' : '✗'} ${check.name}\n`);
    if (!passed) process.stdout.write(`${result.all}\n`);
    if (passed) totals.passed++;
    else totals.failed++;
  }
}

/** Images take minutes to build on a bare machine; no single test should wait for them. */
async function prepareImages(): Promise<void> {
  const started = Date.now();
  const argv = ['--import', 'tsx', 'bench/cli/cli.ts', 'check', '--json'];
  const result = await execa(process.execPath, argv, {
    reject: false,
    stderr: 'inherit',
    env: testEnvironment,
  });
  const passed = result.exitCode === 0;
  process.stdout.write(
    `${passed ? '✓' : '✗'} images and lab (${((Date.now() - started) / 1000).toFixed(0)} s)\n`,
  );
  if (passed) totals.passed++;
  else totals.failed++;
}

// Lanes run one after the other: those that measure must not share the machine with others.
for (const lane of lanes.length > 0 ? lanes : ['unit', 'engine', 'browser', 'kernel']) {
  if (lane === 'engine') await prepareImages();
  const started = Date.now();
  const result = await execa(
    'vitest',
    ['run', '--project', lane, '--reporter', './test/reporter.ts', '--passWithNoTests'],
    {
      preferLocal: true,
      reject: false,
      stdout: ['pipe', 'inherit'],
      stderr: ['pipe', 'inherit'],
    },
  );
  const line = result.stdout.split('\n').findLast((each) => each.startsWith('TARE-TOTALS '));
  if (line) {
    const lanesTotals = JSON.parse(line.slice('TARE-TOTALS '.length)) as Totals;
    totals.passed += lanesTotals.passed;
    totals.failed += lanesTotals.failed;
    totals.skips.push(...lanesTotals.skips);
  }
  // A lane that broke before it could count, or failed outside any test, must not look green.
  if (!line || (result.exitCode !== 0 && totals.failed === 0)) totals.failed++;
  process.stdout.write(`lane ${lane}: ${((Date.now() - started) / 1000).toFixed(0)} s\n`);
}

for (const skip of totals.skips) process.stdout.write(`skipped: ${skip.name}: ${skip.reason}\n`);
process.stdout.write(`${summaryLine(totals)}\n`);
process.exitCode = totals.failed === 0 && totals.passed > 0 ? 0 : 1;
