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
import { tcpStream } from '../workloads/tcp-stream.ts';
import type { Workload } from '../workloads/workload.ts';

/**
 * Does Tare measure what a person would, and what does proving the path cost? The same iperf3 command, typed by hand
 * with the engine's own client, run by Tare, and run by Tare with its witness, in the same pair, in turn.
 *
 * usage: node --import tsx bench/studies/fidelity.ts [--rounds N] [--seconds N]
 */
const argument = (name: string, fallback: number) => {
  const at = process.argv.indexOf(name);
  return at < 0 ? fallback : Number(process.argv[at + 1]);
};
const rounds = argument('--rounds', 60);
const durationSeconds = argument('--seconds', 1);
const scenario = parseScenarioId('same-host/bridge') as Scenario;

interface Measured {
  readonly bitsPerSecond: number;
  /** CPU of this process while the tool ran, in cores. */
  readonly coreShare: number;
  /** Wall seconds of the trial beyond those that iperf3 measured. */
  readonly besideSeconds: number;
}

const runId = newRunId(new Date());
const site = await openSite({ engines: [], labNodes: undefined, listener: () => undefined }, runId);
const watcher = new PathWatcher(await mkdtemp(join(tmpdir(), 'tare-fidelity-')));
try {
  const pair = await provisionPair(site, await SubnetPool.of(site), scenario);
  if (pair.wiring.client.type !== 'container') throw new Error('the bridge driver makes containers');
  const { container } = pair.wiring.client;
  await startServers(pair, [tcpStream]);
  const meter = await CpuMeter.create(runId);
  const settings = { durationSeconds, omitSeconds: 0, cores: 2, offeredBitsPerSecond: 1e8 };
  const byTare = async (watch?: WatchPath): Promise<Measured> => {
    let coreShare = Number.NaN;
    const metered: Workload = {
      ...tcpStream,
      async measure(...given) {
        const [before, from] = [process.cpuUsage(), performance.now()];
        const outcome = await tcpStream.measure(...given);
        const used = process.cpuUsage(before);
        coreShare = (used.user + used.system) / 1000 / (performance.now() - from);
        return outcome;
      },
    };
    const started = performance.now();
    const { trial } = await runTrial(
      { block: 0, order: 0, chain: 0, scenario: scenario.id, workload: tcpStream.id },
      pair,
      metered,
      settings,
      { plan: { maxStealShare: 1 }, meter, ...(watch ? { watch } : {}) },
    );
    const wallSeconds = (performance.now() - started) / 1000;
    if (trial.status !== 'ok') throw new Error(trialReasonText(trial.reason));
    const goodput = trial.metrics.find((metric) => metric.name === 'goodput');
    if (!goodput) throw new Error('no goodput');
    return {
      bitsPerSecond: goodput.value,
      coreShare,
      besideSeconds: wallSeconds - durationSeconds,
    };
  };
  const byHand = async (): Promise<number> => {
    const iperf3 = ['iperf3', '-J', '-t', String(durationSeconds), '-c', pair.serverAddress];
    const { stdout } = await execa(
      'docker',
      ['exec', container.id, ...iperf3, '-p', String(pair.ports.iperf3)],
      {
        env: { DOCKER_HOST: container.engine.url },
      },
    );
    return JSON.parse(stdout).end.sum_received.bits_per_second;
  };
  await byHand();
  await byTare(watcher.watch);
  const rows: { hand: number; tare: Measured; witnessed: Measured }[] = [];
  for (let round = 0; round < rounds; round++) {
    // Who goes first alternates, so that drift favours no one.
    if (round % 2 === 0) {
      const hand = await byHand();
      const tare = await byTare();
      rows.push({ hand, tare, witnessed: await byTare(watcher.watch) });
    } else {
      const witnessed = await byTare(watcher.watch);
      const tare = await byTare();
      rows.push({ hand: await byHand(), tare, witnessed });
    }
  }
  print(rows);
  await pair.remove();
} finally {
  await site.close();
}

function print(rows: readonly { hand: number; tare: Measured; witnessed: Measured }[]): void {
  const ratio = (of: (row: (typeof rows)[number]) => number) => {
    const { estimate, interval } = hodgesLehmann(rows.map((row) => Math.log(of(row))));
    const [value, low, high] = [estimate, interval?.low, interval?.high].map((log) =>
      log === undefined ? 'unknown' : Math.exp(log).toFixed(4),
    );
    return `${value} [${low}, ${high}]`;
  };
  const gigabits = (value: number) => (value / 1e9).toFixed(2);
  const byHand = ratio((row) => row.tare.bitsPerSecond / row.hand);
  const byWitness = ratio((row) => row.witnessed.bitsPerSecond / row.tare.bitsPerSecond);
  const witnessMillis =
    median(rows.map((row) => row.witnessed.besideSeconds - row.tare.besideSeconds)) * 1000;
  const coreShare = median(rows.map((row) => row.witnessed.coreShare)) * 100;
  const lines = [
    `goodput by Tare over goodput by hand: ${byHand} (${rows.length} interleaved pairs, 95 % interval)`,
    `goodput with the witness over without: ${byWitness}`,
    `the witness adds ${witnessMillis.toFixed(0)} ms to a trial`,
    `Tare’s own CPU while the tool runs: ${coreShare.toFixed(2)} % of a core`,
    '',
    '| round | by hand (Gbit/s) | by Tare (Gbit/s) | with the witness (Gbit/s) | Tare’s CPU (% of a core) |',
    '| ---: | ---: | ---: | ---: | ---: |',
    ...rows.map(
      ({ hand, tare, witnessed }, index) =>
        `| ${index + 1} | ${gigabits(hand)} | ${gigabits(tare.bitsPerSecond)} | ${gigabits(witnessed.bitsPerSecond)} | ${(witnessed.coreShare * 100).toFixed(2)} |`,
    ),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}
