import { oneSubnetOnAllNodes } from './address-claims.ts';
import {
  bridgeEncryptsNothing,
  bridgeIsLocal,
  multiHomed,
  namesOnCustomNetworks,
  networksSegment,
} from './bridge-claims.ts';
import { rulesHoldBack } from './firewall-claims.ts';
import { hostIsNotIsolated, portsCollideOnHost } from './host-claims.ts';
import { macvlanLooksPhysical } from './macvlan-claims.ts';
import { encryptionKeepsStrangersOut, overlayLinksHosts, vxlanEncrypts } from './overlay-claims.ts';
import { macvlanIsBound, recreatedElsewhere } from './portability-claims.ts';
import type { Stage } from './stage.ts';
import type { TriedClaim } from './try-claims.ts';

/** Claims that are put to the test by trying, each with its number in the guide's list; the others rest on figures. */
export const triedClaims: readonly TriedClaim<Stage>[] = [
  { claim: 2, test: bridgeEncryptsNothing },
  { claim: 3, test: bridgeIsLocal },
  { claim: 6, test: portsCollideOnHost },
  { claim: 7, test: hostIsNotIsolated },
  { claim: 8, test: overlayLinksHosts },
  { claim: 10, test: encryptionKeepsStrangersOut },
  { claim: 11, test: vxlanEncrypts },
  { claim: 12, test: oneSubnetOnAllNodes },
  { claim: 13, test: macvlanLooksPhysical },
  { claim: 14, test: macvlanIsBound },
  { claim: 15, test: namesOnCustomNetworks },
  { claim: 16, test: networksSegment },
  { claim: 17, test: recreatedElsewhere },
  { claim: 18, test: multiHomed },
  { claim: 19, test: rulesHoldBack },
];
