import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Preflight } from '../../bench/site/preflight.ts';
import { allEngines } from '../../bench/site/site.ts';
import { drivers } from '../../drivers/registry.ts';
import { parseScenarioId, type Scenario, scenarioId } from '../../results/scenario.ts';
import { unsupportedText } from '../../results/unsupported-text.ts';
import { type Witnessed, WitnessRig } from './witness-rig.ts';

const workloads = ['tcp-stream', 'tcp-rr', 'rtt-open'];
// A network that is there already is named, and has of IPv6 what it has.
const every = drivers
  .filter(({ joins }) => !joins)
  .flatMap((driver) =>
    driver.topologies.map((topology) => scenarioId(topology, driver.id, { ipv6: 'true' })),
  );
const without = every.filter((id) =>
  /\/(bridge-default|bridge-published|bridge-proxy|overlay|overlay-encrypted)@|cross-host\/ipvlan-l3/.test(
    id,
  ),
);

let rig: WitnessRig;
let preflight: Preflight;
beforeAll(async () => {
  rig = await WitnessRig.open(2);
  preflight = await Preflight.of(rig.site, allEngines(rig.site));
});
afterAll(() => rig?.close());

function expectProven(results: readonly Witnessed[]) {
  expect(results.map(({ trial }) => trial.workload)).toEqual(workloads);
  for (const { witness, trial } of results) {
    expect(witness.verdict, `${trial.workload}: ${witness.summary}`).toBe('proven');
    expect(trial.status).toBe('ok');
  }
}

describe('over IPv6, with real traffic', () => {
  it.for(every.filter((id) => !without.includes(id)))('%s is proven in every trial', async (id, { skip }) => {
    const readiness = preflight.of(parseScenarioId(id) as Scenario);
    if (readiness.type === 'unsupported') return skip(unsupportedText(readiness.reason));
    const results = await rig.measure(id, { workloads });
    expectProven(results);
    if (id !== 'same-host/bare@ipv6') expect(results[0]?.canary?.returned).toBe(true);
  });

  it.each(['same-host/bridge@ipv6', 'same-host/host@ipv6'])(
    '%s is proven on the lab’s engine too',
    async (id) => {
      expect(rig.site.crossHost?.server.engine.version).not.toBe(rig.site.sameHost?.engine.version);
      expectProven(await rig.measure(id, { workloads, onLabNode: true }));
    },
  );
});

it.each(without)('%s is unsupported, with a reason and a remedy', (id) => {
  const readiness = preflight.of(parseScenarioId(id) as Scenario);
  expect(readiness).toMatchObject({
    type: 'unsupported',
    reason: { code: expect.stringMatching(/ipv/) },
  });
});
