import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { trialReasonText } from '../../results/reason-text.ts';
import { parseScenarioId, type Scenario } from '../../results/scenario.ts';
import { type Pair, provisionPair } from '../pair/pair.ts';
import { newRunId, openSite } from '../site/open-site.ts';
import { SubnetPool } from '../site/subnets.ts';
import { startServers } from '../workloads/readiness.ts';
import { tcpRr } from '../workloads/tcp-rr.ts';
import { tcpStream } from '../workloads/tcp-stream.ts';
import { iperf3Argv } from '../workloads/tools/iperf3.ts';
import { alignedTable, replaceSection } from './gate/document.ts';
import { precisionOf } from './precision/designs.ts';

/**
 * How much is learnt in a minute: series of trials of one unchanged configuration, with trials of several lengths, and
 * what each way of placing trials would make of them. Figures go to docs/precision.md with `--write`.
 */
const { values: options } = parseArgs({
  options: {
    scenario: { type: 'string', default: 'cross-host/overlay' },
    /** Seconds for each series. */
    seconds: { type: 'string', default: '120' },
    write: { type: 'boolean', default: false },
  },
});

/** A way of measuring once; gives the figure in its own unit. */
interface Series {
  readonly name: string;
  readonly measure: (pair: Pair) => Promise<number>;
}

const iperf3 = (more: readonly string[], durationSeconds: number): Series['measure'] => {
  return async (pair) => {
    const time = { durationSeconds, omitSeconds: 0 };
    const timed = iperf3Argv(pair, { streams: 1, direction: 'forward' }, time);
    const argv = more.includes('-n') ? [...untimed(timed), ...more] : [...timed, ...more];
    const { exitCode, stdout, stderr } = await pair.client.run(argv, {
      deadlineSeconds: durationSeconds + 20,
    });
    if (exitCode !== 0) throw new Error(`iperf3 ended with ${exitCode}: ${stderr}${stdout}`);
    const bitsPerSecond = Number(JSON.parse(stdout).end?.sum_received?.bits_per_second);
    if (!(bitsPerSecond > 0)) throw new Error(`iperf3 gave no goodput: ${stdout}`);
    return bitsPerSecond;
  };
};

/** It takes one condition to end by, and looks whether all bytes are sent only as an interval ends. */
function untimed(argv: readonly string[]): string[] {
  const endless = argv.toSpliced(argv.indexOf('-t'), 2);
  return endless.toSpliced(endless.indexOf('-i'), 2, '-i', '0.1');
}

const transactions: Series['measure'] = async (pair) => {
  const settings = { durationSeconds: 1, omitSeconds: 0, cores: 2, offeredBitsPerSecond: 1e8 };
  const outcome = await tcpRr.measure(pair, settings);
  if (outcome.type === 'failed') throw new Error(trialReasonText(outcome.reason));
  const metric = outcome.metrics.find((each) => each.name === 'transactions');
  if (!metric) throw new Error('netperf gave no transactions');
  return metric.value;
};

/** Long trials take longer than the seconds of a series, or too few of them would stand side by side. */
const leastTrials = 26;

/** iperf3 takes whole seconds; a shorter trial is one of so many bytes. */
const shortBytes = (bitsPerSecond: number, seconds: number) =>
  String(Math.round((bitsPerSecond * seconds) / 8));

const scenario = parseScenarioId(options.scenario) as Scenario | undefined;
if (!scenario) throw new Error(`${options.scenario} is no scenario`);
const runId = newRunId(new Date());
const site = await openSite(
  {
    engines: [],
    labNodes: scenario.topology === 'cross-host' ? 2 : undefined,
    listener: () => undefined,
  },
  runId,
);
try {
  const pair = await provisionPair(site, await SubnetPool.of(site), scenario);
  await startServers(pair, [tcpRr, tcpStream]);
  const known = await iperf3([], 1)(pair);
  const series: readonly Series[] = [
    { name: 'goodput, 0.3 s', measure: iperf3(['-n', shortBytes(known, 0.3)], 1) },
    { name: 'goodput, 1 s', measure: iperf3([], 1) },
    { name: 'goodput, 1 s after 1 s discarded', measure: iperf3(['-O', '1'], 1) },
    { name: 'goodput, 1 s, each end on a core of its own', measure: iperf3(['-A', '0,1'], 1) },
    { name: 'goodput, 3 s', measure: iperf3([], 3) },
    { name: 'goodput, 10 s', measure: iperf3([], 10) },
    { name: 'transactions, 1 s', measure: transactions },
  ];
  const rows: string[][] = [];
  for (const { name, measure } of series) {
    const figures: number[] = [];
    const started = performance.now();
    const until = started + Number(options.seconds) * 1000;
    while (performance.now() < until || figures.length < leastTrials) figures.push(await measure(pair));
    const secondsPerTrial = (performance.now() - started) / 1000 / figures.length;
    for (const each of precisionOf(figures, secondsPerTrial)) {
      rows.push([
        name,
        each.design,
        String(each.comparisons),
        secondsPerTrial.toFixed(2),
        percent(each.errorSd),
        each.standardErrorPerMinute === undefined ? 'too few' : percent(each.standardErrorPerMinute),
      ]);
    }
    process.stderr.write(`${name}: ${figures.length} trials\n`);
  }
  const head = [
    'trial',
    'placement',
    'comparisons',
    'wall s each',
    'SD of one comparison',
    'SE after a minute',
  ];
  const table = alignedTable(head, rows);
  process.stdout.write(`${table}\n`);
  if (options.write) {
    const document = 'docs/precision.md';
    const text = `\nMeasured on ${scenario.id}, ${options.seconds} s for each kind of trial.\n\n${table}\n`;
    await writeFile(document, replaceSection(await readFile(document, 'utf8'), 'precision', text));
  }
  await pair.remove();
} finally {
  await site.close();
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)} %`;
}
