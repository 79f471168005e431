import { listNatRules, type NatProgram, parseDnat } from '../site/docker-nat.ts';

/** Bytes and packets of an interface since it was made, as its own namespace counts them. */
export interface InterfaceCounters {
  readonly rxBytes: number;
  readonly rxPackets: number;
  readonly txBytes: number;
  readonly txPackets: number;
}

/** One IPsec state: what it has carried, and the highest sequence number that it sent. */
export interface EspState {
  readonly source: string;
  readonly destination: string;
  readonly spi: string;
  readonly bytes: number;
  readonly packets: number;
  readonly outboundSequence: number | undefined;
  /** Number by which who made it knows it (`reqid`). */
  readonly requestId: number | undefined;
}

/** What one request to a probe brought back. What the kernel does not offer is absent. */
export interface HostReading {
  /** performance.now() in milliseconds when the answer came. */
  readonly atMillis: number;
  /** Network namespace (`host`, or the process id of a container's first process) → interface → counters. */
  readonly interfaces: ReadonlyMap<string, ReadonlyMap<string, InterfaceCounters>>;
  /** Network namespace → TCP segments retransmitted. */
  readonly tcpRetransmits: ReadonlyMap<string, number>;
  /** IP packets that the host cut in pieces: pieces made, and pieces that arrived to be joined (both IP families). */
  readonly fragmentsMade: number | undefined;
  readonly fragmentsArrived: number | undefined;
  readonly conntrackCount: number | undefined;
  readonly conntrackDrops: number | undefined;
  /** CPU seconds of each docker-proxy asked for, by process id. */
  readonly proxyCpuSeconds: ReadonlyMap<string, number>;
  /** Published port → packets that hit its DNAT rules; undefined where the rules were not asked for. */
  readonly dnatPackets: ReadonlyMap<number, number> | undefined;
  readonly espStates: readonly EspState[] | undefined;
}

/** What to read at one engine. */
export interface ReadingRequest {
  /** Process ids, in the engine's process namespace, whose network namespaces are read. */
  readonly containerPids: readonly number[];
  readonly proxyPids: readonly number[];
  /** The program that sees the engine's NAT rules, where they are to be read. */
  readonly natProgram: NatProgram | undefined;
  readonly esp: boolean;
}

const rulesMark = '== nat';
const espMark = '== esp';
/** Prints a host's IPsec states for `parseEspStates`. */
export const listEspStates = 'ip -s xfrm state list nokeys';

/** A shell script that prints everything asked for, with as few forks as can be: it runs before and after each trial. */
export function readingScript(request: ReadingRequest): string {
  const files = [
    '/proc/net/dev',
    '/proc/net/snmp',
    '/proc/net/snmp6',
    '/proc/net/stat/nf_conntrack',
    '/proc/sys/net/netfilter/nf_conntrack_count',
    ...request.containerPids.flatMap((pid) => [`/proc/${pid}/net/dev`, `/proc/${pid}/net/snmp`]),
    ...request.proxyPids.map((pid) => `/proc/${pid}/stat`),
  ];
  return [
    `grep -sH '' ${files.join(' ')}`,
    ...(request.natProgram ? [`echo '${rulesMark}'`, listNatRules(request.natProgram)] : []),
    // The keys of the states are nobody's business.
    ...(request.esp ? [`echo '${espMark}'`, listEspStates] : []),
  ].join('\n');
}

/** Reads what the script printed. */
export function parseReading(text: string, atMillis: number): HostReading {
  const lines = text.split('\n');
  const rulesAt = lines.indexOf(rulesMark);
  const espAt = lines.indexOf(espMark);
  const filesEnd = [rulesAt, espAt].filter((at) => at >= 0).reduce((a, b) => Math.min(a, b), lines.length);
  const files = new Map<string, string[]>();
  for (const line of lines.slice(0, filesEnd)) {
    const colon = line.indexOf(':');
    if (colon < 0) continue;
    const file = line.slice(0, colon);
    const content = files.get(file) ?? [];
    content.push(line.slice(colon + 1));
    files.set(file, content);
  }
  const interfaces = new Map<string, Map<string, InterfaceCounters>>();
  const tcpRetransmits = new Map<string, number>();
  const proxyCpuSeconds = new Map<string, number>();
  for (const [file, content] of files) {
    const match = /^\/proc\/(?:(\d+)\/)?(net\/dev|net\/snmp|stat)$/.exec(file);
    const namespace = match?.[1] ?? 'host';
    if (match?.[2] === 'net/dev') interfaces.set(namespace, parseNetDev(content));
    const retransmits = match?.[2] === 'net/snmp' ? snmpFigure(content, 'Tcp', 'RetransSegs') : undefined;
    if (retransmits !== undefined) tcpRetransmits.set(namespace, retransmits);
    const cpuSeconds = match?.[2] === 'stat' && match[1] ? parseCpuSeconds(content[0] ?? '') : undefined;
    if (cpuSeconds !== undefined) proxyCpuSeconds.set(namespace, cpuSeconds);
  }
  const count = files.get('/proc/sys/net/netfilter/nf_conntrack_count')?.[0];
  return {
    atMillis,
    interfaces,
    tcpRetransmits,
    proxyCpuSeconds,
    conntrackCount: count === undefined ? undefined : Number(count),
    fragmentsMade: fragments(files, 'FragCreates', 'Ip6FragCreates'),
    fragmentsArrived: fragments(files, 'ReasmReqds', 'Ip6ReasmReqds'),
    conntrackDrops: parseConntrackDrops(files.get('/proc/net/stat/nf_conntrack')),
    dnatPackets:
      rulesAt < 0 ? undefined : parseDnat(lines.slice(rulesAt + 1, espAt > rulesAt ? espAt : undefined)),
    espStates: espAt < 0 ? undefined : parseEspStates(lines.slice(espAt + 1).join('\n')),
  };
}

function parseNetDev(lines: readonly string[]): Map<string, InterfaceCounters> {
  const found = new Map<string, InterfaceCounters>();
  for (const line of lines) {
    const match = /^\s*([^\s:]+):\s*(.*)$/.exec(line);
    const numbers = (match?.[2] ?? '').trim().split(/\s+/).map(Number);
    const [rxBytes, rxPackets] = numbers;
    const [txBytes, txPackets] = numbers.slice(8);
    if (match?.[1] === undefined || rxBytes === undefined || rxPackets === undefined) continue;
    if (txBytes === undefined || txPackets === undefined || numbers.some(Number.isNaN)) continue;
    found.set(match[1], { rxBytes, rxPackets, txBytes, txPackets });
  }
  return found;
}

/** A column of a table whose first line names the columns, from the line that starts alike (/proc/net/snmp). */
function snmpFigure(lines: readonly string[], table: string, column: string): number | undefined {
  const [names, values] = lines.filter((line) => line.startsWith(`${table}:`)).map((line) => line.split(' '));
  const value = values?.[names?.indexOf(column) ?? -1];
  return value === undefined ? undefined : Number(value);
}

/** A figure of /proc/net/snmp6, which has a line for each. */
function snmp6Figure(lines: readonly string[], name: string): number | undefined {
  const value = lines.map((line) => line.split(/\s+/)).find(([each]) => each === name)?.[1];
  return value === undefined ? undefined : Number(value);
}

function fragments(files: ReadonlyMap<string, readonly string[]>, four: string, six: string) {
  const counted = [
    snmpFigure(files.get('/proc/net/snmp') ?? [], 'Ip', four),
    snmp6Figure(files.get('/proc/net/snmp6') ?? [], six),
  ].filter((each) => each !== undefined);
  return counted.length > 0 ? counted.reduce((sum, each) => sum + each, 0) : undefined;
}

/** utime and stime of /proc/PID/stat, which the kernel gives in hundredths of a second whatever its own tick is. */
function parseCpuSeconds(line: string): number | undefined {
  // The program's name may hold spaces and parentheses; the fields after it don't.
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
  const [user, system] = [Number(fields[11]), Number(fields[12])];
  return Number.isFinite(user) && Number.isFinite(system) ? (user + system) / 100 : undefined;
}

function parseConntrackDrops(lines: readonly string[] | undefined): number | undefined {
  const [names, ...cores] = (lines ?? []).map((line) => line.trim().split(/\s+/));
  if (!names || cores.length === 0) return undefined;
  const columns = ['drop', 'early_drop', 'insert_failed'].map((name) => names.indexOf(name));
  if (columns.includes(-1)) return undefined;
  return cores.reduce(
    (sum, core) => columns.reduce((all, column) => all + Number.parseInt(core[column] ?? '0', 16), sum),
    0,
  );
}

/** The ESP states of what `ip -s xfrm state` printed. */
export function parseEspStates(text: string): EspState[] {
  const blocks = text.split(/^(?=src )/m);
  return blocks.flatMap((block) => {
    const ends = /^src (\S+) dst (\S+)/.exec(block);
    const spi = /proto esp spi (0x[0-9a-f]+)/.exec(block);
    const carried = /lifetime current:\s*(\d+)\(bytes\), (\d+)\(packets\)/.exec(block);
    const request = /\breqid (\d+)/.exec(block);
    const sequence = /oseq(?:-hi 0x[0-9a-f]+,\s*oseq)? (0x[0-9a-f]+)/.exec(block);
    if (!ends || !spi || !carried) return [];
    return [
      {
        source: ends[1] as string,
        destination: ends[2] as string,
        spi: spi[1] as string,
        bytes: Number(carried[1]),
        packets: Number(carried[2]),
        outboundSequence: sequence ? Number(sequence[1]) : undefined,
        requestId: request ? Number(request[1]) : undefined,
      },
    ];
  });
}
