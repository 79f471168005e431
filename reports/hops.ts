import type { Hop } from '../results/schema.ts';
import { plainText } from './text.ts';

/** A hop in words, fit for any output: `veth`, `eth0 (client’s host)`. */
export function hopWords(hop: Hop): string {
  return plainText(words(hop));
}

function words(hop: Hop): string {
  switch (hop.kind) {
    case 'end':
      if (hop.place === 'process') return `${hop.side} process`;
      if (hop.place === 'host-namespace') return `${hop.side} (host namespace)`;
      if (hop.interface === undefined) return hop.side;
      // As the packets pass them.
      return hop.side === 'client' ? `client ${hop.interface}` : `${hop.interface} server`;
    case 'veth':
      return 'veth';
    case 'bridge':
      return `bridge ${hop.name}`;
    case 'overlay-bridge':
      return hop.side === undefined
        ? 'bridge of the overlay (one node: not encapsulated)'
        : 'bridge of the overlay';
    case 'vxlan':
      return 'vxlan';
    case 'esp':
      return 'IPsec ESP';
    case 'masquerade':
      return 'masquerade';
    case 'dnat':
      return 'DNAT';
    case 'docker-proxy':
      return 'docker-proxy';
    case 'loopback':
      return hop.namespace === 'host' ? 'lo' : 'lo of the shared namespace';
    case 'parent': {
      const where = hop.side === undefined ? '' : ` (${hop.side}’s host)`;
      return `${hop.driver} on ${hop.name}${where}${hop.routed ? ', routed' : ''}`;
    }
    case 'host-interface':
      return `${hop.name} (${hop.side}’s host)`;
    case 'underlay':
      return 'underlay';
    case 'said':
      return hop.text;
  }
}
