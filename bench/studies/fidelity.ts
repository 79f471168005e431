import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { trialReasonText } from '../../results/reason-text.ts';
import { parseScenarioId, type Scenario } from '../../results/scenario.ts';
import { hodgesLehmann } from '../../results/statistics/hodges-lehmann.ts';
import { median } from '../../results/statistics/order.ts';
import { provisionPair } from '../pair/pair.ts';
import { CpuMeter } from '../run/cpu-meter.ts';
import { runTrial } from '../run/trial.ts';
import { newRunId, openSite } from '../site/open-site.ts';
import { SubnetPool } from '../site/subnets.ts';
import { PathWatcher, type WatchPath } from '../witness/path-watcher.ts';
import { startServers } from '../workloads/readiness.ts';
import { tcpCrr } from '../workloads/tcp-crr.ts';
import { tcpRr } from '../workloads/tcp-rr.ts';
import { tcpStream } from '../workloads/tcp-stream.ts';
import { netperfArgv } from '../workloads/tools/netperf.ts';
import type { Workload, WorkloadPair } from '../workloads/workload.ts';

/**
 * Does Tare measure what a person would, and what does proving the path cost? The same command of iperf3 or netperf,
 * typed by hand with the engine's own client, run by Tare, and run by Tare with its witness, in the same pair, in turn.
 *
 * usage: node --import tsx bench/studies/fidelity.ts [--rounds N] [--seconds N] [--workload tcp-stream|tcp-rr|tcp-crr]
 */
const argument = (name: string, fallback: number) => {
  const at = process.argv.indexOf(name);
  return at < 0 ? fallback : Number(process.argv[at + 1]);
};
const rounds = argument('--rounds', 60);
const durationSeconds = argument('--seconds', 1);
const only =
  process.argv.indexOf('--workload') < 0
    ? undefined
    : process.argv.at(process.argv.indexOf('--workload') + 1);
const scenario = parseScenarioId('same-host/bridge') as Scenario;

/** A machine that others use may hold a trial up, which Tare then refuses; by hand nobody would notice. */
const mostAgain = 5;

/** Figures by the names that the workload gives them. */
type Figures = Readonly<Record<string, number>>;

/** What a person would type for a workload, and read from its output. */
interface ByHand {
  readonly workload: Workload;
  readonly argv: (pair: WorkloadPair) => readonly string[];
  readonly read: (stdout: string) => Figures;
}

const netperfField = (stdout: string, name: string) =>
  Number(new RegExp(`^${name}=(.*)$`, 'm').exec(stdout)?.[1]);

const studied: readonly ByHand[] = [
  {
    workload: tcpStream,
    argv: ({ serverAddress, ports }) => [
      'iperf3',
      '-J',
      '-t',
      String(durationSeconds),
      '-c',
      serverAddress,
      '-p',
      String(ports.iperf3),
    ],
    read: (stdout) => ({ goodput: JSON.parse(stdout).end.sum_received.bits_per_second }),
  },
  {
    workload: tcpRr,
    argv: (pair) => netperfArgv(pair, 'tcp-rr', { seconds: durationSeconds }),
    read: (stdout) => ({
      transactions: netperfField(stdout, 'THROUGHPUT'),
      'rtt-p50': netperfField(stdout, 'P50_LATENCY') / 1e6,
      'rtt-p99': netperfField(stdout, 'P99_LATENCY') / 1e6,
    }),
  },
  {
    workload: tcpCrr,
    argv: (pair) => netperfArgv(pair, 'tcp-crr', { seconds: durationSeconds }),
    read: (stdout) => ({ connections: netperfField(stdout, 'THROUGHPUT') }),
  },
];

interface Measured {
  readonly figures: Figures;
  /** CPU of this process while the tool ran, in cores. */
  readonly coreShare: number;
  /** Wall seconds of the trial beyond those that the tool measured. */
  readonly besideSeconds: number;
}

interface Round {
  readonly hand: Figures;
  readonly tare: Measured;
  readonly witnessed: Measured;
}

const runId = newRunId(new Date());
const site = await openSite({ engines: [], labNodes: undefined, listener: () => undefined }, runId);
const watcher = new PathWatcher(await mkdtemp(join(tmpdir(), 'tare-fidelity-')));
try {
  const pair = await provisionPair(site, await SubnetPool.of(site), scenario);
  if (pair.wiring.client.type !== 'container') throw new Error('the bridge driver makes containers');
  const { container } = pair.wiring.client;
  await startServers(
    pair,
    studied.map(({ workload }) => workload),
  );
  const meter = await CpuMeter.create(runId);
  const settings = { durationSeconds, omitSeconds: 0, cores: 2, offeredBitsPerSecond: 1e8 };
  const byTare = async ({ workload }: ByHand, watch?: WatchPath): Promise<Measured> => {
    let coreShare = Number.NaN;
    const metered: Workload = {
      ...workload,
      async measure(...given) {
        const [before, from] = [process.cpuUsage(), performance.now()];
        const outcome = await workload.measure(...given);
        const used = process.cpuUsage(before);
        coreShare = (used.user + used.system) / 1000 / (performance.now() - from);
        return outcome;
      },
    };
    const once = () =>
      runTrial(
        { block: 0, order: 0, chain: 0, scenario: scenario.id, workload: workload.id },
        pair,
        metered,
        settings,
        { plan: { maxStealShare: 1 }, meter, ...(watch ? { watch } : {}) },
      );
    let { trial } = await once();
    for (let again = 1; trial.status !== 'ok'; again++) {
      const reason = trialReasonText(trial.reason);
      if (again === mostAgain) throw new Error(reason);
      process.stderr.write(`measured again: ${reason}\n`);
      ({ trial } = await once());
    }
    return {
      figures: Object.fromEntries(trial.metrics.map(({ name, value }) => [name, value])),
      coreShare,
      besideSeconds: trial.wallSeconds - trial.measuredSeconds,
    };
  };
  const byHand = async ({ argv, read }: ByHand): Promise<Figures> => {
    // In a shell that a person had open nothing would be left of its start; here the engine is at it a while longer.
    const later = ['sh', '-c', 'sleep 0.3; exec "$@"', 'sh'];
    const { stdout } = await execa('docker', ['exec', container.id, ...later, ...argv(pair)], {
      env: { DOCKER_HOST: container.engine.url },
    });
    return read(stdout);
  };
  for (const each of studied.filter(({ workload }) => only === undefined || workload.id === only)) {
    await byHand(each);
    await byTare(each, watcher.watch);
    const rows: Round[] = [];
    for (let round = 0; round < rounds; round++) {
      // Who goes first alternates, so that drift favours no one.
      if (round % 2 === 0) {
        const hand = await byHand(each);
        const tare = await byTare(each);
        rows.push({ hand, tare, witnessed: await byTare(each, watcher.watch) });
      } else {
        const witnessed = await byTare(each, watcher.watch);
        const tare = await byTare(each);
        rows.push({ hand: await byHand(each), tare, witnessed });
      }
    }
    print(each.workload.id, rows);
  }
  await pair.remove();
} finally {
  await site.close();
}

function print(workload: string, rows: readonly Round[]): void {
  const ratio = (of: (row: Round) => number) => {
    const { estimate, interval } = hodgesLehmann(rows.map((row) => Math.log(of(row))));
    const [value, low, high] = [estimate, interval?.low, interval?.high].map((log) =>
      log === undefined ? 'unknown' : Math.exp(log).toFixed(4),
    );
    return `${value} [${low}, ${high}]`;
  };
  const figure = (figures: Figures, name: string) => figures[name] ?? Number.NaN;
  const names = Object.keys(rows[0]?.hand ?? {});
  const witnessMillis =
    median(rows.map((row) => row.witnessed.besideSeconds - row.tare.besideSeconds)) * 1000;
  const coreShare = median(rows.map((row) => row.witnessed.coreShare)) * 100;
  const lines = [
    `${workload} (${rows.length} interleaved pairs, 95 % intervals)`,
    ...names.flatMap((name) => [
      `${name} by Tare over by hand: ${ratio(({ tare, hand }) => figure(tare.figures, name) / figure(hand, name))}`,
      `${name} with the witness over without: ${ratio(({ witnessed, tare }) => figure(witnessed.figures, name) / figure(tare.figures, name))}`,
    ]),
    `the witness adds ${witnessMillis.toFixed(0)} ms to a trial`,
    `Tare’s own CPU while the tool runs: ${coreShare.toFixed(2)} % of a core`,
    '',
    `| round | ${names.flatMap((name) => [`${name} by hand`, 'by Tare', 'with the witness']).join(' | ')} |`,
    `| ---: |${' ---: |'.repeat(3 * names.length)}`,
    ...rows.map(({ hand, tare, witnessed }, index) => {
      const cells = names.flatMap((name) =>
        [hand, tare.figures, witnessed.figures].map((figures) => figure(figures, name).toPrecision(4)),
      );
      return `| ${index + 1} | ${cells.join(' | ')} |`;
    }),
  ];
  process.stdout.write(`${lines.join('\n')}\n\n`);
}
