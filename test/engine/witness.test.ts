import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Preflight } from '../../bench/preflight.ts';
import { allEngines } from '../../bench/site.ts';
import { parseCapture } from '../../bench/witness/pcap.ts';
import { drivers } from '../../drivers/registry.ts';
import { parseScenarioId, type Scenario, scenarioId } from '../../results/scenario.ts';
import { WitnessRig } from './witness-rig.ts';

let rig: WitnessRig;
let preflight: Preflight;
beforeAll(async () => {
  rig = await WitnessRig.open(2);
  preflight = await Preflight.of(rig.site, allEngines(rig.site));
});
afterAll(() => rig.close());

const scenarios = drivers.flatMap((driver) =>
  driver.topologies.map((topology) => scenarioId(topology, driver.id)),
);

describe('an honest pair', () => {
  it.for(scenarios)(
    '%s is proven in every trial, and its canary was seen to come back',
    async (id, { skip }) => {
      const readiness = preflight.of(parseScenarioId(id) as Scenario);
      if (readiness.type === 'unsupported') return skip(readiness.reason);
      const results = await rig.measure(id, { workloads: ['tcp-stream', 'tcp-rr', 'udp-load'] });
      for (const { witness, trial } of results) {
        expect(witness.verdict, `${trial.workload}: ${witness.summary}`).toBe('proven');
        expect(trial.status).toBe('ok');
      }
      if (id !== 'same-host/bare') expect(results[0]?.canary?.returned).toBe(true);
    },
  );

  it.each(['same-host/bridge', 'cross-host/overlay'])(
    '%s is proven for workloads of every other kind too',
    async (id) => {
      const workloads = [
        ...['tcp-stream-reverse', 'tcp-stream-bidir', 'tcp-crr', 'rtt', 'rtt-open', 'rtt-loaded'],
        ...['http-keepalive', 'dns', 'udp-capacity-1400'],
      ];
      for (const { witness, trial } of await rig.measure(id, { workloads })) {
        expect(witness.verdict, `${trial.workload}: ${witness.summary}`).toBe('proven');
      }
    },
  );
});

describe('the capture of an overlay’s canary', () => {
  it('is kept as a pcap file that shows the canary inside VXLAN with the network’s VNI, and nothing of others', async () => {
    const [result] = await rig.measure('cross-host/overlay', { workloads: ['tcp-rr'] });
    const canary = result?.canary;
    expect(canary?.vni).toBeGreaterThan(0);
    expect(canary?.captures.map((each) => each.side)).toEqual(['server', 'client']);
    for (const { file, vxlanPackets } of canary?.captures ?? []) {
      const capture = parseCapture(await readFile(join(rig.folder, 'canary', file)), 4789);
      const encapsulated = capture.packets.filter((packet) => packet.vni === canary?.vni);
      expect(encapsulated).toHaveLength(vxlanPackets);
      expect(encapsulated.some((packet) => packet.bytes.includes(canary?.text ?? ''))).toBe(true);
      expect(capture.packets.every((packet) => packet.vni === canary?.vni)).toBe(true);
    }
  });
});
