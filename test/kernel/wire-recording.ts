import { readFile } from 'node:fs/promises';

/** What crossed the wire between the guests, as the emulator saw it: neither kernel nor Tare had a hand in it. */
export interface WireCount {
  readonly espFrames: number;
  /** Frames of VXLAN in clear by network identifier. */
  readonly vxlanFrames: ReadonlyMap<number, number>;
  /** Where the next reading starts, in bytes. */
  readonly end: number;
}

const [fileHeaderLength, recordHeaderLength, ethernetLength] = [24, 16, 14];
const [ipv4, udp, esp, vxlanPort] = [0x0800, 17, 50, 4789];

/** Counts the frames of an Ethernet pcap file from a byte on; a last record that is still being written is left. */
export async function countWire(file: string, from = fileHeaderLength): Promise<WireCount> {
  const bytes = await readFile(file);
  let espFrames = 0;
  const vxlanFrames = new Map<number, number>();
  let at = from;
  while (at + recordHeaderLength <= bytes.length) {
    const next = at + recordHeaderLength + bytes.readUInt32LE(at + 8);
    if (next > bytes.length) break;
    const frame = bytes.subarray(at + recordHeaderLength, next);
    at = next;
    if (frame.length < ethernetLength + 20 || frame.readUInt16BE(12) !== ipv4) continue;
    const packet = frame.subarray(ethernetLength);
    const payload = packet.subarray((packet.readUInt8(0) & 0xf) * 4);
    const protocol = packet.readUInt8(9);
    if (protocol === esp) espFrames++;
    else if (protocol === udp && payload.length >= 16 && payload.readUInt16BE(2) === vxlanPort) {
      const vni = payload.readUIntBE(12, 3);
      vxlanFrames.set(vni, (vxlanFrames.get(vni) ?? 0) + 1);
    }
  }
  return { espFrames, vxlanFrames, end: at };
}
