import { readFile } from 'node:fs/promises';
import type { Cpu } from '../../results/schema.ts';
import { type CpuReading, cpuBetween, ownMachine, parseProcStat } from '../site/cpu.ts';
import type { SiteEngine } from '../site/site.ts';

/** Reads whole-machine CPU time on each distinct machine of a pair; engines that share a kernel are counted once. */
export class CpuMeter {
  readonly #own: string;

  private constructor(own: string) {
    this.#own = own;
  }

  static async create(): Promise<CpuMeter> {
    return new CpuMeter(await ownMachine());
  }

  /** Takes the first reading; the returned function takes the second and gives the differences. */
  async start(sides: readonly SiteEngine[]): Promise<() => Promise<Cpu[]>> {
    const machines = [...new Map(sides.map((side) => [side.machine, side])).values()];
    const before = await Promise.all(machines.map((side) => this.#read(side)));
    return async () => {
      const after = await Promise.all(machines.map((side) => this.#read(side)));
      return machines.flatMap((side, index) => {
        const cpu = cpuBetween(side.machine, before[index] as CpuReading, after[index] as CpuReading);
        return cpu ? [cpu] : [];
      });
    };
  }

  async #read(side: SiteEngine): Promise<CpuReading> {
    // Reading the file directly costs nothing; an exec on a remote engine costs tens of milliseconds, outside the trial.
    const text =
      side.machine === this.#own
        ? await readFile('/proc/stat', 'utf8')
        : await side.probe.shell('cat /proc/stat');
    return parseProcStat(text, performance.now());
  }
}
