import { said } from '../engine/words.ts';

/** CPU time of one process, as /proc/PID/stat tells it (proc(5)). */
export interface ProcessTimes {
  readonly pid: number;
  readonly parent: number;
  /** Its program's short name, with what does not print replaced: anybody may give a process any name. */
  readonly name: string;
  /** Clock ticks after boot at which it started: with the pid it tells a process from all others. */
  readonly startTicks: number;
  /** Of all its threads, in hundredths of a second. */
  readonly ownTicks: number;
  /** Of its children, and theirs, that have ended and been waited for. */
  readonly childTicks: number;
  /** A thread of the kernel, which works for whoever needs it. */
  readonly isKernel: boolean;
}

/** Processes that one reading found, by pid. */
export type ProcessTable = ReadonlyMap<number, ProcessTimes>;

/** USER_HZ: the kernel's ABI tells CPU time in hundredths of a second on every Linux that Docker runs on (proc(5)). */
export const ticksPerSecond = 100;
/** PF_KTHREAD of the kernel's include/linux/sched.h. */
const kernelThread = 0x0020_0000;
/** Up to the start time, after the name. */
const fieldsRead = 20;
/** The kernel keeps 15 bytes of a program's name, and more of its own threads' alone. */
const longestName = 32;

/** Reads lines of /proc/PID/stat, one process each. What is no such line is passed over: a process may go while it is read. */
export function parseProcesses(text: string): ProcessTable {
  const table = new Map<number, ProcessTimes>();
  for (const line of text.split('\n')) {
    const process = parseProcess(line);
    if (process) table.set(process.pid, process);
  }
  return table;
}

/** Reads one line of /proc/PID/stat; undefined where it is none. */
export function parseProcess(line: string): ProcessTimes | undefined {
  // The name may hold blanks and parentheses, but no line break (the kernel escapes it); the fields after it don't.
  const [opens, closes] = [line.indexOf(' ('), line.lastIndexOf(') ')];
  if (opens < 1 || closes < opens) return undefined;
  const fields = line.slice(closes + 2).split(' ', fieldsRead);
  const number = (index: number) => Number(fields[index] ?? Number.NaN);
  const [pid, parent, flags] = [Number(line.slice(0, opens)), number(1), number(6)];
  const [user, system, childUser, childSystem] = [number(11), number(12), number(13), number(14)];
  const startTicks = number(19);
  const all = [pid, parent, flags, user, system, childUser, childSystem, startTicks];
  if (all.some((value) => !Number.isFinite(value))) return undefined;
  return {
    pid,
    parent,
    name: said(line.slice(opens + 2, closes), longestName) || '?',
    startTicks,
    ownTicks: user + system,
    childTicks: childUser + childSystem,
    isKernel: (flags & kernelThread) !== 0,
  };
}

/** Whether two readings saw the same process, not another of the same pid. */
function isSame(one: ProcessTimes | undefined, other: ProcessTimes): boolean {
  return one?.startTicks === other.startTicks;
}

/**
 * CPU seconds that each process of the second reading has used since the first: its threads', and those of its children
 * that ended meanwhile, of which it is all that is left. Processes that used none are absent.
 */
export function usedBetween(before: ProcessTable, after: ProcessTable): ReadonlyMap<number, number> {
  // What an ended process had used by the first reading is in its parent's sum by now, and is not of this time.
  const earlier = new Map<number, number>();
  for (const was of before.values()) {
    if (isSame(after.get(was.pid), was)) continue;
    const heir = nearestAlive(was, before, after);
    if (heir !== undefined) earlier.set(heir, (earlier.get(heir) ?? 0) + was.ownTicks + was.childTicks);
  }
  const used = new Map<number, number>();
  for (const now of after.values()) {
    const first = before.get(now.pid);
    const was = first && isSame(first, now) ? first : undefined;
    const own = now.ownTicks - (was?.ownTicks ?? 0);
    const children = now.childTicks - (was?.childTicks ?? 0) - (earlier.get(now.pid) ?? 0);
    const ticks = Math.max(0, own) + Math.max(0, children);
    if (ticks > 0) used.set(now.pid, ticks / ticksPerSecond);
  }
  return used;
}

function nearestAlive(ended: ProcessTimes, before: ProcessTable, after: ProcessTable): number | undefined {
  let parent = before.get(ended.parent);
  // Two readings of a changing table can't be trusted to hold a tree.
  for (let steps = 0; parent && steps < before.size; steps += 1) {
    if (isSame(after.get(parent.pid), parent)) return parent.pid;
    parent = before.get(parent.parent);
  }
  return undefined;
}
