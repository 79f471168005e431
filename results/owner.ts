import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { bootId, isRunning, ownIdentity } from './process-identity.ts';

/**
 * What can be said of the process that made something: `lives` and `dead` are certain, `elsewhere` is a process of
 * another machine or process namespace, which can't be seen from here, and `unknown` is no owner that Tare wrote.
 */
export type OwnerState = 'lives' | 'dead' | 'elsewhere' | 'unknown';

/** Eight hexadecimal digits for this machine: of its machine-id(5), else of its host name. */
export function machineTag(): string {
  const id = readText('/etc/machine-id') || hostname();
  return createHash('sha256').update(id).digest('hex').slice(0, 8);
}

/**
 * This process so that no other, now or later, is taken for it: machine, boot, process namespace, number and start in
 * clock ticks, joined by dots. Objects carry it as the label `tare.owner`, programs as TARE_OWNER.
 * @throws Error where /proc does not tell
 */
export function ownOwner(): string {
  const { pid, startTicks } = ownIdentity();
  const here = place();
  return [machineTag(), here.boot, here.namespace, pid, startTicks].join('.');
}

/** Whether the process that an owner's text names still runs. */
export function ownerState(text: string | undefined): OwnerState {
  const owner = parseOwner(text);
  if (!owner) return 'unknown';
  const here = place();
  if (owner.machine !== machineTag()) return 'elsewhere';
  // The machine has been started anew since: nothing of before lives.
  if (owner.boot !== here.boot) return 'dead';
  if (owner.namespace !== here.namespace) return 'elsewhere';
  return isRunning(owner) ? 'lives' : 'dead';
}

/** Number of the process that an owner's text names, for messages; undefined where it is no owner. */
export function ownerPid(text: string | undefined): number | undefined {
  return parseOwner(text)?.pid;
}

function parseOwner(text: string | undefined) {
  const [, machine, boot, namespace, pid, startTicks] =
    /^([0-9a-f]{8})\.([0-9a-f]{32})\.(\d{1,20})\.(\d{1,10})\.(\d{1,20})$/.exec(text ?? '') ?? [];
  if (!machine || !boot || !namespace) return undefined;
  return { machine, boot, namespace, pid: Number(pid), startTicks: Number(startTicks) };
}

function place(): { boot: string; namespace: string } {
  const namespace = /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? '0';
  return { boot: bootId().replaceAll('-', ''), namespace };
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return '';
  }
}
