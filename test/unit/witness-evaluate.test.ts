import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type EndFacts, type EvidenceOfTrial, evaluate } from '../../bench/witness/evaluate.ts';
import type { CaptureFinding } from '../../bench/witness/judge-capture.ts';
import type { EndObservation, Traffic } from '../../bench/witness/observation.ts';
import { bridgeHairpin, byProxy } from '../../drivers/bridge-hairpin.ts';
import type { CounterName, Expectation } from '../../drivers/expectation.ts';
import { drivers } from '../../drivers/registry.ts';
import { scenarioId, type Topology } from '../../results/scenario.ts';

const still: Traffic = { forwardBytes: 0, forwardPackets: 0, backwardBytes: 0, backwardPackets: 0 };
const bulk: Traffic = {
  forwardBytes: 1e9,
  forwardPackets: 20_000,
  backwardBytes: 5e5,
  backwardPackets: 8000,
};
const pingPong: Traffic = {
  forwardBytes: 1.34e6,
  forwardPackets: 20_000,
  backwardBytes: 1.34e6,
  backwardPackets: 20_000,
};

const allCounters: readonly CounterName[] = [
  'own',
  'own-others',
  'own-loopback',
  'port',
  'bridge',
  'other-ports',
  'parent',
  'underlay',
  'host-loopback',
  'esp',
];

const meets = (expectations: readonly Expectation[], must: string) =>
  expectations.some((each) => each.type === 'capture' && each.must === must);

/** What an honest pair of a driver would show: everything expected to carry carries, everything else stands still. */
function honest(driver: (typeof drivers)[number], topology: Topology, flow: Traffic): EvidenceOfTrial {
  const expectations = driver.expectations.filter((each) => (each.topology ?? topology) === topology);
  const end = (side: 'server' | 'client'): EndObservation => ({
    traffic: Object.fromEntries(
      allCounters.map((counter) => {
        const carries = expectations.some(
          (each) =>
            each.type === 'counter' &&
            each.counter === counter &&
            each.must === 'carry' &&
            (each.at === 'both' || each.at === side),
        );
        return [counter, carries ? flow : still];
      }),
    ),
    dnatPackets: expectations.some(
      (each) => each.type === 'counter' && each.counter === 'dnat' && each.must === 'rise',
    )
      ? 2
      : 0,
    proxyCpuSeconds: expectations.some(
      (each) => each.type === 'counter' && each.counter === 'proxy' && each.must === 'rise',
    )
      ? 0.8
      : 0,
  });
  const interfaceKind = expectations.find((each) => each.type === 'interface')?.kind ?? 'veth';
  const shownOn = expectations.flatMap((each) =>
    each.type === 'capture' && each.must === 'show-canary' ? [`${each.on}0`] : [],
  );
  const capture: CaptureFinding = {
    clearOn: shownOn,
    vxlanPackets: meets(expectations, 'show-vxlan') ? 6 : 0,
    espPackets: meets(expectations, 'show-esp') ? 6 : 0,
    senders: { parent0: ['02:42:00:00:00:01', '02:42:00:00:00:02'] },
    names: { underlay: 'underlay0', port: 'port0', parent: 'parent0', 'host-loopback': 'host-loopback0' },
    ownMac: '02:42:00:00:00:01',
    parentMac: '02:42:00:00:00:02',
    returned: true,
  };
  const facts: EndFacts = { wantedOn: 'node', placedRightly: true, interfaceKind, capture };
  return {
    scenario: scenarioId(topology, driver.id),
    topology,
    expectations: driver.expectations,
    observation: {
      server: end('server'),
      client: end('client'),
      oneHost: topology === 'same-host',
      seconds: 1,
    },
    ends: { server: facts, client: facts },
    trial: { payloadBytes: flow === bulk ? 9.6e8 : 40_000, background: { server: {}, client: {} } },
  };
}

type Mutable<T> = { -readonly [Key in keyof T]: Mutable<T[Key]> };
function changed(
  evidence: EvidenceOfTrial,
  change: (copy: Mutable<EvidenceOfTrial>) => void,
): EvidenceOfTrial {
  const copy = structuredClone(evidence) as Mutable<EvidenceOfTrial>;
  change(copy);
  return copy as EvidenceOfTrial;
}

const scenarios = drivers.flatMap((driver) =>
  driver.topologies.map((topology) => [scenarioId(topology, driver.id), driver, topology] as const),
);

describe.each(scenarios)('%s', (_id, driver, topology) => {
  it('has expectations that are met by an honest pair, in bulk and in ping-pong', () => {
    for (const flow of [bulk, pingPong]) {
      const witness = evaluate(honest(driver, topology, flow));
      expect(witness.summary).toMatch(/^the path is proven/);
      expect(witness.checks.every((check) => check.holds)).toBe(true);
    }
  });

  it('is refuted by each expectation alone when what it looks at is otherwise', () => {
    const evidence = honest(driver, topology, bulk);
    for (const name of evaluate(evidence).checks.map((check) => check.name)) {
      const witness = evaluate(changed(evidence, (copy) => spoil(copy, name)));
      expect(witness.verdict, name).toBe('refuted');
      expect(witness.checks.find((check) => check.name === name)?.holds, name).toBe(false);
    }
  });

  it('is never proven while something was not read', () => {
    const evidence = honest(driver, topology, bulk);
    for (const { name } of evaluate(evidence).checks.filter((check) => !check.name.endsWith('-place'))) {
      const witness = evaluate(changed(evidence, (copy) => hide(copy, name)));
      expect(witness.verdict, name).not.toBe('proven');
    }
  });
});

it('lets each half of a proxied connection have acknowledgements of its own', () => {
  const honestly = honest(bridgeHairpin, 'same-host', bulk);
  const few = { backwardPackets: bulk.backwardPackets / 3, backwardBytes: bulk.backwardBytes / 3 };
  const evidence = changed({ ...honestly, expectations: [...honestly.expectations, ...byProxy] }, (copy) => {
    copy.observation.server.proxyCpuSeconds = 0.8;
    copy.observation.server.traffic.bridge = { ...bulk };
    for (const counter of ['own', 'port'] as const)
      copy.observation.server.traffic[counter] = { ...bulk, ...few };
  });
  expect(evaluate(evidence)).toMatchObject({ verdict: 'proven' });
  const direct = changed(evidence, (copy) => {
    copy.observation.server.proxyCpuSeconds = 0;
  });
  expect(evaluate(direct)).toMatchObject({ verdict: 'refuted' });
  expect(evaluate({ ...evidence, expectations: honestly.expectations })).toMatchObject({
    verdict: 'refuted',
  });
});

function parts(name: string): { side: 'server' | 'client'; rest: string } {
  const side = name.startsWith('server') ? 'server' : 'client';
  return { side, rest: name.slice(side.length + 1) };
}

/** Makes one expectation untrue: a carrier that carried nothing, a bystander that carried a tenth, … */
function spoil(copy: Mutable<EvidenceOfTrial>, name: string): void {
  const { side, rest } = parts(name);
  const end = copy.observation[side];
  const facts = copy.ends[side];
  const { capture } = facts;
  if (rest === 'place') facts.placedRightly = false;
  else if (rest === 'interface-kind') facts.interfaceKind = 'dummy';
  else if (rest.startsWith('dnat')) end.dnatPackets = rest.endsWith('rise') ? 0 : 5;
  else if (rest.startsWith('proxy')) end.proxyCpuSeconds = rest.endsWith('rise') ? 0 : 0.3;
  else if (rest.startsWith('canary') && capture) {
    const on = /^canary-(.+)-(?:show|hide|lack)/.exec(rest)?.[1];
    if (rest.endsWith('show-canary')) capture.clearOn = [];
    else if (rest.endsWith('hide-canary')) capture.clearOn = [on === 'anywhere' ? 'veth9' : `${on}0`];
    else if (rest.endsWith('show-vxlan')) capture.vxlanPackets = 0;
    else if (rest.endsWith('lack-vxlan')) capture.vxlanPackets = 1;
    else if (rest.endsWith('show-esp')) capture.espPackets = 0;
    else capture.senders = { parent0: ['aa:aa:aa:aa:aa:aa'] };
  } else {
    const [, counter, must] = /^(.+)-(carry|stay-still)$/.exec(rest) as unknown as [
      string,
      CounterName,
      string,
    ];
    end.traffic[counter] =
      must === 'carry' ? { ...still } : { ...still, forwardBytes: 1e8, forwardPackets: 2000 };
  }
}

function hide(copy: Mutable<EvidenceOfTrial>, name: string): void {
  const { side, rest } = parts(name);
  const end = copy.observation[side];
  if (rest === 'interface-kind') copy.ends[side].interfaceKind = undefined;
  else if (rest.startsWith('dnat')) delete end.dnatPackets;
  else if (rest.startsWith('proxy')) delete end.proxyCpuSeconds;
  else if (rest.startsWith('canary')) copy.ends[side].capture = undefined;
  else delete end.traffic[/^(.+)-(?:carry|stay-still)$/.exec(rest)?.[1] as CounterName];
}

const byId = (id: string) => scenarios.find(([each]) => each === id) as (typeof scenarios)[number];

describe('an encrypted overlay', () => {
  const [, driver, topology] = byId('cross-host/overlay-encrypted');

  it('says which share of the traffic went round IPsec', () => {
    const witness = evaluate(
      changed(honest(driver, topology, bulk), (copy) => {
        copy.observation.client.traffic.esp = { ...bulk, forwardBytes: 0.59e9 };
      }),
    );
    expect(witness.verdict).toBe('refuted');
    expect(witness.summary).toBe('41 % of the traffic crossed the underlay outside IPsec');
  });

  it('is refuted where only the answers go in clear', () => {
    const witness = evaluate(
      changed(honest(driver, topology, bulk), (copy) => {
        copy.observation.server.traffic.esp = { ...bulk, backwardBytes: 0, backwardPackets: 0 };
      }),
    );
    expect(witness.verdict).toBe('refuted');
  });

  it('is refuted by any share between a twentieth and all, in bulk and in ping-pong', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.06, max: 1, noNaN: true }),
        fc.constantFrom(bulk, pingPong),
        (share, flow) => {
          const rest = 1 - share;
          const witness = evaluate(
            changed(honest(driver, topology, flow), (copy) => {
              copy.observation.client.traffic.esp = {
                ...flow,
                forwardBytes: flow.forwardBytes * rest,
                forwardPackets: flow.forwardPackets * rest,
              };
            }),
          );
          return witness.verdict === 'refuted';
        },
      ),
    );
  });
});

describe('what honest pairs show besides', () => {
  it('datagrams lost on the way do not refute: hops are held to what arrived', () => {
    const [, driver, topology] = byId('cross-host/overlay');
    const witness = evaluate(
      changed(honest(driver, topology, bulk), (copy) => {
        // The client's host dropped 30 % before the underlay, the server's host 10 % after it.
        const sent = copy.observation.client.traffic;
        const received = copy.observation.server.traffic;
        sent.underlay = { ...bulk, forwardBytes: 0.7e9 };
        received.underlay = { ...bulk, forwardBytes: 0.7e9 };
        received.own = { ...bulk, forwardBytes: 0.6e9 };
        copy.trial.payloadBytes = 0.58e9;
      }),
    );
    expect(witness.summary).toContain('proven');
  });

  it('a little gossip on the underlay is none of the pair’s', () => {
    const [, driver, topology] = byId('same-host/bridge');
    const witness = evaluate(
      changed(honest(driver, topology, pingPong), (copy) => {
        copy.observation.server.traffic.underlay = { ...still, forwardBytes: 20_000, forwardPackets: 150 };
      }),
    );
    expect(witness.verdict).toBe('proven');
  });

  it('what others were already sending there is not held against it, but proves nothing', () => {
    const [, driver, topology] = byId('same-host/bridge');
    const evidence = changed(honest(driver, topology, bulk), (copy) => {
      copy.observation.server.traffic.underlay = { ...still, forwardBytes: 3e8, forwardPackets: 2e5 };
      copy.trial.background.server = { underlay: 2.8e8 };
    });
    const witness = evaluate(evidence);
    expect(witness.verdict).toBe('unobserved');
    expect(witness.summary).toBe('not seen: the underlay on the server’s host stays still');
  });
});
