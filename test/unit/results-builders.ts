import { scenarioId, type Topology } from '../../results/scenario.ts';
import {
  type Cpu,
  type Metric,
  type OkTrial,
  type Plan,
  type Run,
  type ScenarioPlan,
  schemaVersion,
} from '../../results/schema.ts';

/** The same value; writing to it or to anything in it throws from now on. */
export function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  Object.values(value).forEach(frozen);
  return value;
}

export function readyScenario(topology: Topology, driver: string, isBaseline = false): ScenarioPlan {
  return { id: scenarioId(topology, driver), topology, driver, options: {}, status: 'ready', isBaseline };
}

/** A plan never changes once it is made: who tries to fails here. */
export function plan(change: Partial<Plan> = {}): Plan {
  return frozen({
    profile: 'quick',
    seed: 1,
    blocks: 4,
    blocksPerGeneration: 2,
    scenarios: [readyScenario('same-host', 'host', true), readyScenario('same-host', 'bridge')],
    workloads: [{ id: 'tcp-stream', durationSeconds: 1, omitSeconds: 0.2 }],
    baselines: { 'same-host': 'same-host/host' },
    offeredBitsPerSecond: 1e9,
    maxStealShare: 0.1,
    ...change,
  });
}

export function run(change: Partial<Run> = {}): Run {
  return {
    schemaVersion,
    id: '20260101-120000-abcd',
    tareVersion: '0.1.0',
    label: '',
    startedAt: '2026-01-01T12:00:00.000Z',
    finishedAt: '2026-01-01T12:04:00.000Z',
    state: 'finished',
    command: 'tare run --profile quick',
    emulated: false,
    plan: plan(),
    fingerprints: [],
    pairs: [],
    measuredSeconds: 100,
    wallSeconds: 120,
    warnings: [],
    ...change,
  };
}

export function metric(name: string, value: number, change: Partial<Metric> = {}): Metric {
  return { name, unit: 'bit/s', better: 'higher', value, ...change };
}

export function cpu(change: Partial<Cpu> = {}): Cpu {
  return {
    machine: 'boot-1',
    wallSeconds: 1,
    cores: 2,
    userSeconds: 0.2,
    systemSeconds: 0.5,
    softirqSeconds: 0.2,
    irqSeconds: 0.1,
    stealSeconds: 0,
    idleSeconds: 1,
    busyPerCore: [0.6, 0.4],
    softirqPerCore: [0.15, 0.05],
    ...change,
  };
}

export function okTrial(change: Partial<OkTrial> = {}): OkTrial {
  return {
    block: 0,
    order: 0,
    chain: 0,
    scenario: 'same-host/host',
    workload: 'tcp-stream',
    generation: 0,
    startedAt: '2026-01-01T12:00:00.000Z',
    wallSeconds: 1.2,
    measuredSeconds: 1,
    warnings: [],
    status: 'ok',
    metrics: [metric('goodput', 1e10)],
    cpu: [],
    ...change,
  };
}
