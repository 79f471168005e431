import { readdirSync, readFileSync } from 'node:fs';
import type { Placement } from '../../results/schema.ts';

/** Containers of the two ends of a trial. */
export interface EndIds {
  readonly server: string;
  readonly client: string;
}

const sides = ['server', 'client'] as const;
type EndSide = (typeof sides)[number];

/** Twenty looks into the shortest trial; each costs about a third of a millisecond. */
const lookMillis = 50;
/** With fewer looks at which both ends were at work nothing is said. */
const fewestLooks = 5;
/** More cores than this are not told apart (the record holds a share for each). */
const mostCores = 1024;

/**
 * Looks, while a trial is measured, on which core of this machine either end runs: that of the thread in its container
 * which used most CPU since the look before. On one core or on two can make a trial of loopback twice as fast
 * (docs/placement.md). What runs on another machine, or in no container, is not seen.
 */
export class PlacementWatch {
  readonly #ends: EndIds;
  readonly #root: string;
  readonly #timer: NodeJS.Timeout;
  /** Which end a process is of; undefined for everybody else's. */
  readonly #processes = new Map<string, EndSide | undefined>();
  /** What each thread had used at the look before. */
  readonly #used = new Map<string, number>();
  readonly #looks: { readonly server: number; readonly client: number }[] = [];

  /** @param root of the process file system */
  constructor(ends: EndIds, root = '/proc') {
    this.#ends = ends;
    this.#root = root;
    this.look();
    this.#timer = setInterval(() => this.look(), lookMillis);
    this.#timer.unref();
  }

  /** Looks once more than the timer does. */
  look(): void {
    const busiest = { server: { used: 0, folder: '' }, client: { used: 0, folder: '' } };
    for (const { side, folder } of this.#threads()) {
      const all = usedBy(folder);
      if (all === undefined) continue;
      const used = all - (this.#used.get(folder) ?? all);
      this.#used.set(folder, all);
      if (used > busiest[side].used) busiest[side] = { used, folder };
    }
    const [server, client] = sides.map((side) => coreOf(busiest[side].folder));
    if (server !== undefined && client !== undefined) this.#looks.push({ server, client });
  }

  /** Ends the watch. Undefined where too little was seen. */
  stop(): Placement | undefined {
    clearInterval(this.#timer);
    const looks = this.#looks.length;
    if (looks < fewestLooks) return undefined;
    const cores = 1 + Math.max(...this.#looks.flatMap(({ server, client }) => [server, client]));
    const perCore = (side: EndSide): number[] =>
      Array.from({ length: cores }, (_, core) => this.#share((look) => look[side] === core));
    return {
      looks,
      togetherShare: this.#share(({ server, client }) => server === client),
      serverPerCore: perCore('server'),
      clientPerCore: perCore('client'),
    };
  }

  #share(holds: (look: { readonly server: number; readonly client: number }) => boolean): number {
    return Math.round((this.#looks.filter(holds).length / this.#looks.length) * 1000) / 1000;
  }

  *#threads(): Generator<{ side: EndSide; folder: string }> {
    for (const pid of list(this.#root)) {
      if (!/^\d+$/.test(pid)) continue;
      const side = this.#sideOf(pid);
      if (!side) continue;
      for (const thread of list(`${this.#root}/${pid}/task`)) {
        yield { side, folder: `${this.#root}/${pid}/task/${thread}` };
      }
    }
  }

  #sideOf(pid: string): EndSide | undefined {
    if (!this.#processes.has(pid)) {
      const group = text(`${this.#root}/${pid}/cgroup`);
      this.#processes.set(
        pid,
        sides.find((side) => group.includes(this.#ends[side])),
      );
    }
    return this.#processes.get(pid);
  }
}

/** CPU time of a thread so far: in nanoseconds where the kernel counts them (schedstat), else in ticks (proc(5)). */
function usedBy(folder: string): number | undefined {
  const exact = /^(\d+) /.exec(text(`${folder}/schedstat`));
  if (exact) return Number(exact[1]);
  const fields = fieldsOf(folder);
  const ticks = Number(fields[11]) + Number(fields[12]);
  return Number.isFinite(ticks) ? ticks : undefined;
}

/** The core on which a thread ran last: field 39 of its stat. */
function coreOf(folder: string): number | undefined {
  const core = folder === '' ? Number.NaN : Number(fieldsOf(folder)[36]);
  return Number.isInteger(core) && core >= 0 && core < mostCores ? core : undefined;
}

/** From the state on, which is field 3: the name before it may hold anything. */
function fieldsOf(folder: string): string[] {
  const stat = text(`${folder}/stat`);
  return stat.slice(stat.lastIndexOf(') ') + 2).split(' ');
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    // Its process has gone.
    return [];
  }
}

function text(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}
