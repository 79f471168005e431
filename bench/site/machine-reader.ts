import { closeSync, openSync, readdirSync, readFileSync, readlinkSync, readSync } from 'node:fs';
import { cgroupName } from '../engine/isolated-engine.ts';
import { labelFilter } from '../engine/labels.ts';
import { type CpuReading, parseProcStat } from './cpu.ts';
import type { IsOwn } from './foreign-load.ts';
import { type ProcessTable, type ProcessTimes, parseProcess, parseProcesses } from './process-times.ts';
import type { SiteEngine } from './site.ts';

/** What one machine's cores and processes had used by one moment. */
export interface MachineReading {
  readonly cpu: CpuReading;
  /** Empty where they can't be read. */
  readonly processes: ProcessTable;
}

/** Inode of the process namespace in which a kernel starts: only from there all processes are seen (PROC_PID_INIT_INO). */
const firstPidNamespace = 'pid:[4026531836]';
const mark = '== stat';
const containerId = /\b[0-9a-f]{64}\b/g;

/**
 * Reads CPU times of one machine: here from /proc, elsewhere through a probe, which shares its host's process namespace.
 * Reading three hundred processes here costs about a millisecond of CPU.
 */
export class MachineReader {
  readonly machine: string;
  readonly #sides: readonly SiteEngine[];
  readonly #readsHere: boolean;
  readonly #isHere: boolean;
  readonly #runId: string;
  #namespace: string | undefined;
  /** Containers that have been looked up: whether they are the run's. */
  readonly #containers = new Map<string, boolean>();
  /** Processes that have been looked up, by pid and start. */
  #processes = new Map<string, boolean>();

  /**
   * @param sides the engines on that machine, at least one
   * @param isHere whether it is this machine
   */
  constructor(machine: string, sides: readonly SiteEngine[], isHere: boolean, runId: string) {
    this.machine = machine;
    this.#sides = sides;
    this.#isHere = isHere;
    this.#runId = runId;
    if (isHere) this.#namespace = readlinkSync('/proc/self/ns/pid');
    // Where Tare is in a container, the probe of the host's engine sees more than it does, but that of its own engine less.
    this.#readsHere = isHere && (this.isWhole || sides.some(({ engine }) => engine.ownership === 'private'));
  }

  /** Whether all processes of the machine can be seen. Known after the first reading. */
  get isWhole(): boolean {
    return this.#namespace === firstPidNamespace;
  }

  /** @param order what is to be read first, so that one reading's processes enclose the time of its cores */
  async read(order: 'processes-first' | 'cores-first'): Promise<MachineReading> {
    if (this.#readsHere) return readHere(order);
    const steps = ['cat /proc/[0-9]*/stat', `echo; echo '${mark}'`, 'cat /proc/stat'];
    if (order === 'cores-first') steps.reverse();
    const probe = this.#probe();
    this.#namespace ??= (await probe.read('readlink /proc/self/ns/pid')).trim();
    const text = await probe.read(steps.join('\n'));
    const at = text.indexOf(mark);
    const parts = [text.slice(0, at), text.slice(at + mark.length)];
    const [processes, cores] = order === 'cores-first' ? parts.reverse() : parts;
    return {
      cpu: parseProcStat(cores ?? '', performance.now()),
      processes: parseProcesses(processes ?? ''),
    };
  }

  /** Tare's own process in a table, where it runs on this machine. */
  tarePid(table: ProcessTable): number | undefined {
    if (!this.#isHere) return undefined;
    if (this.#readsHere) return process.pid;
    // Seen from another namespace it has another pid, but the same name and start.
    const self = parseProcess(readFileSync('/proc/self/stat', 'utf8'));
    return [...table.values()].find(
      ({ startTicks, name }) => startTicks === self?.startTicks && name === self.name,
    )?.pid;
  }

  /** Looks up which of some processes are in containers of this run, or of this state folder's private engine. */
  async whose(processes: readonly ProcessTimes[]): Promise<IsOwn> {
    const key = ({ pid, startTicks }: ProcessTimes) => `${pid} ${startTicks}`;
    const unknown = processes.filter((each) => !this.#processes.has(key(each)));
    const groups = await this.#controlGroups(unknown.map(({ pid }) => pid));
    const others = [...groups.values()].filter((text) => !this.#isPrivate(text));
    await this.#lookUp(others.flatMap((text) => text.match(containerId) ?? []));
    const found = new Map<string, boolean>();
    for (const each of processes) {
      const known = this.#processes.get(key(each));
      const group = groups.get(each.pid);
      const isOwn = known ?? (group === undefined ? undefined : this.#isOwnGroup(group));
      if (isOwn !== undefined) found.set(key(each), isOwn);
    }
    // Those of this trial only: what has ended since would else gather over a long run.
    this.#processes = found;
    return (each) => found.get(key(each));
  }

  #isOwnGroup(group: string): boolean {
    return this.#isPrivate(group) || (group.match(containerId) ?? []).some((id) => this.#containers.get(id));
  }

  /** Whether a control group is of a container on this state folder's private engine, on which all are Tare's. */
  #isPrivate(group: string): boolean {
    return this.#isHere && group.includes(`/${cgroupName()}/`);
  }

  /** Text of /proc/PID/cgroup of those that are still there. */
  async #controlGroups(pids: readonly number[]): Promise<ReadonlyMap<number, string>> {
    const found = new Map<number, string>();
    if (pids.length === 0) return found;
    if (this.#readsHere) {
      for (const pid of pids) {
        const text = readFile(`/proc/${pid}/cgroup`);
        if (text !== undefined) found.set(pid, text);
      }
      return found;
    }
    const files = pids.map((pid) => `/proc/${pid}/cgroup`).join(' ');
    for (const line of (await this.#probe().read(`grep -sH '' ${files}`)).split('\n')) {
      const match = /^\/proc\/(\d+)\/cgroup:(.*)$/.exec(line);
      if (match) found.set(Number(match[1]), `${found.get(Number(match[1])) ?? ''}${match[2]}\n`);
    }
    return found;
  }

  /** Asks the engines for the run's containers where one is seen for the first time. */
  async #lookUp(ids: readonly string[]): Promise<void> {
    if (ids.every((id) => this.#containers.has(id))) return;
    for (const id of ids) this.#containers.set(id, this.#containers.get(id) ?? false);
    for (const { engine } of this.#sides) {
      const own = await engine.docker.listContainers({ filters: labelFilter(this.#runId) });
      for (const { Id } of own) this.#containers.set(Id, true);
    }
  }

  #probe() {
    return (this.#sides[0] as SiteEngine).probe;
  }
}

function readHere(order: 'processes-first' | 'cores-first'): MachineReading {
  const cores = () => parseProcStat(readFileSync('/proc/stat', 'utf8'), performance.now());
  if (order === 'cores-first') return { cpu: cores(), processes: readProcesses() };
  return { processes: readProcesses(), cpu: cores() };
}

// One buffer for all and no promise each: a tenth of the CPU time that readFile takes.
const buffer = Buffer.alloc(4096);

function readProcesses(): ProcessTable {
  const table = new Map<number, ProcessTimes>();
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const process = parseProcess(readFile(`/proc/${entry}/stat`) ?? '');
    if (process) table.set(process.pid, process);
  }
  return table;
}

/** A small file of /proc; undefined where its process has gone. */
function readFile(path: string): string | undefined {
  let file: number | undefined;
  try {
    file = openSync(path, 'r');
    return buffer.toString('utf8', 0, readSync(file, buffer, 0, buffer.length, 0));
  } catch {
    return undefined;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}
