import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { provisionPair } from '../../bench/pair/pair.ts';
import type { Site } from '../../bench/site/site.ts';
import { SubnetPool } from '../../bench/site/subnets.ts';
import { parseScenarioId, type Scenario } from '../../results/scenario.ts';
import { FakeEngine, type Fault } from '../fixtures/fake-engine.ts';
import { fakeSide } from '../fixtures/fake-site.ts';

// A walk is as many tries as there are calls, on a machine that may be busy.
vi.setConfig({ testTimeout: 180_000 });

let fake: FakeEngine;
let site: Site;
/** So few that a subnet kept by each failure is soon missed. */
let pool: SubnetPool;
beforeEach(async () => {
  fake = await FakeEngine.start();
  site = {
    runId: 'fake',
    image: { id: 'sha256:0', name: 'toolbox' },
    sameHost: await fakeSide(fake, 'local', 0.3),
    crossHost: undefined,
    native: undefined,
  };
  pool = new SubnetPool('198.19.0.0/22', [], 0);
});
afterEach(() => fake.stop());

const scenarioOf = (id: string) => parseScenarioId(id) as Scenario;
const left = () => ({
  containers: [...fake.containers.values()]
    .map(({ name }) => name)
    .filter((name) => name !== 'tare-fake-probe'),
  networks: [...fake.networks.values()].map(({ spec }) => spec.Name),
});

const faults: readonly Fault[] = [
  { type: 'refusing', status: 500, message: 'no such luck' },
  { type: 'gone' },
  { type: 'cut' },
  { type: 'hung' },
  { type: 'lying', body: '{"Id": 7}' },
];

/** So often a test may find the machine too busy to answer in time. */
const mostLate = 10;

describe.each(faults)('a pair whose engine is $type in one call', (fault) => {
  it.each([
    'same-host/bridge',
    'same-host/bridge@networks=3',
    'same-host/container',
    'same-host/macvlan',
    'same-host/host',
  ])('%s leaves nothing, whichever call that is', async (id) => {
    let wasMade = true;
    let late = 0;
    for (let number = 1; wasMade; number += 1) {
      const made = fake.orderAt(number, fault);
      const scripts: string[] = [];
      const say = fake.script;
      fake.script = (script, container) => {
        scripts.push(script);
        return say(script, container);
      };
      const pair = await provisionPair(site, pool, scenarioOf(id)).catch((error: Error) => error);
      fake.script = say;
      wasMade = made();
      const call = `call ${number}`;
      // On a busy machine the stand-in itself may be later than the deadline: no fault was met, so it counts for nothing.
      if (pair instanceof Error && !wasMade && /has not answered/.test(pair.message) && late < mostLate) {
        late += 1;
        number -= 1;
        wasMade = true;
        fake.relent();
        continue;
      }
      if (pair instanceof Error) {
        expect(wasMade, `${call}: ${pair.message}`).toBe(true);
        expect(left(), call).toEqual({ containers: [], networks: [] });
        const times = (part: string) => scripts.filter((script) => script.includes(part)).length;
        expect(times('ip link del'), call).toBeGreaterThanOrEqual(times('ip link add'));
      } else {
        fake.relent();
        await pair.remove();
        expect(left(), call).toEqual({ containers: [], networks: [] });
      }
      fake.relent();
    }
  });
});

describe('a pair', () => {
  it('is told why it could not be made, though what was made can’t be removed either', async () => {
    fake.order(/^POST \/containers\/[0-9a-f]+\/start/, { type: 'refusing', status: 500, message: 'no room' });
    fake.order('DELETE /', { type: 'refusing', status: 500, message: 'no such luck' });
    await expect(provisionPair(site, pool, scenarioOf('same-host/bridge'))).rejects.toThrow(/no room/);
  });

  it('takes another subnet where one overlaps with what could not be seen', async () => {
    fake.order(
      'POST /networks/create',
      { type: 'refusing', status: 403, message: 'Pool overlaps with other one on this address space' },
      2,
    );
    const pair = await provisionPair(site, pool, scenarioOf('same-host/bridge'));
    expect(pair.wiring.networks[0]?.subnet).toBe('198.19.2.0/24');
    await pair.remove();
    expect(left()).toEqual({ containers: [], networks: [] });
  });

  it('ends by the deadline of its engine’s calls', async () => {
    fake.order('POST /containers/create', { type: 'hung' });
    await expect(provisionPair(site, pool, scenarioOf('same-host/host'))).rejects.toMatchObject({
      code: 'ETIMEDOUT',
      message: expect.stringContaining('has not answered POST /containers/create for 0.3 s'),
    });
  });

  it('tells what helps where an engine went away as it does elsewhere', async () => {
    fake.order('POST /networks/create', { type: 'gone' });
    await expect(provisionPair(site, pool, scenarioOf('same-host/bridge'))).rejects.toMatchObject({
      kind: 'infrastructure',
      remedy: expect.stringContaining('--resume'),
    });
  });
});
