import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { execa } from 'execa';
import type { JsonComparison } from '../../reports/gate-json.ts';
import { alignedTable, replaceSection } from './gate/document.ts';

/**
 * Does the gate see real hindrances? Each is put into the path of one arm of a live comparison on a real engine, and
 * the gate judges it as it would in CI; the twin compares the same configuration with itself.
 */
const { values: options } = parseArgs({
  options: {
    /** Only those whose name contains this. */
    only: { type: 'string', default: '' },
    blocks: { type: 'string', default: '16' },
    /** Writes the table into docs/gate.md. */
    write: { type: 'boolean', default: false },
  },
});

interface Injection {
  readonly name: string;
  /** The scenario of the base arm; the head's is the same with the options. */
  readonly scenario: string;
  readonly options: string;
  readonly workload: string;
}

interface Outcome {
  readonly injection: Injection;
  readonly json: JsonComparison;
}

const tare = async (argv: readonly string[], acceptable: readonly number[]): Promise<string> => {
  const command = fileURLToPath(new URL('../cli/cli.ts', import.meta.url));
  const result = await execa(process.execPath, ['--import', 'tsx', command, ...argv], {
    reject: false,
    stderr: ['pipe', 'inherit'],
  });
  if (!acceptable.includes(result.exitCode ?? -1)) {
    throw new Error(`tare ${argv.join(' ')} ended with ${result.exitCode}: ${result.stderr.slice(-500)}`);
  }
  return result.stdout;
};

const folder = await mkdtemp(join(tmpdir(), 'tare-injections-'));
try {
  const outcomes: Outcome[] = [];
  const bridge = 'same-host/bridge';
  const judge = async (injection: Injection): Promise<Outcome | undefined> => {
    if (!injection.name.includes(options.only)) return undefined;
    const outcome = { injection, json: await compareLive(injection) };
    outcomes.push(outcome);
    process.stderr.write(`${injection.name}: ${outcome.json.verdict}\n`);
    return outcome;
  };
  const twin = await judge({
    name: 'nothing (A/A twin), goodput',
    scenario: bridge,
    options: '',
    workload: 'tcp-stream',
  });
  await judge({
    name: 'nothing (A/A twin), round trips',
    scenario: bridge,
    options: '',
    workload: 'tcp-rr',
  });
  for (const count of [100, 1_000, 10_000]) {
    await judge({
      name: `${count} filter rules`,
      scenario: bridge,
      options: `rules=${count}`,
      workload: 'tcp-rr',
    });
  }
  await judge({ name: 'MTU 1500 → 1400', scenario: bridge, options: 'mtu=1400', workload: 'tcp-stream' });
  await judge({ name: 'GRO off', scenario: bridge, options: 'without=gro', workload: 'tcp-stream' });
  await judge({
    name: 'GRO, GSO and TSO off',
    scenario: bridge,
    options: 'without=gro+gso+tso',
    workload: 'tcp-stream',
  });
  for (const [share, cpus] of [
    ['half a core', 0.5],
    ['a fifth of a core', 0.2],
  ] as const) {
    await judge({
      name: `server held to ${share}`,
      scenario: bridge,
      options: `cpus=${cpus}`,
      workload: 'tcp-stream',
    });
  }
  const measured = twin && primary(twin)?.change?.base.median;
  if (measured) {
    await judge({
      name: 'token bucket at 0.9 of the measured rate',
      scenario: bridge,
      options: `rate=${Math.round((measured * 0.9) / 1e6)}M`,
      workload: 'tcp-stream',
    });
  }
  const text = table(outcomes);
  process.stdout.write(`${text}\n`);
  if (options.write) {
    const document = await readFile('docs/gate.md', 'utf8');
    await writeFile('docs/gate.md', replaceSection(document, 'injections', `\n${text}\n`));
  }
  const criedWolf = outcomes.filter(
    ({ injection, json }) => injection.options === '' && json.verdict === 'regressed',
  );
  for (const { injection } of criedWolf) process.stderr.write(`cried wolf: ${injection.name}\n`);
  if (criedWolf.length > 0) process.exitCode = 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function compareLive(injection: Injection): Promise<JsonComparison> {
  const arm = async (name: string, id: string) => {
    const file = join(folder, `${name}.yaml`);
    await writeFile(file, `scenarios: ["${id}"]\n`);
    return `${name}=${file}`;
  };
  const base = await arm('base', injection.scenario);
  const head = await arm('head', [injection.scenario, injection.options].filter(Boolean).join('@'));
  const out = join(folder, `run-${injection.name.replace(/\W+/g, '-')}`);
  const arms = ['--arm', base, '--arm', head];
  await tare(
    ['run', ...arms, '--workload', injection.workload, '--blocks', options.blocks, '--out', out],
    [0],
  );
  // Every verdict has an exit code of its own; none of them is a failure of this script.
  return JSON.parse(await tare(['gate', out, '--json'], [0, 1, 3, 4])) as JsonComparison;
}

/** The figure that the gate judges first. */
function primary({ json }: Outcome) {
  return json.scenarios
    .flatMap((scenario) => scenario.workloads)
    .flatMap((workload) => workload.metrics)
    .find((metric) => metric.change !== undefined);
}

function table(outcomes: readonly Outcome[]): string {
  const percent = (value: number | undefined) =>
    value === undefined ? 'unknown' : `${value > 0 ? '+' : ''}${(value * 100).toFixed(1)} %`;
  const rows = outcomes.map((outcome) => {
    const { injection, json } = outcome;
    const metric = primary(outcome);
    const change = metric?.change;
    return [
      injection.name,
      metric ? `${metric.name} of ${injection.workload}` : injection.workload,
      change ? `${percent(change.estimate)} [${percent(change.low)}, ${percent(change.high)}]` : 'none',
      change ? String(change.n) : '0',
      json.verdict,
    ];
  });
  return alignedTable(
    ['put into the head’s path', 'figure', 'cost (interval)', 'blocks', 'the gate says'],
    rows,
  );
}
