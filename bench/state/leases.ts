import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { identityOf, isRunning } from './process-identity.ts';
import { stateSubfolder } from './state.ts';

let taken = 0;

/**
 * Who uses a shared thing: a file per user in a folder of the state folder, named after its process, so that a killed
 * user counts no more.
 */
export class Leases {
  readonly #name: string;

  /** @param name of the folder below the state folder */
  constructor(name: string) {
    this.#name = name;
  }

  /** Takes a lease for this process. */
  take(): { release(): void } {
    const identity = identityOf(process.pid);
    if (!identity) throw new Error('this process is not in /proc');
    const file = join(this.#folder(), `${identity.pid}-${identity.startTicks}-${taken++}`);
    writeFileSync(file, '');
    return { release: () => rmSync(file, { force: true }) };
  }

  /** Whether a living process holds a lease, or the thing is kept. Leases of dead processes are removed. */
  anyHeld(): boolean {
    return readdirSync(this.#folder()).some((name) => {
      if (name === kept) return true;
      const [pid, startTicks] = name.split('-').map(Number);
      if (pid !== undefined && startTicks !== undefined && isRunning({ pid, startTicks })) return true;
      rmSync(join(this.#folder(), name), { force: true });
      return false;
    });
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
