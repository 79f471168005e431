import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { execa } from 'execa';
import { testEnvironment } from '../vitest.config.ts';
import { summaryLine, type Totals } from './totals.ts';

/**
 * `npm run test:matrix [-- --write] [MAJOR…]`: the unit tests, and the package as it is shipped, on every Node that the
 * README promises. Too long for each change; `--write` puts the dated table into docs/node-versions.md.
 */
const majors = ['20', '22', '24'];
const root = resolve(import.meta.dirname, '..');
const given = process.argv.slice(2);
const chosen = given.filter((each) => each !== '--write');
const wanted = chosen.length > 0 ? chosen : majors;

interface Row {
  readonly node: string;
  readonly totals: Totals;
  /** Whether the built program starts. */
  readonly starts: boolean;
}

/** Node's own binary, as npm's registry carries it. */
async function fetchNode(major: string, folder: string): Promise<string> {
  await mkdir(folder);
  const name = `node-${process.platform}-${process.arch}@${major}`;
  await execa('npm', ['pack', name, '--silent', '--pack-destination', folder], { cwd: folder });
  const [archive = ''] = await readdir(folder);
  await execa('tar', ['--extract', '--file', archive, '--strip-components', '1'], { cwd: folder });
  return join(folder, 'bin');
}

async function testOn(bin: string): Promise<Row> {
  const node = join(bin, 'node');
  // Whoever starts `node` by its name gets this one, too.
  const env = { ...testEnvironment, PATH: `${bin}${delimiter}${process.env.PATH}` };
  const { stdout: version } = await execa(node, ['--version']);
  const tare = await execa(node, ['dist/bench/cli/cli.js', '--version'], { cwd: root, env, reject: false });
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const { stdout } = await execa(
    node,
    [vitest, 'run', '--project', 'unit', '--reporter', './test/reporter.ts'],
    { cwd: root, env, reject: false, stdout: ['pipe', 'inherit'], stderr: 'inherit' },
  );
  const line = stdout.split('\n').findLast((each) => each.startsWith('TARE-TOTALS '));
  const totals: Totals = line
    ? JSON.parse(line.slice('TARE-TOTALS '.length))
    : { passed: 0, failed: 1, skips: [] };
  return { node: version, totals, starts: tare.exitCode === 0 };
}

function table(rows: readonly Row[]): string {
  const today = new Date().toISOString().slice(0, 10);
  const lines = rows.map(
    ({ node, totals, starts }) =>
      `| ${node} | ${summaryLine(totals)} | ${starts ? 'starts' : 'does not start'} |`,
  );
  return `# Versions of Node

Tare runs on Node 20.19 and newer; Node 20 has reached its end, so take a later one where you can choose. What
\`npm run test:matrix -- --write\` saw on ${today}, with Node's binaries from npm's registry:

| Node | unit tests | the built package |
| --- | --- | --- |
${lines.join('\n')}
`;
}

const folder = await mkdtemp(join(tmpdir(), 'tare-nodes-'));
try {
  await execa('npm', ['run', 'build', '--silent'], { cwd: root, stdio: 'inherit' });
  const rows: Row[] = [];
  for (const major of wanted) {
    const row = await testOn(await fetchNode(major, join(folder, major)));
    process.stdout.write(`Node ${row.node}: ${summaryLine(row.totals)}\n`);
    rows.push(row);
  }
  process.stdout.write(`\n${table(rows)}`);
  if (given.includes('--write')) await writeFile(join(root, 'docs', 'node-versions.md'), table(rows));
  process.exitCode = rows.every(({ totals, starts }) => totals.failed === 0 && starts) ? 0 : 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
