/**
 * Programs that may see the engine's NAT rules: iptables over nftables or the legacy one (each knows only its own), and
 * nft for an engine with `firewall-backend: nftables` (Docker 29), whose tables no iptables shows.
 */
const natPrograms = ['nft', 'iptables-nft', 'iptables-legacy'] as const;
/** `none`: they can be asked, and the engine has no rules (`iptables: false`). */
export type NatProgram = (typeof natPrograms)[number] | 'none';

/** The engine's own table and the chain in it that holds the DNAT rules of published ports. */
const bridgesChain = 'ip docker-bridges nat-prerouting-and-output';

/** How each program shows the engine's DNAT rules with their counters; it ends with an error where there are none. */
const listings: Readonly<Record<NatProgram, string>> = {
  nft: `nft list chain ${bridgesChain}`,
  'iptables-nft': 'iptables-nft -w -t nat -vxnL DOCKER',
  'iptables-legacy': 'iptables-legacy -w -t nat -vxnL DOCKER',
  none: 'true',
};

/** Shell script that prints which program sees the engine's NAT rules, `none`, or nothing where none can be asked. */
export const findNatProgram = natPrograms
  .map((program) => `if ${listings[program]} >/dev/null 2>&1; then echo ${program}`)
  .join('; el')
  .concat('; elif { nft list tables || iptables-legacy -w -t nat -S; } >/dev/null 2>&1; then echo none; fi');

/** What `findNatProgram` printed, as one of the programs. */
export function natProgramOf(printed: string): NatProgram | undefined {
  return ([...natPrograms, 'none'] as const).find((program) => program === printed.trim());
}

/** Shell script that prints the engine's DNAT rules. */
export const listNatRules = (program: NatProgram): string => listings[program];

const ruleFormats = [
  // iptables: `  2  120 DNAT  6  --  !br-1  *  0.0.0.0/0  0.0.0.0/0  tcp dpt:21000 to:198.18.1.2:21000`
  /^\s*(?<packets>\d+)\s+\d+\s+DNAT\s.*\bdpt:(?<port>\d+)\b/,
  // nft: `iifname != "br-1" tcp dport 21000 counter packets 2 bytes 120 dnat to 198.18.1.2:21000 comment "DNAT"`
  /\b(?:tcp|udp|sctp) dport (?<port>\d+) counter packets (?<packets>\d+) bytes \d+ dnat to /,
];

/** Reads listed rules: published port → packets that hit its DNAT rules. */
export function parseDnat(lines: readonly string[]): Map<number, number> {
  const packets = new Map<number, number>();
  for (const line of lines) {
    const found = ruleFormats.map((format) => format.exec(line)?.groups).find((each) => each !== undefined);
    if (!found) continue;
    const port = Number(found.port);
    packets.set(port, (packets.get(port) ?? 0) + Number(found.packets));
  }
  return packets;
}
