import { readFile } from 'node:fs/promises';
import type { Cpu } from '../../results/schema.ts';
import { ticksPerSecond } from './process-times.ts';

/** Jiffies of one core since boot, by kind. */
interface CoreTimes {
  readonly user: number;
  readonly system: number;
  readonly irq: number;
  readonly softirq: number;
  readonly steal: number;
  readonly idle: number;
}

/** One reading of /proc/stat, and when it was taken. */
export interface CpuReading {
  /** By a clock that is never set (`performance.now()`). */
  readonly atMillis: number;
  readonly cores: readonly CoreTimes[];
}

/**
 * Parses /proc/stat. `nice` counts as user and `iowait` as idle; guest time is already within user (proc(5)).
 * @throws Error where the text has no per-core lines
 */
export function parseProcStat(text: string, atMillis: number): CpuReading {
  const cores: CoreTimes[] = [];
  for (const line of text.split('\n')) {
    const match = /^cpu\d+ (.+)$/.exec(line);
    if (!match) continue;
    const fields = (match[1] as string).trim().split(/\s+/).map(Number);
    if (fields.length < 8 || fields.some((field) => !Number.isFinite(field)))
      throw new Error(`strange line in /proc/stat: ${line}`);
    const [user, nice, system, idle, iowait, irq, softirq, steal] = fields as [
      number,
      number,
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    cores.push({ user: user + nice, system, irq, softirq, steal, idle: idle + iowait });
  }
  if (cores.length === 0) throw new Error('no core in /proc/stat');
  return { atMillis, cores };
}

/** What one machine's cores did between two readings. Undefined where the readings can't be subtracted. */
export function cpuBetween(machine: string, before: CpuReading, after: CpuReading): Cpu | undefined {
  const wallSeconds = (after.atMillis - before.atMillis) / 1000;
  if (before.cores.length !== after.cores.length || wallSeconds <= 0) return undefined;
  const deltas = after.cores.map((core, index) => subtract(core, before.cores[index] as CoreTimes));
  const sum = (kind: keyof CoreTimes) =>
    deltas.reduce((total, core) => total + core[kind], 0) / ticksPerSecond;
  const share = (core: CoreTimes, part: number) => {
    const all = core.user + core.system + core.irq + core.softirq + core.steal + core.idle;
    return all === 0 ? 0 : part / all;
  };
  return {
    machine,
    wallSeconds,
    cores: deltas.length,
    userSeconds: sum('user'),
    systemSeconds: sum('system'),
    softirqSeconds: sum('softirq'),
    irqSeconds: sum('irq'),
    stealSeconds: sum('steal'),
    idleSeconds: sum('idle'),
    busyPerCore: deltas.map((core) => share(core, core.user + core.system + core.irq + core.softirq)),
    softirqPerCore: deltas.map((core) => share(core, core.softirq)),
  };
}

// Idle and iowait may run backwards by a tick on some kernels (proc(5)); never below zero here.
function subtract(after: CoreTimes, before: CoreTimes): CoreTimes {
  const less = (kind: keyof CoreTimes) => Math.max(0, after[kind] - before[kind]);
  return {
    user: less('user'),
    system: less('system'),
    irq: less('irq'),
    softirq: less('softirq'),
    steal: less('steal'),
    idle: less('idle'),
  };
}

/** Boot id of this machine's kernel. */
export async function ownMachine(): Promise<string> {
  return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
}
