import type { Cpu, ForeignCpu } from '../../results/schema.ts';
import { cpuBetween, ownMachine } from '../site/cpu.ts';
import { foreignCpu, undecided } from '../site/foreign-load.ts';
import { MachineReader, type MachineReading } from '../site/machine-reader.ts';
import type { SiteEngine } from '../site/site.ts';

/** What the distinct machines of a pair did during a trial, and how much of it was somebody else's. */
export interface MachineUse {
  readonly cpu: Cpu[];
  readonly foreign: ForeignCpu[];
}

/** Reads whole-machine CPU time on each distinct machine of a pair; engines that share a kernel are counted once. */
export class CpuMeter {
  readonly #own: string;
  readonly #runId: string;
  readonly #readers = new Map<string, MachineReader>();

  private constructor(own: string, runId: string) {
    this.#own = own;
    this.#runId = runId;
  }

  /** @param runId whose containers are the trial's own */
  static async create(runId: string): Promise<CpuMeter> {
    return new CpuMeter(await ownMachine(), runId);
  }

  /** Whether an engine is on this machine. */
  isHere({ machine }: SiteEngine): boolean {
    return machine === this.#own;
  }

  /** Takes the first reading; the returned function takes the second and gives the differences. */
  async start(sides: readonly SiteEngine[]): Promise<() => Promise<MachineUse>> {
    const readers = this.#readersOf(sides);
    const before = await Promise.all(readers.map((reader) => reader.read('processes-first')));
    return async () => {
      const after = await Promise.all(readers.map((reader) => reader.read('cores-first')));
      const uses = await Promise.all(
        readers.map((reader, index) =>
          useOf(reader, before[index] as MachineReading, after[index] as MachineReading),
        ),
      );
      return { cpu: uses.flatMap(({ cpu }) => cpu), foreign: uses.flatMap(({ foreign }) => foreign) };
    };
  }

  #readersOf(sides: readonly SiteEngine[]): MachineReader[] {
    const machines = [...new Set(sides.map(({ machine }) => machine))];
    return machines.map((machine) => {
      const own = sides.filter((side) => side.machine === machine);
      const key = [machine, ...own.map(({ engine }) => engine.id)].join(' ');
      const known = this.#readers.get(key);
      if (known) return known;
      const reader = new MachineReader(machine, own, machine === this.#own, this.#runId);
      this.#readers.set(key, reader);
      return reader;
    });
  }
}

async function useOf(
  reader: MachineReader,
  before: MachineReading,
  after: MachineReading,
): Promise<MachineUse> {
  const cpu = cpuBetween(reader.machine, before.cpu, after.cpu);
  if (!cpu) return { cpu: [], foreign: [] };
  if (before.processes.size === 0 || after.processes.size === 0) return { cpu: [cpu], foreign: [] };
  const readings = { before: before.processes, after: after.processes, isWhole: reader.isWhole };
  // An engine that can't say which containers are the run's leaves the load unknown, and the trial as it is.
  const isOwn = await reader.whose(undecided(readings)).catch(() => undefined);
  if (!isOwn) return { cpu: [cpu], foreign: [] };
  return { cpu: [cpu], foreign: [foreignCpu(readings, cpu, isOwn, reader.tarePid(after.processes))] };
}
