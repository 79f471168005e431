import type { Cpu, ForeignCpu } from '../../results/schema.ts';
import { type ProcessTable, type ProcessTimes, ticksPerSecond, usedBetween } from './process-times.ts';

/** Programs of the engine: what they do in a trial they do for it, or for their own upkeep, which is part of having one. */
const enginePrograms: ReadonlySet<string> = new Set([
  ...['dockerd', 'containerd', 'containerd-shim', 'docker-proxy', 'docker-init', 'runc', 'runc:[2:INIT]'],
  ...['rootlesskit', 'slirp4netns', 'podman', 'conmon', 'crun', 'netavark', 'aardvark-dns'],
]);

/** Their children are a container's processes, which may be anybody's; other engine programs' children are their helpers. */
const containerParents: ReadonlySet<string> = new Set(['containerd-shim', 'conmon']);

function isEngines(process: ProcessTimes, table: ProcessTable): boolean {
  if (enginePrograms.has(process.name)) return true;
  const parent = table.get(process.parent)?.name ?? '';
  return enginePrograms.has(parent) && !containerParents.has(parent);
}

/** How many programs are named. */
const namedPrograms = 5;

/**
 * Where not all processes can be seen, the rest of the machine's busy time is known from /proc/stat alone. The kernel
 * samples that by its tick and counts each process exactly, so the two differ by a few hundredths even where all can
 * be seen; only what is beyond this share of all cores' time is called load that can't be seen.
 */
const unseenTolerance = 0.1;
const unseenPrograms = 'programs that can’t be seen from here';

/** One machine's processes, read before and after a trial. */
export interface ProcessReadings {
  readonly before: ProcessTable;
  readonly after: ProcessTable;
  /** Whether all of the machine's processes could be seen, not those of one namespace alone. */
  readonly isWhole: boolean;
}

/** Processes of the second reading whose control groups decide whose they are: those that used CPU, and their parents. */
export function undecided({ before, after }: ProcessReadings): ProcessTimes[] {
  const wanted = new Map<number, ProcessTimes>();
  for (const pid of usedBetween(before, after).keys()) {
    const process = after.get(pid);
    if (!process || process.isKernel || isEngines(process, after)) continue;
    for (const each of [process, after.get(process.parent)]) {
      if (each && !each.isKernel) wanted.set(each.pid, each);
    }
  }
  return [...wanted.values()];
}

/** Whose a process is: undefined where it was gone before it could be asked. */
export type IsOwn = (process: ProcessTimes) => boolean | undefined;

/**
 * What was done on a machine during a trial that was not the trial's: the CPU time of all processes but those of its
 * containers, of Tare with the programs that it started, of the engine, and of the kernel itself. Time in interrupts is
 * nobody's here, as most of it is the trial's own packets.
 * @param tarePid Tare's own process, where it runs on this machine
 */
export function foreignCpu(readings: ProcessReadings, cpu: Cpu, isOwn: IsOwn, tarePid?: number): ForeignCpu {
  const { before, after, isWhole } = readings;
  const used = usedBetween(before, after);
  const capacitySeconds = cpu.wallSeconds * cpu.cores;
  const byName = new Map<string, number>();
  let seenSeconds = 0;
  for (const [pid, seconds] of used) {
    const process = after.get(pid) as ProcessTimes;
    seenSeconds += seconds;
    if (process.isKernel || isEngines(process, after)) continue;
    if (descendsFrom(tarePid, process, after)) continue;
    const parent = after.get(process.parent);
    if (isOwn(process) ?? (parent && isOwn(parent)) ?? false) continue;
    byName.set(process.name, (byName.get(process.name) ?? 0) + seconds);
  }
  if (!isWhole) {
    const unseen = cpu.userSeconds + cpu.systemSeconds - seenSeconds;
    if (unseen > unseenTolerance * capacitySeconds) byName.set(unseenPrograms, unseen);
  }
  const sorted = [...byName].sort(([, a], [, b]) => b - a);
  const cpuSeconds = sorted.reduce((sum, [, seconds]) => sum + seconds, 0);
  const [tareThen, tareNow] = [before, after].map((table) => table.get(tarePid ?? -1)?.ownTicks);
  return {
    machine: cpu.machine,
    share: rounded(Math.min(1, cpuSeconds / capacitySeconds)),
    cpuSeconds: rounded(cpuSeconds),
    top: sorted.slice(0, namedPrograms).map(([name, seconds]) => ({ name, cpuSeconds: rounded(seconds) })),
    ...(tareNow === undefined || tareThen === undefined
      ? {}
      : { tareCpuSeconds: rounded((tareNow - tareThen) / ticksPerSecond) }),
  };
}

function descendsFrom(ancestor: number | undefined, process: ProcessTimes, table: ProcessTable): boolean {
  let at: ProcessTimes | undefined = ancestor === undefined ? undefined : process;
  // Two readings of a changing table can't be trusted to hold a tree.
  for (let steps = 0; at && steps < table.size; steps += 1) {
    if (at.pid === ancestor) return true;
    at = table.get(at.parent);
  }
  return false;
}

const rounded = (value: number): number => Math.round(value * 10_000) / 10_000;
