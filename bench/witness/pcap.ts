import { isIPv6 } from 'node:net';

/**
 * As much of the pcap format, of Linux cooked capture v2 (LINKTYPE_LINUX_SLL2, tcpdump's `any`) and of IP as the
 * witness needs: on which interface a packet was seen, who sent it, whether it is VXLAN or ESP, and its bytes.
 */
export interface CapturedPacket {
  /** Number of the interface in the namespace of the capture. */
  readonly interfaceIndex: number;
  /** Link-layer address of its sender; empty where the interface has none. */
  readonly senderMac: string;
  /** VXLAN network identifier, where it is a VXLAN packet to the given port. */
  readonly vni: number | undefined;
  /** Security parameters index, where it is ESP. */
  readonly spi: number | undefined;
  /** Addresses of the outermost IP header; empty where there is none. */
  readonly source: string;
  readonly destination: string;
  /** Everything captured after the cooked header. */
  readonly bytes: Buffer;
  /** The packet with its record header, as in the file. */
  readonly record: Buffer;
}

export interface Capture {
  readonly header: Buffer;
  readonly packets: readonly CapturedPacket[];
}

const magicMicros = 0xa1b2c3d4;
const fileHeaderLength = 24;
const recordHeaderLength = 16;
const linkTypeSll2 = 276;
const sll2Length = 20;
const [ipv4, ipv6, udp, esp] = [0x0800, 0x86dd, 17, 50];

/**
 * Reads a capture; a last record that was cut off is left out.
 * @param vxlanPort UDP port of the swarm's data path, 4789 unless chosen otherwise
 * @throws Error where it is not a little-endian pcap file of cooked captures
 */
export function parseCapture(file: Buffer, vxlanPort: number): Capture {
  if (file.length < fileHeaderLength || file.readUInt32LE(0) !== magicMicros) {
    throw new Error('not a little-endian pcap file');
  }
  const linkType = file.readUInt32LE(20) & 0xffff;
  if (linkType !== linkTypeSll2) throw new Error(`a capture of link type ${linkType}, not ${linkTypeSll2}`);
  const packets: CapturedPacket[] = [];
  let at = fileHeaderLength;
  while (at + recordHeaderLength <= file.length) {
    const length = file.readUInt32LE(at + 8);
    const end = at + recordHeaderLength + length;
    if (end > file.length) break;
    const record = file.subarray(at, end);
    if (length >= sll2Length) packets.push(parsePacket(record, vxlanPort));
    at = end;
  }
  return { header: file.subarray(0, fileHeaderLength), packets };
}

/** Some packets of a capture as a file of their own. */
export function captureFile(capture: Capture, packets: readonly CapturedPacket[]): Buffer {
  return Buffer.concat([capture.header, ...packets.map((packet) => packet.record)]);
}

function parsePacket(record: Buffer, vxlanPort: number): CapturedPacket {
  const cooked = record.subarray(recordHeaderLength);
  const addressLength = Math.min(8, cooked.readUInt8(11));
  const bytes = cooked.subarray(sll2Length);
  const transport = transportOf(bytes, cooked.readUInt16BE(0));
  return {
    interfaceIndex: cooked.readUInt32BE(4),
    senderMac: [...cooked.subarray(12, 12 + addressLength)]
      .map((each) => each.toString(16).padStart(2, '0'))
      .join(':'),
    vni: transport?.protocol === udp ? vniOf(transport.payload, vxlanPort) : undefined,
    spi: transport?.protocol === esp ? spiOf(transport.payload) : undefined,
    source: transport?.source ?? '',
    destination: transport?.destination ?? '',
    bytes,
    record,
  };
}

interface Transport {
  readonly protocol: number;
  readonly source: string;
  readonly destination: string;
  readonly payload: Buffer;
}

/** What an IP packet carries; for IPv6 without extension headers, which neither VXLAN nor ESP has between hosts. */
function transportOf(packet: Buffer, etherType: number): Transport | undefined {
  if (etherType === ipv4 && packet.length >= 20) {
    const dotted = (at: number) => packet.subarray(at, at + 4).join('.');
    return {
      protocol: packet.readUInt8(9),
      source: dotted(12),
      destination: dotted(16),
      payload: packet.subarray((packet.readUInt8(0) & 0xf) * 4),
    };
  }
  if (etherType === ipv6 && packet.length >= 40) {
    const grouped = (at: number) =>
      canonicalAddress(
        Array.from({ length: 8 }, (_, group) => packet.readUInt16BE(at + 2 * group).toString(16)).join(':'),
      );
    return {
      protocol: packet.readUInt8(6),
      source: grouped(8),
      destination: grouped(24),
      payload: packet.subarray(40),
    };
  }
  return undefined;
}

// ESP (RFC 4303) begins with the SPI.
function spiOf(payload: Buffer): number | undefined {
  return payload.length < 4 ? undefined : payload.readUInt32BE(0);
}

// UDP header (8 bytes), then VXLAN (RFC 7348): flags with the I bit, three reserved bytes, VNI in three bytes.
function vniOf(datagram: Buffer, vxlanPort: number): number | undefined {
  if (datagram.length < 16 || datagram.readUInt16BE(2) !== vxlanPort) return undefined;
  return (datagram.readUInt8(8) & 0x08) === 0 ? undefined : datagram.readUIntBE(12, 3);
}

/** An IP address as RFC 5952 writes it, so that equal ones are equal texts. */
export function canonicalAddress(address: string): string {
  return isIPv6(address) && !address.includes('%')
    ? new URL(`http://[${address}]`).hostname.slice(1, -1)
    : address;
}
