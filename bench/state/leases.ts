import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isRunning, ownIdentity } from '../../results/process-identity.ts';
import { stateSubfolder } from './state.ts';

let taken = 0;

/**
 * Who uses a shared thing: a file per user in a folder of the state folder, named after its process, so that a killed
 * user counts no more, nor one from before the machine was started anew.
 */
export class Leases {
  readonly #name: string;

  /** @param name of the folder below the state folder */
  constructor(name: string) {
    this.#name = name;
  }

  /** Takes a lease for this process. */
  take(): { release(): void } {
    const { pid, startTicks, bootId } = ownIdentity();
    const file = join(this.#folder(), `${pid}_${startTicks}_${bootId}_${taken++}`);
    writeFileSync(file, '');
    return { release: () => rmSync(file, { force: true }) };
  }

  /** Whether a living process holds a lease, or the thing is kept. Leases of dead processes are removed. */
  anyHeld(): boolean {
    return this.holder() !== 'nobody';
  }

  /** Who holds it: a living process, else the wish that it be kept, else nobody. Leases of dead processes are removed. */
  holder(): 'process' | 'kept' | 'nobody' {
    const names = readdirSync(this.#folder());
    const held = names.some((name) => {
      if (name === kept) return false;
      const [pid, startTicks, bootId] = name.split('_');
      if (bootId !== undefined && isRunning({ pid: Number(pid), startTicks: Number(startTicks), bootId })) {
        return true;
      }
      rmSync(join(this.#folder(), name), { force: true });
      return false;
    });
    if (held) return 'process';
    return names.includes(kept) ? 'kept' : 'nobody';
  }

  /** Keeps the thing beyond the life of any process, or ends that. */
  keep(wanted: boolean): void {
    const file = join(this.#folder(), kept);
    if (wanted) writeFileSync(file, '');
    else rmSync(file, { force: true });
  }

  #folder(): string {
    return stateSubfolder(this.#name);
  }
}

const kept = 'kept';
