import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { EndLayout } from '../../bench/witness/layout.ts';
import { observeEnd } from '../../bench/witness/observation.ts';
import { captureFile, parseCapture } from '../../bench/witness/pcap.ts';
import { parseReading, readingScript } from '../../bench/witness/reading.ts';

const netDev = (file: string, rows: Record<string, [number, number, number, number]>) => [
  `${file}:Inter-|   Receive                                                |  Transmit`,
  `${file}: face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed`,
  ...Object.entries(rows).map(
    ([name, [rxBytes, rxPackets, txBytes, txPackets]]) =>
      `${file}:${name.padStart(6)}: ${rxBytes} ${rxPackets} 0 0 0 0 0 0 ${txBytes} ${txPackets} 0 0 0 0 0 0`,
  ),
];

const state = (source: string, destination: string, spi: string, bytes: number, packets: number) =>
  `src ${source} dst ${destination}
	proto esp spi ${spi}(287454020) reqid 13681891(0x00d0c4e3) mode transport
	replay-window 0 seq 0x00000000 flag  (0x00000000)
	anti-replay context: seq 0x0, oseq 0x${packets.toString(16)}, bitmap 0x00000000
	sel src 0.0.0.0/0 dst 0.0.0.0/0 uid 0
	lifetime config:
	  limit: soft (INF)(bytes), hard (INF)(bytes)
	lifetime current:
	  ${bytes}(bytes), ${packets}(packets)
	  add 2026-08-01 12:30:00 use 2026-08-01 12:30:01
	stats:
	  replay-window 0 replay 0 failed 0`;

const rules = `== nat
Chain DOCKER (2 references)
    pkts      bytes target     prot opt in     out     source               destination
       5      300 RETURN     0    --  docker0 *       0.0.0.0/0            0.0.0.0/0
       2      120 DNAT       6    --  !br-1  *       0.0.0.0/0            0.0.0.0/0            tcp dpt:21000 to:198.18.1.2:21000
       1       42 DNAT       17   --  !br-1  *       0.0.0.0/0            0.0.0.0/0            udp dpt:21000 to:198.18.1.2:21000
       9      540 DNAT       tcp  --  !br-2  *       0.0.0.0/0            0.0.0.0/0            tcp dpt:8080 to:198.18.2.2:80`;

describe('a reading', () => {
  const text = [
    ...netDev('/proc/net/dev', { lo: [10, 1, 10, 1], eth0: [1000, 10, 2000, 20] }),
    ...netDev('/proc/4711/net/dev', { eth0: [300, 3, 400, 4] }),
    '/proc/net/snmp:Ip: Forwarding ReasmReqds FragCreates',
    '/proc/net/snmp:Ip: 1 30 40',
    '/proc/net/snmp6:Ip6ReasmReqds                   \t3',
    '/proc/net/snmp6:Ip6FragCreates                  \t4',
    '/proc/4711/net/snmp:Tcp: RtoAlgorithm RetransSegs InErrs',
    '/proc/4711/net/snmp:Tcp: 1 17 0',
    '/proc/815/stat:815 (docker-proxy (x) y) S 1 815 815 0 -1 1077936384 400 0 0 0 150 75 0 0 20 0 8 0',
    '/proc/net/stat/nf_conntrack:entries  found insert_failed drop early_drop',
    '/proc/net/stat/nf_conntrack:0000000a  00000000 00000001 0000000b 00000000',
    '/proc/net/stat/nf_conntrack:0000000a  00000000 00000000 00000001 00000002',
    '/proc/sys/net/netfilter/nf_conntrack_count:123',
    rules,
    '== esp',
    state('198.18.0.2', '198.18.0.1', '0x11223344', 5000, 50),
    state('198.18.0.1', '198.18.0.2', '0x55667788', 700, 7),
  ].join('\n');
  const reading = parseReading(text, 5);

  it('takes every counter from the text that the script prints', () => {
    expect([reading.fragmentsArrived, reading.fragmentsMade]).toEqual([33, 44]);
    expect(reading.interfaces.get('host')?.get('eth0')).toEqual({
      rxBytes: 1000,
      rxPackets: 10,
      txBytes: 2000,
      txPackets: 20,
    });
    expect(reading.interfaces.get('4711')?.get('eth0')?.txPackets).toBe(4);
    expect(reading.tcpRetransmits.get('4711')).toBe(17);
    expect(reading.proxyCpuSeconds.get('815')).toBe(2.25);
    expect(reading.conntrackCount).toBe(123);
    expect(reading.conntrackDrops).toBe(1 + 0xb + 1 + 2);
    expect(Object.fromEntries(reading.dnatPackets ?? [])).toEqual({ 21000: 3, 8080: 9 });
    expect(reading.espStates).toEqual([
      {
        source: '198.18.0.2',
        destination: '198.18.0.1',
        spi: '0x11223344',
        bytes: 5000,
        packets: 50,
        outboundSequence: 50,
        requestId: 13_681_891,
      },
      {
        source: '198.18.0.1',
        destination: '198.18.0.2',
        spi: '0x55667788',
        bytes: 700,
        packets: 7,
        outboundSequence: 7,
        requestId: 13_681_891,
      },
    ]);
  });

  it('leaves out what the kernel does not offer, rather than calling it zero', () => {
    const bare = parseReading(netDev('/proc/net/dev', { lo: [0, 0, 0, 0] }).join('\n'), 0);
    expect(bare.conntrackCount).toBeUndefined();
    expect(bare.conntrackDrops).toBeUndefined();
    expect(bare.dnatPackets).toBeUndefined();
    expect(bare.espStates).toBeUndefined();
    expect(bare.tcpRetransmits.size).toBe(0);
  });

  it('never asks for the keys of IPsec states', () => {
    const script = readingScript({ containerPids: [7], proxyPids: [], natProgram: undefined, esp: true });
    expect(script).toContain('xfrm state list nokeys');
  });
});

describe('what an end did during a trial', () => {
  const layout: EndLayout = {
    side: {} as EndLayout['side'],
    underlay: 'eth0',
    underlayAddress: '198.18.0.1',
    freeInterfaces: ['eth0'],
    home: undefined,
    containerPid: 4711,
    own: { name: 'eth0', kind: 'veth', mac: '' },
    port: 'veth1',
    bridge: undefined,
    bridgePorts: ['veth1', 'veth2'],
    parent: undefined,
    parentMac: undefined,
    proxyPids: [815],
    natProgram: undefined,
    hostInterfaces: new Map(),
  };
  const context = {
    otherPorts: ['veth2'],
    ports: [],
    clientAddress: '198.18.0.2',
    serverAddress: '198.18.0.1',
  };
  const at = (
    host: Record<string, [number, number, number, number]>,
    inside: Record<string, [number, number, number, number]>,
    more = '',
  ) =>
    parseReading(
      [...netDev('/proc/net/dev', host), ...netDev('/proc/4711/net/dev', inside), more].join('\n'),
      0,
    );
  const before = at({ eth0: [0, 0, 0, 0], veth1: [0, 0, 0, 0], veth2: [5, 1, 5, 1] }, { eth0: [0, 0, 0, 0] });
  const after = at(
    { eth0: [80, 8, 900, 9], veth1: [700, 7, 60, 6], veth2: [5, 1, 5, 1] },
    { eth0: [60, 6, 700, 7] },
  );

  it('is turned so that forward is from client to server, at both ends and at either half of a veth pair', () => {
    const readings = { before, after };
    const client = observeEnd('client', layout, readings, readings, context).traffic;
    expect(client.own).toMatchObject({ forwardBytes: 700, backwardBytes: 60 });
    expect(client.port).toEqual(client.own);
    expect(client.underlay).toMatchObject({ forwardBytes: 900, backwardBytes: 80 });
    expect(client['other-ports']).toMatchObject({ forwardBytes: 0, backwardBytes: 0 });
    const server = observeEnd('server', layout, readings, readings, context).traffic;
    expect(server.own).toMatchObject({ forwardBytes: 60, backwardBytes: 700 });
    expect(server.port).toEqual(server.own);
  });

  it('is unknown where a counter went backwards or a process is gone', () => {
    const readings = { before: after, after: before };
    const seen = observeEnd('client', layout, readings, readings, context);
    expect(seen.traffic.own).toBeUndefined();
    expect(seen.proxyCpuSeconds).toBeUndefined();
  });

  it('counts IPsec by direction, and what a new key has carried as carried', () => {
    const first = at({}, {}, `== esp\n${state('198.18.0.2', '198.18.0.1', '0x1', 1000, 10)}`);
    const last = at(
      {},
      {},
      [
        '== esp',
        state('198.18.0.2', '198.18.0.1', '0x1', 1500, 15),
        state('198.18.0.2', '198.18.0.1', '0x2', 300, 3),
        state('198.18.0.1', '198.18.0.2', '0x3', 40, 4),
        state('198.18.0.9', '198.18.0.1', '0x4', 99_999, 99),
      ].join('\n'),
    );
    const readings = { before: first, after: last };
    expect(observeEnd('client', layout, readings, readings, context).traffic.esp).toEqual({
      forwardBytes: 800,
      forwardPackets: 8,
      backwardBytes: 40,
      backwardPackets: 4,
    });
  });
});

describe('a capture', () => {
  const file = readFileSync(new URL('../fixtures/witness/overlay-canary.pcap', import.meta.url));

  it('of a real overlay is read: VXLAN with its VNI on one interface, the canary inside, both ways', () => {
    const { packets } = parseCapture(file, 4789);
    expect(packets.length).toBeGreaterThanOrEqual(8);
    expect(new Set(packets.map((packet) => packet.vni)).size).toBe(1);
    expect(packets[0]?.vni).toBeGreaterThan(4095);
    expect(new Set(packets.map((packet) => packet.interfaceIndex)).size).toBe(1);
    expect(
      packets.every(
        (packet) => packet.spi === undefined && /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(packet.senderMac),
      ),
    ).toBe(true);
    expect(new Set(packets.map((packet) => packet.senderMac)).size).toBe(2);
  });

  it('is not taken for VXLAN on another port', () => {
    expect(parseCapture(file, 4790).packets.every((packet) => packet.vni === undefined)).toBe(true);
  });

  it('shows ESP where the IP header says so', () => {
    const esp = Buffer.from(file);
    // Protocol of the first packet's IPv4 header: file header 24, record header 16, cooked header 20, byte 9.
    esp.writeUInt8(50, 24 + 16 + 20 + 9);
    expect(parseCapture(esp, 4789).packets[0]).toMatchObject({ vni: undefined, spi: expect.any(Number) });
  });

  it('cut off anywhere is read up to its last whole packet, and written back it is the same', () => {
    const whole = parseCapture(file, 4789);
    expect(captureFile(whole, whole.packets)).toEqual(file);
    for (let length = 24; length < file.length; length += 7) {
      const { packets } = parseCapture(file.subarray(0, length), 4789);
      expect(packets.length).toBeLessThan(whole.packets.length);
    }
  });

  it('of another kind is refused', () => {
    expect(() => parseCapture(Buffer.alloc(40), 4789)).toThrow('not a little-endian pcap file');
    const ethernet = Buffer.from(file);
    ethernet.writeUInt32LE(1, 20);
    expect(() => parseCapture(ethernet, 4789)).toThrow('link type 1');
  });
});
