import { readFileSync } from 'node:fs';

/** A process that can be told from a later one with the same number, on this start of this machine. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks from boot to its start: field 22 of `/proc/PID/stat`, proc(5). */
  readonly startTicks: number;
  /** The kernel's id of this boot: after a restart numbers and ticks begin again. */
  readonly bootId: string;
}

let ownBootId: string | undefined;

/** The id that this machine's kernel gave itself as it started. */
export function bootId(): string {
  ownBootId ??= readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  return ownBootId;
}

/** Identity of a running process; undefined where none has that number or it is a zombie. */
export function identityOf(pid: number): ProcessIdentity | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  // The second field is the program's name in parentheses and may hold anything, so count from its end.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, startTicks] = [fields[0], fields[19]];
  if (state === 'Z' || state === 'X' || startTicks === undefined) return undefined;
  return { pid, startTicks: Number(startTicks), bootId: bootId() };
}

/** This process. */
export function ownIdentity(): ProcessIdentity {
  const identity = identityOf(process.pid);
  if (!identity) throw new Error('this process is not in /proc');
  return identity;
}

/**
 * Whether that very process still runs. One of another boot, or of another machine, does not run here.
 * @param identity one that was kept before identities had a boot id is taken to be of this boot
 */
export function isRunning(identity: Omit<ProcessIdentity, 'bootId'> & { readonly bootId?: string }): boolean {
  if (identity.bootId !== undefined && identity.bootId !== bootId()) return false;
  return identityOf(identity.pid)?.startTicks === identity.startTicks;
}
