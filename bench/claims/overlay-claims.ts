import { type Evidence, evidenceOf, type Finding, notTested } from '../../results/evidence.ts';
import { forgeVxlan } from './forged-vxlan.ts';
import { answerIn, reaches, type Stage } from './stage.ts';

const plain = 'cross-host/overlay';
const encrypted = 'cross-host/overlay-encrypted';

/** Claim 8: an overlay links containers of several hosts by encapsulation, by name too. */
export async function overlayLinksHosts(stage: Stage): Promise<Evidence> {
  const lacking = stage.lacks(plain);
  if (lacking) return notTested(8, lacking);
  return stage.withPair(plain, async (pair) => {
    const { findings, record } = await stage.canary(pair);
    await answerIn(pair.server);
    const named = await reaches(pair.client, pair.serverName ?? '');
    const packets = findings.client.vxlanPackets;
    return evidenceOf(8, [
      {
        text: `64 random bytes went from one host’s container to the other’s and back: ${record.returned ? 'yes' : 'no'}.`,
        agrees: record.returned,
      },
      {
        text: `On the underlay they were inside VXLAN: ${packets} packets of VNI ${record.vni} were seen.`,
        agrees: packets > 0,
      },
      { text: `The other host’s container is reached by its name: ${named ? 'yes' : 'no'}.`, agrees: named },
    ]);
  });
}

/** Claim 10: an encrypted overlay keeps a man in the middle from reading and from writing. */
export async function encryptionKeepsStrangersOut(stage: Stage): Promise<Evidence> {
  const without = stage.lacks(plain);
  if (without) return notTested(10, without);
  const control = await stage.withPair(plain, (pair) => forgeVxlan(stage, pair));
  const controlText = `Into a plain overlay a stranger’s forged VXLAN packet (${control.arrived} reached the host) was ${delivered(control.delivered)}.`;
  const lacking = stage.lacks(encrypted);
  if (lacking) return notTested(10, lacking, [{ text: controlText, agrees: control.delivered }]);
  return stage.withPair(encrypted, async (pair) => {
    const { findings } = await stage.canary(pair);
    const forged = await forgeVxlan(stage, pair);
    const { clearOn, espPackets, vxlanPackets } = findings.server;
    // What never arrived proves nothing about being refused, and a control that fails proves the method wrong.
    if (forged.arrived === 0 || !control.delivered) {
      return notTested(10, 'The forged packets did not get far enough to be refused.', [
        { text: controlText, agrees: control.delivered },
      ]);
    }
    return evidenceOf(10, [
      {
        text: `64 random bytes were seen ${clearOn.length > 0 ? `in clear on ${clearOn.join(' and ')}` : 'nowhere in clear'}; ${espPackets} ESP and ${vxlanPackets} clear VXLAN packets crossed the underlay.`,
        agrees: clearOn.length === 0 && espPackets > 0 && vxlanPackets === 0,
      },
      {
        text: `Into the encrypted overlay a stranger’s forged clear VXLAN packet (${forged.arrived} reached the host) was ${delivered(forged.delivered)}.`,
        agrees: !forged.delivered,
      },
      { text: controlText, agrees: control.delivered },
    ]);
  });
}

const delivered = (does: boolean) => (does ? 'delivered to the container' : 'not delivered');

/** Claim 11: "encryption with IPSec or VXLAN": VXLAN alone encrypts nothing; the keys are the swarm's. */
export async function vxlanEncrypts(stage: Stage): Promise<Evidence> {
  const without = stage.lacks(plain);
  if (without) return notTested(11, without);
  const clear = await stage.withPair(plain, async (pair): Promise<Finding> => {
    const { findings } = await stage.canary(pair);
    const seen = findings.client.clearOn;
    return {
      text: `In a plain overlay 64 random bytes were seen ${seen.length > 0 ? `in clear inside VXLAN on ${seen.join(' and ')}` : 'nowhere in clear'}: VXLAN by itself encrypts ${seen.length > 0 ? 'nothing' : 'them'}.`,
      agrees: seen.length === 0,
    };
  });
  if (stage.lacks(encrypted)) return evidenceOf(11, [clear]);
  const keys = await stage.withPair(encrypted, async (pair): Promise<Finding> => {
    await stage.canary(pair);
    const states = await pair.serverSide.probe.shell('ip xfrm state list nokeys');
    const count = states.match(/^src /gm)?.length ?? 0;
    return {
      text: `In an encrypted overlay the kernel held ${count} IPsec states with keys from the swarm’s control plane; no certificate takes part in the data path.`,
      agrees: count > 0,
    };
  });
  return evidenceOf(11, [clear, keys]);
}
