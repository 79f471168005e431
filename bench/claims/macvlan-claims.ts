import { type Evidence, evidenceOf, notTested } from '../../results/evidence.ts';
import { answerIn, reaches, type Stage } from './stage.ts';

/** Claim 13: macvlan containers appear as devices of their own, and their own host can't reach them. */
export async function macvlanLooksPhysical(stage: Stage): Promise<Evidence> {
  const id = 'cross-host/macvlan';
  const lacking = stage.lacks(id);
  if (lacking) return notTested(13, lacking);
  return stage.withPair(id, async (pair) => {
    const { layouts, findings } = await stage.canary(pair);
    const { own, parent, parentMac } = layouts.client;
    // Seen where it arrives: on the parent segment at the other host.
    const senders = findings.server.senders[layouts.server.parent ?? ''] ?? [];
    const appears = own !== undefined && senders.includes(own.mac) && own.mac !== parentMac;
    await answerIn(pair.server);
    const [across, fromHost] = [
      await reaches(pair.client, pair.serverAddress),
      await reaches(pair.serverSide.probe.executor, pair.serverAddress),
    ];
    return evidenceOf(13, [
      {
        text: `The client’s own MAC address ${own?.mac ?? '(none)'}, not that of its parent ${parent ?? ''} (${parentMac ?? 'unknown'}), was ${appears ? '' : 'not '}seen on the segment at the other host.`,
        agrees: appears,
      },
      {
        text: `A container on the other host reaches the server: ${across ? 'yes' : 'no'}.`,
        agrees: across,
      },
      {
        text: `The server’s own host reaches it: ${fromHost ? 'yes' : 'no'}.`,
        agrees: !fromHost,
      },
    ]);
  });
}
