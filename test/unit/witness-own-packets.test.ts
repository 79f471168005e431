import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { judgeCapture } from '../../bench/witness/judge-capture.ts';
import {
  dataPathStates,
  hostAddresses,
  isOwnEsp,
  isOwnVxlan,
  type Tunnel,
} from '../../bench/witness/own-packets.ts';
import { canonicalAddress, parseCapture } from '../../bench/witness/pcap.ts';
import { parseEspStates } from '../../bench/witness/reading.ts';

const [server, client, stranger] = ['198.18.0.2', '198.18.0.3', '198.18.0.9'];
const hosts = [new Set([server, '10.0.0.1']), new Set([client])] as const;

/** As `ip -s xfrm state list nokeys` prints a state. */
const state = (
  source: string,
  destination: string,
  spi: string,
  requestId = 13681891,
) => `src ${source} dst ${destination}
\tproto esp spi ${spi}(${Number(spi)}) reqid ${requestId}(0x00d0c4e3) mode transport
\treplay-window 0 seq 0x00000000 flag  (0x00000000)
\tanti-replay context: seq 0x0, oseq 0x1f, bitmap 0x00000000
\tlifetime current:
\t  4788(bytes), 31(packets)
\t  add 2026-11-24 10:00:00 use 2026-11-24 10:00:01
`;
const dockers = state(server, client, '0x0a0b0c0d') + state(client, server, '0x01020304');

const header = Buffer.alloc(24);
header.writeUInt32LE(0xa1b2c3d4, 0);
header.writeUInt32LE(276, 20);

/** A cooked packet of IPv4 or IPv6 with that protocol and payload. */
function packet(source: string, destination: string, protocol: number, payload: Buffer): Buffer {
  const isV6 = source.includes(':');
  const ip = Buffer.alloc(isV6 ? 40 : 20);
  if (isV6) {
    ip.writeUInt8(0x60, 0);
    ip.writeUInt8(protocol, 6);
    const bytes = (text: string) => {
      const [head = '', tail = ''] = text.split('::');
      const groups = (part: string) => (part === '' ? [] : part.split(':'));
      const zeros = Array(8 - groups(head).length - groups(tail).length).fill('0');
      const all = [...groups(head), ...zeros, ...groups(tail)];
      return Buffer.from(all.map((group) => group.padStart(4, '0')).join(''), 'hex');
    };
    bytes(source).copy(ip, 8);
    bytes(destination).copy(ip, 24);
  } else {
    ip.writeUInt8(0x45, 0);
    ip.writeUInt8(protocol, 9);
    Buffer.from(source.split('.').map(Number)).copy(ip, 12);
    Buffer.from(destination.split('.').map(Number)).copy(ip, 16);
  }
  const cooked = Buffer.alloc(20);
  cooked.writeUInt16BE(isV6 ? 0x86dd : 0x0800, 0);
  cooked.writeUInt32BE(2, 4);
  cooked.writeUInt8(6, 11);
  const record = Buffer.alloc(16);
  const bytes = Buffer.concat([cooked, ip, payload]);
  record.writeUInt32LE(bytes.length, 8);
  record.writeUInt32LE(bytes.length, 12);
  return Buffer.concat([record, bytes]);
}

function esp(source: string, destination: string, spi: number): Buffer {
  const payload = Buffer.alloc(40);
  payload.writeUInt32BE(spi, 0);
  return packet(source, destination, 50, payload);
}

function vxlan(source: string, destination: string, vni: number): Buffer {
  const payload = Buffer.alloc(40);
  payload.writeUInt16BE(4789, 2);
  payload.writeUInt8(0x08, 8);
  payload.writeUIntBE(vni, 12, 3);
  return packet(source, destination, 17, payload);
}

const read = (...records: Buffer[]) => parseCapture(Buffer.concat([header, ...records]), 4789).packets;
const espStates = dataPathStates(parseEspStates(dockers), parseEspStates(dockers), hosts);
const tunnel: Tunnel = { vni: 4097, hosts, espStates };

describe('ESP on the wire', () => {
  it('is the pair’s where SPI, source and destination are those of a state of both hosts', () => {
    const packets = read(esp(server, client, 0x0a0b0c0d), esp(client, server, 0x01020304));
    expect(packets.map((each) => isOwnEsp(each, tunnel))).toEqual([true, true]);
  });

  it('of a stranger is not, whatever of it is alike, and proves nothing', () => {
    const packets = read(
      esp(stranger, client, 0x0a0b0c0d),
      esp(server, stranger, 0x0a0b0c0d),
      esp(server, client, 0x0a0b0c0e),
      esp(client, server, 0x0a0b0c0d),
      esp(stranger, '198.18.0.8', 0x77777777),
      vxlan(server, client, 4097),
    );
    const own = packets.filter((each) => isOwnEsp(each, tunnel));
    expect(own).toEqual([]);
    const judged = judgeCapture(
      { type: 'capture', on: 'underlay', at: 'both', must: 'show-esp' } as never,
      'server',
      {
        clearOn: [],
        vxlanPackets: 0,
        espPackets: own.length,
        senders: {},
        names: { underlay: 'eth0' },
        ownMac: undefined,
        parentMac: undefined,
        returned: true,
      },
    );
    expect(judged).toMatchObject({ outcome: 'fails', meaning: expect.stringContaining('pair’s hosts') });
  });

  it('goes by states that both hosts have, and by Docker’s where a VPN joins the hosts as well', () => {
    const of = (one: string, other: string) =>
      dataPathStates(parseEspStates(one), parseEspStates(other), hosts).map(({ spi }) => spi);
    expect(of(dockers, dockers)).toEqual(['0x0a0b0c0d', '0x01020304']);
    expect(of(dockers, '')).toEqual([]);
    expect(of(dockers, state(server, client, '0x0a0b0c0d'))).toEqual(['0x0a0b0c0d']);
    const vpn = state(server, client, '0x00000777', 1);
    expect(of(dockers + vpn, dockers + vpn)).toEqual(['0x0a0b0c0d', '0x01020304']);
    expect(of(vpn, vpn)).toEqual(['0x00000777']);
    const theirs = state(server, stranger, '0x00000888');
    expect(of(theirs, theirs)).toEqual([]);
  });

  it('is told by its addresses in IPv6, too, however they are written', () => {
    const sixes = [new Set(['2001:2::1']), new Set(['2001:2::2'])] as const;
    const states = parseEspStates(state('2001:2:0::1', '2001:2:0:0::2', '0x00000009'));
    const six = { vni: 4097, hosts: sixes, espStates: dataPathStates(states, states, sixes) };
    const packets = read(esp('2001:2::1', '2001:2::2', 9), esp('2001:2::1', '2001:2::3', 9));
    expect(packets.map((each) => isOwnEsp(each, six))).toEqual([true, false]);
    expect(canonicalAddress('2001:0002:0:0:0:0:0:0001')).toBe('2001:2::1');
  });
});

describe('VXLAN on the wire', () => {
  it('is the pair’s by its identifier and by its hosts, whichever of their addresses the swarm uses', () => {
    const packets = read(
      vxlan(server, client, 4097),
      vxlan(client, '10.0.0.1', 4097),
      vxlan(server, client, 4098),
      vxlan(stranger, client, 4097),
      vxlan(server, server, 4097),
    );
    expect(packets.map((each) => isOwnVxlan(each, tunnel))).toEqual([true, true, false, false, false]);
  });

  it('of a real overlay is its own', () => {
    const file = readFileSync(new URL('../fixtures/witness/overlay-canary.pcap', import.meta.url));
    const { packets } = parseCapture(file, 4789);
    const [first] = packets;
    if (!first) throw new Error('no packet');
    const real: Tunnel = {
      vni: first.vni,
      hosts: [new Set([first.source]), new Set([first.destination])],
      espStates: [],
    };
    expect(first.source).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
    expect(packets.every((each) => isOwnVxlan(each, real))).toBe(true);
    expect(
      packets.some((each) =>
        isOwnVxlan(each, { ...real, hosts: [new Set([stranger]), new Set([first.destination])] }),
      ),
    ).toBe(false);
  });
});

it('a host’s addresses are all but those that every host has', () => {
  const local = (address: string) => ({ ifname: 'x', addr_info: [{ local: address }] });
  const printed = JSON.stringify([
    ...['127.0.0.1', '198.18.0.2', '::1', 'fe80::1', '2001:2:0::1'].map(local),
    { ifname: 'bare' },
  ]);
  expect([...hostAddresses(printed)]).toEqual(['198.18.0.2', '2001:2::1']);
});
