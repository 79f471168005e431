import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseCapture } from '../../bench/witness/pcap.ts';
import { protocolsOf } from '../../bench/workloads/workload.ts';
import { bridge } from '../../drivers/bridge.ts';
import { bridgeProxy } from '../../drivers/bridge-proxy.ts';
import { bridgePublished } from '../../drivers/bridge-published.ts';
import { host } from '../../drivers/host.ts';
import { macvlan } from '../../drivers/macvlan.ts';
import { overlay, provisionOverlay } from '../../drivers/overlay.ts';
import { detoured, onOneEngine, type Witnessed, WitnessRig } from './witness-rig.ts';

let rig: WitnessRig;
beforeAll(async () => {
  rig = await WitnessRig.open(2);
});
afterAll(() => rig.close());

/** Names of the checks that failed, and that the trial is out of the statistics with the witness's sentence. */
function refuted({ trial, witness }: Witnessed): string[] {
  expect(witness.verdict, witness.summary).toBe('refuted');
  expect(trial).toMatchObject({ status: 'invalid', reason: { code: 'other-path', ...witness.refutedBy } });
  return witness.checks.filter((check) => !check.holds).map((check) => check.name);
}

const only = async (results: Promise<Witnessed[]>): Promise<Witnessed> => (await results)[0] as Witnessed;

describe('a published port that is reached through docker-proxy', () => {
  it('is refuted when the client uses 127.0.0.1, which the DNAT rule leaves out', async () => {
    const result = await only(
      rig.measure('same-host/bridge-published', {
        provision: (context) => bridgeProxy.provision(context),
      }),
    );
    expect(refuted(result)).toEqual(
      expect.arrayContaining([
        'server-dnat-rise',
        'server-proxy-stay-still',
        'server-host-loopback-stay-still',
        'server-canary-host-loopback-hide-canary',
      ]),
    );
    expect(result.witness.summary).toMatch(
      /^docker-proxy on the server’s host copied the bytes \(\d+\.\d\d s of CPU time\)/,
    );
  });

  it('is refuted when the rules are gone on the server’s host', async () => {
    const { probe } = (rig.site.crossHost as NonNullable<typeof rig.site.crossHost>).server;
    const result = await only(
      rig.measure('cross-host/bridge-published', {
        meddle: async (ports) => {
          const removed = await probe.shell(
            `for i in iptables-nft iptables-legacy; do $i -t nat -S DOCKER 2>/dev/null | grep -E -- '--dport (${ports.join('|')}) ' | sed "s/^-A/-D/" | while read -r rule; do $i -t nat $rule && echo removed; done; done; true`,
          );
          expect(removed.trim().split('\n')).toHaveLength(Object.values(protocolsOf).flat().length);
        },
      }),
    );
    expect(refuted(result)).toEqual(expect.arrayContaining(['server-dnat-rise', 'server-proxy-stay-still']));
  });

  it('is proven when it takes the rule', async () => {
    const results = [
      ...(await rig.measure('same-host/bridge-published')),
      ...(await rig.measure('cross-host/bridge-published')),
    ];
    for (const { witness } of results) expect(witness.verdict, witness.summary).toBe('proven');
  });
});

describe('a cross-host pair that was placed on one node', () => {
  it.each([
    ['cross-host/overlay', overlay],
    ['cross-host/host', host],
    ['cross-host/bridge-published', bridgePublished],
  ])('%s is refuted', async (id, driver) => {
    const result = await only(rig.measure(id, { provision: onOneEngine(driver.provision) }));
    const failed = refuted(result);
    expect(failed).toContain('client-place');
    // Also without knowing where the client is: the underlay did not move.
    expect(failed).toContain('client-underlay-carry');
    expect(result.witness.summary).toContain('the client is not on node-2');
  });

  it('is proven when it stands on two', async () => {
    const results = [...(await rig.measure('cross-host/overlay')), ...(await rig.measure('cross-host/host'))];
    for (const { witness } of results) expect(witness.verdict, witness.summary).toBe('proven');
  });
});

describe('a macvlan pair', () => {
  it('is refuted when it secretly shares a bridge', async () => {
    const result = await only(
      rig.measure('same-host/macvlan', {
        provision: detoured(macvlan.provision, 'bridge'),
      }),
    );
    expect(refuted(result)).toEqual(
      expect.arrayContaining([
        'server-own-carry',
        'client-own-carry',
        'server-own-others-stay-still',
        'server-canary-parent-show-canary',
      ]),
    );
    expect(result.witness.summary).toContain('none of the traffic went through the server’s interface');
  });

  it('is refuted when its network is a bridge', async () => {
    const result = await only(rig.measure('same-host/macvlan', { provision: bridge.provision }));
    expect(refuted(result)).toEqual(
      expect.arrayContaining(['server-interface-kind', 'client-interface-kind']),
    );
    expect(result.witness.summary).toContain('interface is a veth, not a macvlan');
  });

  it('is proven when it is what it says', async () => {
    for (const id of ['same-host/macvlan', 'cross-host/macvlan']) {
      const { witness } = await only(rig.measure(id));
      expect(witness.verdict, witness.summary).toBe('proven');
    }
  });
});

describe('a bridge pair', () => {
  it('is refuted when its traffic goes over a second network', async () => {
    const result = await only(
      rig.measure('same-host/bridge', {
        workloads: ['tcp-rr'],
        provision: detoured(bridge.provision, 'bridge'),
      }),
    );
    expect(refuted(result)).toEqual(
      expect.arrayContaining([
        'server-own-carry',
        'server-own-others-stay-still',
        'server-canary-port-show-canary',
      ]),
    );
  });

  it('is proven when it stays on its own', async () => {
    const { witness } = await only(rig.measure('same-host/bridge', { workloads: ['tcp-rr'] }));
    expect(witness.verdict, witness.summary).toBe('proven');
  });
});

describe('an overlay that claims to be encrypted and is not', () => {
  it('is refuted: the canary crosses the underlay in clear and no IPsec state carries anything', async () => {
    const result = await only(
      rig.measure('cross-host/overlay-encrypted', {
        provision: (context) => provisionOverlay(context, {}),
      }),
    );
    expect(refuted(result)).toEqual(
      expect.arrayContaining([
        'server-esp-carry',
        'client-esp-carry',
        'server-canary-underlay-show-esp',
        'server-canary-underlay-lack-vxlan',
        'server-canary-anywhere-hide-canary',
        'client-canary-anywhere-hide-canary',
      ]),
    );
    expect(result.witness.summary).toBe('100 % of the traffic crossed the underlay outside IPsec');
  });
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
