import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Bench } from 'tinybench';
import { type Run, schemaVersion, type Trial } from '../../results/schema.ts';
import { createRun } from '../../results/store.ts';
import { readRun } from '../../results/stored-run.ts';
import { summarise } from '../../results/summarise.ts';

const scenarios = ['host', ...Array.from({ length: 19 }, (_, i) => `bridge-${i}`)];

const placesPerChain = 2 * (scenarios.length - 1);

/**
 * How fast a trial is made safe on disk (that is what a trial waits for), and how fast a run of 10,000 trials is read
 * and digested.
 */
export async function storeBench(): Promise<Bench> {
  const root = await mkdtemp(join(tmpdir(), 'tare-store-bench-'));
  const long = await createRun(join(root, 'long'), run());
  const trials = Array.from({ length: 10_000 }, (_, order) => trial(order));
  await long.close();
  // Written at one go: 10,000 syncs would take longer than all that is measured here.
  await appendFile(
    join(root, 'long', 'trials.ndjson'),
    trials.map((each) => `${JSON.stringify(each)}\n`).join(''),
  );
  const short = await createRun(join(root, 'short'), run());
  const stored = await readRun(join(root, 'long'));
  let order = 0;
  const bench = new Bench({ name: 'store', time: 500, warmupIterations: 2, iterations: 5 })
    .add('append a trial and sync it', () => short.append(trial(order++)))
    .add('replace run.json', () => short.update({ wallSeconds: order }))
    .add('read and check 10,000 trials', async () => {
      await readRun(join(root, 'long'));
    })
    .add('digest 10,000 trials', () => summarise(stored));
  bench.addEventListener('complete', () => {
    void short.close().then(() => rm(root, { recursive: true, force: true }));
  });
  return bench;
}

function run(): Run {
  return {
    schemaVersion,
    id: 'self',
    tareVersion: '0',
    label: '',
    startedAt: '2026-01-01T00:00:00.000Z',
    state: 'finished',
    command: 'bench:self',
    emulated: false,
    plan: {
      profile: 'self',
      seed: 1,
      blocks: 1,
      blocksPerGeneration: 1,
      scenarios: scenarios.map((driver) => ({
        id: `same-host/${driver}`,
        topology: 'same-host',
        driver,
        options: {},
        status: 'ready',
        isBaseline: driver === 'host',
      })),
      workloads: [{ id: 'tcp-stream', durationSeconds: 1, omitSeconds: 0 }],
      baselines: { 'same-host': 'same-host/host' },
      offeredBitsPerSecond: 1e9,
      maxStealShare: 0.1,
    },
    fingerprints: [],
    pairs: [],
    measuredSeconds: 0,
    wallSeconds: 0,
    warnings: [],
  };
}

/** Chains of the baseline and the other scenarios in turn. */
function trial(order: number): Trial {
  const place = order % placesPerChain;
  const driver = place % 2 === 0 ? 'host' : (scenarios[(place + 1) / 2] as string);
  return {
    block: Math.floor(order / placesPerChain),
    order,
    chain: 0,
    scenario: `same-host/${driver}`,
    workload: 'tcp-stream',
    generation: 0,
    startedAt: '2026-01-01T00:00:00.000Z',
    wallSeconds: 1.1,
    measuredSeconds: 1,
    warnings: [],
    status: 'ok',
    metrics: [
      { name: 'goodput', unit: 'bit/s', better: 'higher', value: 1e10 * (1 + 0.1 * Math.sin(order)) },
      { name: 'retransmits', unit: 'count', better: 'lower', value: order % 3 },
      { name: 'mss', unit: 'byte', better: 'neither', value: 1448 },
    ],
    cpu: [
      {
        machine: 'boot',
        wallSeconds: 1,
        cores: 2,
        userSeconds: 0.2,
        systemSeconds: 1,
        softirqSeconds: 0.3,
        irqSeconds: 0,
        stealSeconds: 0,
        idleSeconds: 0.5,
        busyPerCore: [0.75, 0.75],
        softirqPerCore: [0.2, 0.1],
      },
    ],
    payloadBytes: 1.25e9,
  };
}
