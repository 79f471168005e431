import { Failure } from '../../results/failure.ts';

/** Kinds of BTF's entries that are looked into or have a tail, with the tail's length in bytes. */
const kind = { struct: 4, union: 5, enum: 6, enum64: 19, functionPrototype: 13, dataSection: 15 };
const tailPerMember: Readonly<Record<number, number>> = {
  [kind.struct]: 12,
  [kind.union]: 12,
  [kind.enum]: 8,
  [kind.enum64]: 12,
  [kind.functionPrototype]: 8,
  [kind.dataSection]: 12,
};
/** Integer, array, variable, declaration tag. */
const fixedTail: Readonly<Record<number, number>> = { 1: 4, 3: 12, 14: 4, 17: 4 };

/**
 * How far a member lies from the start of its structure, as the running kernel describes its own types
 * (Documentation/bpf/btf.rst; little-endian).
 * @param btf content of /sys/kernel/btf/vmlinux
 * @returns bytes
 * @throws Failure `infrastructure` where it is no BTF, or has no such member
 */
export function memberOffset(btf: Buffer, structure: string, member: string): number {
  try {
    const offset = find(btf, structure, member);
    if (offset !== undefined) return offset;
  } catch (cause) {
    throw unusable('it is damaged', cause);
  }
  throw unusable(`it knows no ${structure}.${member}`);
}

function find(btf: Buffer, structure: string, member: string): number | undefined {
  if (btf.readUInt16LE(0) !== 0xeb9f) throw new Error('no BTF');
  const headerLength = btf.readUInt32LE(4);
  const [typesAt, typesLength, namesAt] = [8, 12, 16].map((at) => btf.readUInt32LE(at)) as [
    number,
    number,
    number,
  ];
  const isNamed = (offset: number, name: string) => {
    const at = headerLength + namesAt + offset;
    return btf.toString('latin1', at, at + name.length + 1) === `${name}\0`;
  };
  const end = headerLength + typesAt + typesLength;
  for (let at = headerLength + typesAt; at < end; ) {
    const [name, info] = [btf.readUInt32LE(at), btf.readUInt32LE(at + 4)];
    const [type, count, hasBitFields] = [(info >>> 24) & 0x1f, info & 0xffff, info >>> 31];
    at += 12;
    if (type === kind.struct && isNamed(name, structure)) {
      for (let i = 0; i < count; i++) {
        if (!isNamed(btf.readUInt32LE(at + 12 * i), member)) continue;
        const bits = btf.readUInt32LE(at + 12 * i + 8);
        return (hasBitFields ? bits & 0xffffff : bits) / 8;
      }
    }
    at += (tailPerMember[type] ?? 0) * count + (fixedTail[type] ?? 0);
  }
  return undefined;
}

function unusable(why: string, cause?: unknown): Failure {
  return new Failure(
    'infrastructure',
    `what the guest's kernel tells of its types can't be used: ${why}`,
    'Choose another kernel in the machine’s recipe.',
    { cause },
  );
}
