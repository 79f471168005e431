import { readdirSync, readFileSync, statSync } from 'node:fs';
import { identityOf, isRunning, type ProcessIdentity } from '../../results/process-identity.ts';
import type { Kept, Leftover } from './clean-labelled.ts';
import { removeLeftNativeFolders } from './native-folders.ts';
import { removeLeftControlSockets } from './ssh-sockets.ts';
import { standingOf } from './standing.ts';

/** What became of the programs that runs started on this machine itself. */
export interface SweptPrograms {
  /** Process ids that were ended. */
  readonly ended: readonly number[];
  /** Folders of their files that were removed, by name. */
  readonly folders: readonly string[];
  /** Control sockets of their ssh connections that were removed, by name. */
  readonly sockets: readonly string[];
  readonly kept: readonly Kept[];
  readonly leftovers: readonly Leftover[];
}

/** A run's id, as `newRunId` makes it: programs of an older Tare carry nothing else. */
const runId = /^\d{8}-\d{6}-[0-9a-z]{4}$/;

/**
 * Ends the toolbox programs that killed runs left on this machine itself (scenario `bare`). They are known by Tare's
 * marks in their environment. Those of living runs go on, and so do other users'.
 * @param all also those of other state folders and of an older Tare
 */
export function endLeftPrograms(all: boolean, dryRun: boolean): SweptPrograms {
  const ended: number[] = [];
  const kept: Kept[] = [];
  const leftovers: Leftover[] = [];
  for (const identity of ownProcesses()) {
    const environment = environmentOf(identity.pid);
    const run = environment.get('TARE_RUN');
    const [state, owner] = [environment.get('TARE_STATE_TAG'), environment.get('TARE_OWNER')];
    if (run === undefined || (owner === undefined && !runId.test(run))) continue;
    const standing = standingOf({ run, state, owner }, all);
    if (!standing.goes) {
      const name = String(identity.pid);
      kept.push({ kind: 'program', name, engine: 'this machine', run, reason: standing.reason });
      continue;
    }
    const fault = dryRun ? undefined : end(identity);
    if (fault === undefined) ended.push(identity.pid);
    else {
      leftovers.push({
        kind: 'program',
        name: String(identity.pid),
        engine: 'this machine',
        reason: fault,
        command: `kill -KILL ${identity.pid}`,
      });
    }
  }
  const folders = removeLeftNativeFolders(dryRun);
  return { ended, folders, sockets: removeLeftControlSockets(dryRun), kept, leftovers };
}

/** This user's processes but this one. Who they are is read before anything else of them, so that no number is mistaken. */
function* ownProcesses(): Generator<ProcessIdentity> {
  for (const entry of readdirSync('/proc')) {
    const pid = Number(entry);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    const identity = identityOf(pid);
    if (identity && userOf(pid) === process.getuid?.()) yield identity;
  }
}

function userOf(pid: number): number | undefined {
  try {
    return statSync(`/proc/${pid}`).uid;
  } catch {
    return undefined;
  }
}

/** Empty where it has gone meanwhile or may not be read: either way not ours to end. */
function environmentOf(pid: number): Map<string, string> {
  let text = '';
  try {
    text = readFileSync(`/proc/${pid}/environ`, 'latin1');
  } catch {}
  return new Map(text.split('\0').map((each) => each.split(/=(.*)/s, 2) as [string, string]));
}

/** @returns why it could not be ended */
function end(identity: ProcessIdentity): string | undefined {
  // The number may be another's by now.
  if (!isRunning(identity)) return undefined;
  try {
    process.kill(identity.pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') return (error as Error).message;
  }
  return undefined;
}
