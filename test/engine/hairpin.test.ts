import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startIsolatedEngine, stopIsolatedEngine } from '../../bench/engine/isolated-engine.ts';
import { stateSubfolder } from '../../bench/state/state.ts';
import { bridgeHairpin } from '../../drivers/bridge-hairpin.ts';
import { WitnessRig } from './witness-rig.ts';

/** Packets that the engine's rules to keep bridges apart have dropped, a line each. */
const countDrops = `for i in iptables-nft iptables-legacy; do
  $i -vxnL DOCKER-ISOLATION-STAGE-2 2>/dev/null | awk '$3 == "DROP" { print $1 }'
done; echo 0`;

const workloads = ['tcp-stream', 'tcp-rr', 'udp-rr'];

let rig: WitnessRig;

/** Checks that both ways of dialling are proven, and gives the kinds of the hops in between. */
async function proven(id: string): Promise<string[]> {
  const results = await rig.measure(id, { workloads });
  for (const { witness } of results) expect(witness.verdict, witness.summary).toBe('proven');
  return results.flatMap(({ witness }) => witness.checks.map((check) => check.name));
}

describe('with a userland proxy', () => {
  beforeAll(async () => {
    rig = await WitnessRig.open(undefined);
  });
  afterAll(() => rig.close());

  it.each(['', '@from=self', '@from=other'])(
    'a hairpin%s is proven to go through docker-proxy',
    async (options) => {
      const checks = await proven(`same-host/bridge-hairpin${options}`);
      expect(checks).toContain('server-proxy-rise');
      expect(checks).toContain('server-dnat-stay-still');
    },
  );

  it('is refuted where the client dials the server itself', async () => {
    const [result] = await rig.measure('same-host/bridge-hairpin', {
      workloads: ['tcp-rr'],
      provision: async (context) => {
        const honest = await bridgeHairpin.provision(context);
        return { ...honest, serverAddress: honest.listenAddress };
      },
    });
    expect(result?.witness.verdict).toBe('refuted');
    const failed = result?.witness.checks.filter((check) => !check.holds).map((check) => check.name);
    expect(failed).toEqual(expect.arrayContaining(['server-proxy-rise', 'server-bridge-carry']));
  });
});

describe('without one', () => {
  const folder = stateSubfolder('engine-without-proxy');
  beforeAll(async () => {
    const { url } = await startIsolatedEngine({
      folder,
      network: 'own',
      tied: true,
      dockerdOptions: [
        ...['--userland-proxy=false', '--bip', '198.18.254.1/24'],
        ...['--default-address-pool', 'base=198.18.192.0/19,size=26'],
      ],
      prepare:
        'ip link add tare-ul0 type bridge; ip address add 198.18.255.1/24 dev tare-ul0; ip link set tare-ul0 up',
    });
    rig = await WitnessRig.open(undefined, [url]);
  });
  afterAll(async () => {
    await rig?.close();
    await stopIsolatedEngine(folder);
  });

  it.each(['', '@from=self'])('a hairpin%s is proven to hit the DNAT rule', async (options) => {
    const checks = await proven(`same-host/bridge-hairpin${options}`);
    expect(checks).toContain('server-dnat-rise');
    expect(checks).toContain('server-proxy-stay-still');
  });

  it('nothing comes through from another bridge', async () => {
    const { probe } = rig.site.sameHost as NonNullable<typeof rig.site.sameHost>;
    let ended = false;
    const measured = rig.measure('same-host/bridge-hairpin@from=other', { workloads: ['tcp-rr'] });
    const refused = expect(measured)
      .rejects.toThrow()
      .finally(() => {
        ended = true;
      });
    // The rules go with the networks, so their counters are read meanwhile.
    let dropped = 0;
    while (!ended) {
      const counts = (await probe.shell(countDrops, 20)).trim().split('\n').map(Number);
      dropped = Math.max(dropped, ...counts);
      await sleep(200);
    }
    await refused;
    expect(dropped).toBeGreaterThan(0);
  });
});
