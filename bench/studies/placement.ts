import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { execa } from 'execa';
import { median } from '../../results/statistics/order.ts';
import { alignedTable, replaceSection } from './gate/document.ts';

/**
 * What it does to a loopback stream where its two ends run: both on one core, on two, or wherever the kernel puts them.
 * Needs iperf3, taskset and, for real-time priority, root. Figures go to docs/placement.md with `--write`.
 */
const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '10' },
    /** A command line that runs iperf3, in words separated by blanks. */
    iperf3: { type: 'string', default: 'iperf3' },
    write: { type: 'boolean', default: false },
  },
});

const placements = {
  'one core': ['0', '0'],
  'two cores': ['0', '1'],
  'as the kernel likes': undefined,
} as const;
/** At real-time priority nothing else gets in, as on a machine that does nothing else; nice ones wait for little but wake-ups. */
const priorities = {
  'as other programs': [],
  'with most of the CPU (nice −15)': ['nice', '-n', '-15'],
  'before all others (chrt -f)': ['chrt', '-f', '10'],
} as const;
const port = '15201';

async function gigabitsPerSecond(
  cores: readonly [string, string] | undefined,
  priority: readonly string[],
): Promise<number> {
  const command = (core: string | undefined, more: readonly string[]) => [
    ...priority,
    ...(core === undefined ? [] : ['taskset', '-c', core]),
    ...options.iperf3.split(' '),
    ...more,
  ];
  const [program = '', ...rest] = command(cores?.[1], ['-s', '-1', '-B', '127.0.0.1', '-p', port]);
  const server = spawn(program, rest, { stdio: 'ignore' });
  const ended = once(server, 'exit');
  try {
    await sleep(200);
    const [client = '', ...words] = command(cores?.[0], ['-c', '127.0.0.1', '-p', port, '-t', '1', '-J']);
    const { stdout } = await execa(client, words, { timeout: 10_000 });
    const bits = Number(JSON.parse(stdout).end?.sum_received?.bits_per_second);
    if (!(bits > 0)) throw new Error(`iperf3 gave no goodput: ${stdout.slice(0, 500)}`);
    return bits / 1e9;
  } finally {
    server.kill();
    await ended;
  }
}

const figures = new Map<string, number[]>();
for (let round = 0; round < Number(options.rounds); round += 1) {
  for (const [priority, words] of Object.entries(priorities)) {
    for (const [placement, cores] of Object.entries(placements)) {
      const key = `${priority}\n${placement}`;
      figures.set(key, [...(figures.get(key) ?? []), await gigabitsPerSecond(cores, words)]);
    }
  }
}
const rows = [...figures].map(([key, values]) => [
  ...key.split('\n').reverse(),
  String(values.length),
  median(values).toFixed(1),
  `${Math.min(...values).toFixed(1)} to ${Math.max(...values).toFixed(1)}`,
]);
const table = alignedTable(['both ends on', 'scheduled', 'trials', 'median Gbit/s', 'range'], rows);
process.stdout.write(`${table}\n`);
if (options.write) {
  const document = 'docs/placement.md';
  await writeFile(document, replaceSection(await readFile(document, 'utf8'), 'placement', `\n${table}\n`));
}
