import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { workloads } from '../../bench/workloads/registry.ts';
import { driverById, traitsOn } from '../../drivers/registry.ts';
import { trialReasonText } from '../../results/reason-text.ts';
import { parseScenarioId, type Scenario } from '../../results/scenario.ts';
import type { Trial } from '../../results/schema.ts';
import type { NetworkTraits } from '../../results/traits.ts';
import { WitnessRig } from './witness-rig.ts';

const scenarios = ['same-host/host', 'same-host/bridge', 'cross-host/overlay'];
/** These may honestly be zero, or negative by noise. */
const mayBeZero = ['retransmits', 'loss', 'rtt-rise', 'jitter'];

let rig: WitnessRig;
const trials = new Map<string, readonly Trial[]>();
beforeAll(async () => {
  rig = await WitnessRig.open(2);
  for (const id of scenarios) trials.set(id, await rig.trials(id, fitting(id)));
});
afterAll(() => rig?.close());

function fitting(id: string): string[] {
  const scenario = parseScenarioId(id) as Scenario;
  const traits = traitsOn(scenario) as NetworkTraits;
  // Up to fourteen more containers on a network take longer than they teach; on host networking they cost little.
  const isCrowd = (workload: string) => id !== 'same-host/host' && /^scale@pairs=[48]$/.test(workload);
  return workloads
    .filter((each) => !each.unsupported?.(traits, scenario.options) && !isCrowd(each.id))
    .map((each) => each.id);
}

describe.each(scenarios)('%s, with real traffic', (id) => {
  it.each(fitting(id))('%s gives its metrics, and its packets took the path', (workloadId) => {
    const trial = trials.get(id)?.find((each) => each.workload === workloadId);
    const workload = workloads.find((each) => each.id === workloadId);
    if (!trial || !workload) throw new Error(`${workloadId} was not measured on ${id}`);
    if (trial.status !== 'ok') throw new Error(`${trial.status}: ${trialReasonText(trial.reason)}`);
    expect(trial.metrics.length).toBeGreaterThan(0);
    for (const metric of trial.metrics) {
      const { value, ...kind } = metric;
      expect(workload.metrics, metric.name).toContainEqual(kind);
      if (mayBeZero.includes(metric.name)) expect(value, metric.name).toBeGreaterThan(-1);
      else expect(value, metric.name).toBeGreaterThan(0);
    }
    // The first metric is what tables show, so it can't be among those that a trial may lack.
    expect(trial.metrics.map((metric) => metric.name)).toContain(workload.metrics[0]?.name);
    expect(trial.measuredSeconds).toBeGreaterThan(0);
    if (workload.usesOtherContainers) expect(trial.witness).toBeUndefined();
    else expect(trial.witness?.verdict, trial.witness?.summary).toBe('proven');
  });
});

it('leaves no workload out on all three', () => {
  const measured = new Set(scenarios.flatMap(fitting));
  expect(workloads.map((each) => each.id).filter((id) => !measured.has(id))).toEqual([]);
  expect(scenarios.every((id) => driverById(id.split('/')[1] as string))).toBe(true);
});
