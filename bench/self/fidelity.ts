import { mkdir, writeFile } from 'node:fs/promises';
import { execa } from 'execa';
import { driverById } from '../../drivers/registry.ts';
import { parseScenarioId, type Scenario } from '../../results/scenario.ts';
import { median } from '../../results/statistics/order.ts';
import { CpuMeter } from '../cpu-meter.ts';
import { newRunId, openSite } from '../open-site.ts';
import { provisionPair } from '../pair.ts';
import { allEngines } from '../site.ts';
import { SubnetPool } from '../subnets.ts';
import { runTrial } from '../trial.ts';
import { startServers } from '../workloads/readiness.ts';
import { tcpStream } from '../workloads/tcp-stream.ts';

/**
 * Does Tare measure what a person would? The same iperf3 command, typed by hand with the engine's own client and run
 * by Tare, in the same pair, in turn. Prints the ratio of the medians and the CPU that Tare itself took.
 *
 * usage: node --import tsx bench/self/fidelity.ts [--rounds N] [--write FILE]
 */
const argument = (name: string, fallback: string) => {
  const at = process.argv.indexOf(name);
  return at < 0 ? fallback : (process.argv[at + 1] as string);
};
const rounds = Number(argument('--rounds', '10'));
const durationSeconds = 2;
const scenario = parseScenarioId('same-host/bridge') as Scenario;

const runId = newRunId(new Date());
const site = await openSite({ engines: [], labNodes: undefined, listener: () => undefined }, runId);
try {
  const pool = await SubnetPool.of(
    allEngines(site).map((each) => each.engine),
    0,
  );
  const driver = driverById(scenario.driver);
  if (!driver) throw new Error('no bridge driver');
  const pair = await provisionPair(site, pool, driver, scenario, 0, 0);
  if (pair.wiring.client.type !== 'container') throw new Error('the bridge driver makes containers');
  const { container } = pair.wiring.client;
  await startServers(pair, [tcpStream]);
  const meter = await CpuMeter.create();
  const settings = { durationSeconds, omitSeconds: 0, cores: 2, offeredBitsPerSecond: 1e8 };
  const context = { plan: { maxStealShare: 1, workloads: [] } as never, meter };
  const byTare = async () => {
    const before = process.cpuUsage();
    const started = performance.now();
    const { trial } = await runTrial(
      { block: 0, order: 0, chain: 0, scenario: scenario.id, workload: tcpStream.id },
      pair,
      tcpStream,
      settings,
      context,
    );
    const used = process.cpuUsage(before);
    const wallSeconds = (performance.now() - started) / 1000;
    if (trial.status !== 'ok') throw new Error(trial.status === 'failed' ? trial.reason : 'invalid');
    const goodput = trial.metrics.find((metric) => metric.name === 'goodput');
    if (!goodput) throw new Error('no goodput');
    return { bitsPerSecond: goodput.value, coreShare: (used.user + used.system) / 1e6 / wallSeconds };
  };
  const byHand = async () => {
    const { stdout } = await execa(
      'docker',
      [
        'exec',
        container.id,
        'iperf3',
        '-J',
        '-t',
        String(durationSeconds),
        '-c',
        pair.serverAddress,
        '-p',
        String(pair.ports.iperf3),
      ],
      { env: { DOCKER_HOST: container.engine.url } },
    );
    return { bitsPerSecond: JSON.parse(stdout).end.sum_received.bits_per_second as number };
  };
  await byTare();
  await byHand();
  const rows: { tare: number; hand: number; coreShare: number }[] = [];
  for (let round = 0; round < rounds; round++) {
    // Who goes first alternates, so that drift favours neither.
    const first = round % 2 === 0 ? await byTare() : undefined;
    const hand = await byHand();
    const tare = first ?? (await byTare());
    rows.push({ tare: tare.bitsPerSecond, hand: hand.bitsPerSecond, coreShare: tare.coreShare });
  }
  const ratio = median(rows.map((row) => Math.log(row.tare / row.hand)));
  const share = median(rows.map((row) => row.coreShare));
  const text = [
    `goodput by Tare over goodput by hand, median of ${rounds} interleaved pairs: ${Math.exp(ratio).toFixed(4)}`,
    `Tare’s own CPU during a trial, median: ${(share * 100).toFixed(2)} % of a core`,
    '',
    '| round | by Tare (Gbit/s) | by hand (Gbit/s) | ratio | Tare’s CPU (% of a core) |',
    '| ---: | ---: | ---: | ---: | ---: |',
    ...rows.map(
      (row, index) =>
        `| ${index + 1} | ${(row.tare / 1e9).toFixed(2)} | ${(row.hand / 1e9).toFixed(2)} | ${(row.tare / row.hand).toFixed(3)} | ${(row.coreShare * 100).toFixed(2)} |`,
    ),
  ].join('\n');
  process.stdout.write(`${text}\n`);
  const file = argument('--write', '');
  if (file) {
    await mkdir('results', { recursive: true });
    await writeFile(file, `${text}\n`);
  }
  await pair.remove();
} finally {
  await site.close();
}
