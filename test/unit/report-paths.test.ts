import { describe, expect, it } from 'vitest';
import { renderPaths } from '../../reports/paths.ts';
import type { PairFacts, RunRecord, Witness } from '../../results/schema.ts';

const overlay: PairFacts = {
  scenario: 'cross-host/overlay',
  serverAddress: '198.19.0.2',
  path: [
    { kind: 'end', side: 'client', interface: 'eth0' },
    { kind: 'veth', side: 'client' },
    { kind: 'overlay-bridge', side: 'client' },
    { kind: 'vxlan', side: 'client' },
    { kind: 'host-interface', side: 'client', name: 'eth0' },
    { kind: 'underlay' },
    { kind: 'host-interface', side: 'server', name: 'eth0' },
    { kind: 'vxlan', side: 'server' },
    { kind: 'overlay-bridge', side: 'server' },
    { kind: 'veth', side: 'server' },
    { kind: 'end', side: 'server', interface: 'eth0' },
  ],
  canary: {
    text: 'x'.repeat(64),
    returned: true,
    vni: 4097,
    captures: [
      {
        side: 'server',
        file: 'cross-host-overlay-server.pcap',
        clearOn: ['eth0'],
        vxlanPackets: 10,
        espPackets: 0,
      },
      {
        side: 'client',
        file: 'cross-host-overlay-client.pcap',
        clearOn: ['eth0'],
        vxlanPackets: 9,
        espPackets: 0,
      },
    ],
  },
};

const counters = {
  'client-own-forward-bytes': 625e6,
  'client-own-backward-bytes': 135e3,
  'server-own-forward-bytes': 624e6,
  'server-own-backward-bytes': 135e3,
  'client-underlay-forward-bytes': 640e6,
  'client-underlay-backward-bytes': 237e3,
  'server-underlay-forward-bytes': 639e6,
  'server-underlay-backward-bytes': 237e3,
};

const proven: Witness = {
  verdict: 'proven',
  summary: 'the path is proven by 18 checks',
  checks: [{ name: 'a', expected: 'it is so', observed: 'so', holds: true }],
  counters,
};
const refuted: Witness = {
  verdict: 'refuted',
  summary: 'none of the traffic went through the underlay on the client’s host',
  checks: [
    ...proven.checks,
    {
      name: 'b',
      expected: 'the underlay on the client’s host carries the traffic',
      observed: '0 B',
      holds: false,
    },
  ],
  counters: { ...counters, 'client-underlay-forward-bytes': 0, 'client-underlay-backward-bytes': 0 },
};

const record = (pairs: PairFacts[], witnesses: Witness[]) =>
  ({
    run: { pairs },
    trials: witnesses.map((witness) => ({
      scenario: 'cross-host/overlay',
      workload: 'tcp-stream',
      status: witness.verdict === 'refuted' ? 'invalid' : 'ok',
      payloadBytes: 6e8,
      witness,
    })),
  }) as unknown as RunRecord;

const print = (value: RunRecord) => renderPaths(value, { columns: 100, colour: false });

describe('the paths of a run', () => {
  it('are drawn hop by hop, with what was counted at each and what the canary showed', () => {
    expect(print(record([overlay], [proven]))).toBe(`cross-host/overlay
         the path is proven by 18 checks (tcp-stream)
    ● client eth0             625 MB forward, 135 kB back
    │ veth
    │ bridge of the overlay
    │ vxlan                   9 packets of VNI 4097 with the canary
    │ eth0 (client’s host)    640 MB forward, 237 kB back
    ┆ underlay
    │ eth0 (server’s host)    639 MB forward, 237 kB back
    │ vxlan                   10 packets of VNI 4097 with the canary
    │ bridge of the overlay
    │ veth
    ● eth0 server             624 MB forward, 135 kB back
  canary 64 random bytes went there and back. Seen on the server’s host: in clear on eth0
         (canary/cross-host-overlay-server.pcap); on the client’s host: in clear on eth0
         (canary/cross-host-overlay-client.pcap)

`);
  });

  it('show the trial that took another path before one that did not, and what was not so', () => {
    const text = print(record([overlay], [proven, refuted]));
    expect(text).toContain('none of the traffic went through the underlay on the client’s host (tcp-stream)');
    expect(text).toContain('not so the underlay on the client’s host carries the traffic: 0 B');
    expect(text).toContain('eth0 (client’s host)    0 B');
  });

  it('say so where nothing was witnessed or set up', () => {
    expect(print(record([overlay], []))).toContain('cross-host/overlay: no trial was witnessed');
    expect(print(record([], []))).toBe('No pair was set up, so there is no path to explain.\n');
  });
});
