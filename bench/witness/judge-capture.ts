import type { CaptureExpectation } from '../../drivers/expectation.ts';
import type { Judgement } from './judgement.ts';
import { placeOf, type Side } from './places.ts';

/** What the capture on one end's host showed while the canary flew. */
export interface CaptureFinding {
  /** Interfaces of the host on which the canary's bytes were seen, VXLAN or not. */
  readonly clearOn: readonly string[];
  /** Packets on the underlay: VXLAN of the pair's network (or with the canary inside), and ESP of its hosts' states. */
  readonly vxlanPackets: number;
  readonly espPackets: number;
  /** Sender's MAC addresses of the canary's packets, by interface; of the client's and the server's packets alike. */
  readonly senders: Readonly<Record<string, readonly string[]>>;
  /** Interface names of the roles in this host; absent where the host has none. */
  readonly names: Partial<Readonly<Record<CaptureExpectation['on'], string>>>;
  readonly ownMac: string | undefined;
  readonly parentMac: string | undefined;
  /** Whether the canary came back to its sender at all. */
  readonly returned: boolean;
}

type Verdict = { readonly holds: boolean; readonly observed: string; readonly meaning: string };

const wishes: Readonly<Record<CaptureExpectation['must'], string>> = {
  'show-canary': 'the canary is seen in clear on',
  'hide-canary': 'the canary is nowhere seen in clear on',
  'show-vxlan': 'VXLAN packets of the pair’s network are seen on',
  'lack-vxlan': 'no clear VXLAN packet of the pair’s network is seen on',
  'show-esp': 'ESP packets of the pair’s hosts are seen on',
  'show-own-mac': 'the canary carries the container’s own MAC address on',
  'show-parent-mac': 'the canary carries the parent’s MAC address on',
};

/** Judges one finding of the capture. Pure. */
export function judgeCapture(
  expectation: CaptureExpectation,
  side: Side,
  finding: CaptureFinding | undefined,
): Judgement {
  const { must, on } = expectation;
  const place = on === 'anywhere' ? `all interfaces of the ${side}’s host` : placeOf(on, side);
  const base = { name: `${side}-canary-${on}-${must}`, expected: `${wishes[must]} ${place}` };
  const unread = { ...base, observed: 'not captured', outcome: 'unread' as const, meaning: '' };
  const name = finding?.names[on];
  if (!finding?.returned || (on !== 'anywhere' && name === undefined)) return unread;
  const verdict = look(must, finding, on === 'anywhere' ? undefined : name, place, side);
  return {
    ...base,
    observed: verdict.observed,
    outcome: verdict.holds ? 'holds' : 'fails',
    meaning: verdict.meaning,
  };
}

/** @param name the interface looked at; undefined for all */
function look(
  must: CaptureExpectation['must'],
  finding: CaptureFinding,
  name: string | undefined,
  place: string,
  side: Side,
): Verdict {
  const clear = name === undefined ? finding.clearOn : finding.clearOn.filter((each) => each === name);
  const seen = clear.length > 0 ? `in clear on ${clear.join(', ')}` : 'not in clear there';
  const senders = (name === undefined ? undefined : finding.senders[name]) ?? [];
  const sentBy = senders.length > 0 ? `sent by ${senders.join(', ')}` : 'not seen there';
  switch (must) {
    case 'show-canary':
      return { holds: clear.length > 0, observed: seen, meaning: `the canary did not pass ${place}` };
    case 'hide-canary':
      return {
        holds: clear.length === 0,
        observed: seen,
        meaning: `the canary was seen ${seen} on the ${side}’s host`,
      };
    case 'show-vxlan':
      return {
        holds: finding.vxlanPackets > 0,
        observed: `${finding.vxlanPackets} VXLAN packets`,
        meaning: `no VXLAN packet of the pair’s network crossed ${place}`,
      };
    case 'lack-vxlan':
      return {
        holds: finding.vxlanPackets === 0,
        observed: `${finding.vxlanPackets} VXLAN packets`,
        meaning: `${finding.vxlanPackets} clear VXLAN packets of the pair’s network crossed ${place}`,
      };
    case 'show-esp':
      return {
        holds: finding.espPackets > 0,
        observed: `${finding.espPackets} ESP packets`,
        meaning: `no ESP packet of the pair’s hosts crossed ${place}`,
      };
    case 'show-own-mac':
      return ownMac(
        finding.ownMac,
        senders,
        sentBy,
        `the canary crossed ${place} without the container’s MAC address`,
      );
    case 'show-parent-mac':
      return ownMac(
        finding.parentMac,
        senders,
        sentBy,
        `the canary crossed ${place} without the parent’s MAC address`,
      );
  }
}

function ownMac(
  mac: string | undefined,
  senders: readonly string[],
  observed: string,
  meaning: string,
): Verdict {
  return { holds: mac !== undefined && senders.includes(mac), observed, meaning };
}
