import type { Evidence } from '../../results/evidence.ts';
import {
  bridgeEncryptsNothing,
  bridgeIsLocal,
  multiHomed,
  namesOnCustomNetworks,
  networksSegment,
} from './bridge-claims.ts';
import { hostIsNotIsolated, portsCollideOnHost } from './host-claims.ts';
import { macvlanLooksPhysical } from './macvlan-claims.ts';
import { encryptionKeepsStrangersOut, overlayLinksHosts, vxlanEncrypts } from './overlay-claims.ts';
import type { Stage } from './stage.ts';

/** Claims that are put to the test by trying, each with its number in the guide's list; the others rest on figures. */
export const triedClaims: readonly {
  readonly claim: number;
  readonly test: (stage: Stage) => Promise<Evidence>;
}[] = [
  { claim: 2, test: bridgeEncryptsNothing },
  { claim: 3, test: bridgeIsLocal },
  { claim: 6, test: portsCollideOnHost },
  { claim: 7, test: hostIsNotIsolated },
  { claim: 8, test: overlayLinksHosts },
  { claim: 10, test: encryptionKeepsStrangersOut },
  { claim: 11, test: vxlanEncrypts },
  { claim: 13, test: macvlanLooksPhysical },
  { claim: 15, test: namesOnCustomNetworks },
  { claim: 16, test: networksSegment },
  { claim: 18, test: multiHomed },
];
