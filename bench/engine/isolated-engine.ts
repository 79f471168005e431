import { spawn } from 'node:child_process';
import {
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { get } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '../../results/failure.ts';
import { identityOf, isRunning, type ProcessIdentity } from '../../results/process-identity.ts';
import { runsInOwnContainer } from '../state/own-container.ts';
import { stateTag } from '../state/state.ts';
import { stateLabel, tareLabel } from './labels.ts';
import { lastWords } from './words.ts';

/** A dockerd in namespaces of its own: when its first process ends, all that it made ends with it. */
export interface IsolatedEngine {
  readonly url: string;
  /** The process outside that holds the namespaces. */
  readonly process: ProcessIdentity;
}

export interface IsolatedEngineOptions {
  /** Holds data, sockets and the log; for the owner only. */
  readonly folder: string;
  /** `own`: cut off from all networks; `host`: this machine's network, of which it changes nothing. */
  readonly network: 'own' | 'host';
  readonly dockerdOptions: readonly string[];
  /** Ends with this process, however that ends; otherwise it outlives it. */
  readonly tied: boolean;
  /** Shell commands run inside the namespaces before dockerd starts. */
  readonly prepare?: string;
}

/** Tells any later process which engine runs in a folder. */
const processFile = 'process.json';

/** Every container of an isolated engine is in this control group, so that what is left of it can be found. */
export const cgroupName = () => `tare-${stateTag()}`;

// Runs as the first process of the namespaces: it reaps orphans, and the kernel kills everything when it ends.
// dockerd writes to /run, /etc/docker and /opt/containerd whatever it is told, so these become private copies.
const firstProcess = `
set -eu
resolver=$(cat /run/systemd/resolve/resolv.conf 2>/dev/null || cat /etc/resolv.conf 2>/dev/null || true)
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /run/lock
for folder in etc opt; do
  mkdir -p "/run/tare/$folder/upper" "/run/tare/$folder/work"
  mount -t overlay -o "lowerdir=/$folder,upperdir=/run/tare/$folder/upper,workdir=/run/tare/$folder/work" overlay "/$folder"
done
if [ ! -e /etc/resolv.conf ]; then rm -f /etc/resolv.conf; printf '%s\\n' "$resolver" > /etc/resolv.conf; fi
eval "$TARE_PREPARE"
dockerd "$@" &
wait $!
`;

// /sys shows the network namespace in which it was mounted; what others mounted below it must stay visible.
const ownNetwork = `
mounted=$(while read -r _ folder _; do case $folder in /sys/*) echo "$folder";; esac; done < /proc/self/mounts)
mkdir /run/sys
mount --rbind /sys /run/sys
mount -t sysfs sysfs /sys
for folder in $mounted; do mount --bind "/run/sys\${folder#/sys}" "$folder"; done
umount -l /run/sys
ip link set lo up
`;

/**
 * Starts dockerd in mount, process and, where asked, network namespaces of its own and waits until it answers. One
 * that runs in that folder already is ended first.
 * @throws Failure `infrastructure` where it can't start; nothing is left then
 */
export async function startIsolatedEngine(options: IsolatedEngineOptions): Promise<IsolatedEngine> {
  const { folder, network } = options;
  refuseInContainer();
  refuseWithoutRoot();
  if (folder.startsWith('/run/')) {
    throw new Failure(
      'usage',
      `the state folder is below /run, which the engine hides`,
      'Set TARE_STATE to a folder elsewhere.',
    );
  }
  const socket = join(folder, 'docker.sock');
  const log = join(folder, 'dockerd.log');
  const configuration = join(folder, 'daemon.json');
  const pidFile = join(folder, 'dockerd.pid');
  await stopIsolatedEngine(folder);
  writeFileSync(configuration, '{}\n');
  for (const stale of [socket, pidFile, join(folder, 'exec')])
    rmSync(stale, { force: true, recursive: true });
  const dockerd = [
    ...['--data-root', join(folder, 'data'), '--exec-root', join(folder, 'exec')],
    ...['--pidfile', pidFile, '--config-file', configuration, '--host', `unix://${socket}`, '--group', '0'],
    // systemd can't be reached from inside, so control groups are made directly.
    ...['--exec-opt', 'native.cgroupdriver=cgroupfs', '--cgroup-parent', `/${cgroupName()}`],
    // By these it is known again: nothing else that answers at its socket is taken for it.
    ...['--label', `${tareLabel}=1`, '--label', `${stateLabel}=${stateTag()}`],
    ...options.dockerdOptions,
  ];
  const launcher = [
    ...(options.tied ? ['setpriv', '--pdeathsig', 'KILL'] : []),
    ...['unshare', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc'],
    ...(network === 'own' ? ['--net'] : []),
  ];
  const output = openSync(log, 'w', 0o600);
  const child = spawn(
    launcher[0] as string,
    [...launcher.slice(1), 'sh', '-c', firstProcess, 'sh', ...dockerd],
    {
      detached: true,
      stdio: ['ignore', output, output],
      env: {
        ...process.env,
        // The daemon takes these, too, as if its socket were to speak TLS.
        DOCKER_TLS_VERIFY: undefined,
        DOCKER_CERT_PATH: undefined,
        TARE_PREPARE: `${network === 'own' ? ownNetwork : ''}\n${options.prepare ?? ''}`,
      },
    },
  );
  closeSync(output);
  child.on('error', () => {});
  child.unref();
  const identity = child.pid === undefined ? undefined : identityOf(child.pid);
  if (!identity) throw cannotStart(log);
  const engine: IsolatedEngine = { url: `unix://${socket}`, process: identity };
  writeFileSync(join(folder, processFile), JSON.stringify(engine), { mode: 0o600 });
  if (!(await answers(socket, identity))) {
    await stopIsolatedEngine(folder);
    throw cannotStart(log);
  }
  return engine;
}

function refuseInContainer() {
  if (!runsInOwnContainer()) return;
  throw new Failure(
    'infrastructure',
    'Tare itself runs in a container, in which it starts no Docker Engine',
    'Give it the machine’s (-v /var/run/docker.sock:/var/run/docker.sock), or run Tare on the machine itself.',
  );
}

function refuseWithoutRoot() {
  if (process.getuid?.() !== 0) {
    throw new Failure(
      'infrastructure',
      'no Docker Engine can be reached, and only root can start one',
      'Run the command as root (`sudo -E`), or start Docker and make sure that `docker version` works for you.',
    );
  }
  const found = (process.env.PATH ?? '').split(':').some((folder) => existsSync(join(folder, 'dockerd')));
  if (!found) {
    throw new Failure(
      'infrastructure',
      'no Docker Engine can be reached, and none is installed',
      'Install one: `apt-get install --no-install-recommends docker.io iptables kmod`, or run `tare setup`.',
    );
  }
}

async function answers(socket: string, identity: ProcessIdentity): Promise<boolean> {
  const deadline = Date.now() + 60_000;
  while (Date.now() < deadline && isRunning(identity)) {
    if (existsSync(socket)) {
      if (await pings(socket)) return true;
    }
    await sleep(50);
  }
  return false;
}

function pings(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get({ socketPath, path: '/_ping', timeout: 5000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(false));
  });
}

function cannotStart(log: string): Failure {
  const last = existsSync(log) ? lastWords(readFileSync(log, 'utf8')) : undefined;
  return new Failure(
    'infrastructure',
    `the private Docker Engine does not start: ${last || 'no message'}`,
    `Read ${log}.`,
  );
}

/**
 * Ends an isolated engine and all that it started, at once: what it keeps between runs are images, which it writes
 * atomically. May be called by any process of the same user; does nothing where it has already gone.
 */
export async function stopIsolatedEngine(folder: string): Promise<void> {
  const outside = isolatedEngineIn(folder)?.process;
  if (!outside) return;
  const inside = isRunning(outside) ? childOf(outside.pid) : undefined;
  // The kernel ends every process of a namespace with its first one.
  for (const target of [inside, outside]) if (target) kill(target);
  const deadline = Date.now() + 30_000;
  while ([inside, outside].some((each) => each && isRunning(each))) {
    if (Date.now() > deadline) {
      throw new Failure(
        'infrastructure',
        `process ${outside.pid} does not end`,
        'Look at what it waits for: `ps -o stat,wchan`.',
      );
    }
    await sleep(20);
  }
  rmSync(join(folder, processFile), { force: true });
  removeControlGroups();
}

/** The engine that was last started in a folder; it may have ended. */
export function isolatedEngineIn(folder: string): IsolatedEngine | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, processFile), 'utf8')) as IsolatedEngine;
  } catch {
    return undefined;
  }
}

function childOf(pid: number): ProcessIdentity | undefined {
  try {
    const child = Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')[0]);
    return child > 0 ? identityOf(child) : undefined;
  } catch {
    return undefined;
  }
}

function kill(target: ProcessIdentity) {
  try {
    if (isRunning(target)) process.kill(target.pid, 'SIGKILL');
  } catch {
    // It went in the meantime, which is what was wanted.
  }
}

/** Removes the control groups that ended containers left, in each hierarchy (one in version 2, many in version 1). */
function removeControlGroups() {
  const root = '/sys/fs/cgroup';
  const hierarchies = ['', ...readdirSync(root)];
  for (const hierarchy of hierarchies) removeTree(join(root, hierarchy, cgroupName()));
}

function removeTree(folder: string) {
  if (!existsSync(folder)) return;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) removeTree(join(folder, entry.name));
  }
  try {
    rmdirSync(folder);
  } catch {
    // Another engine of this state folder still uses it; the last one to stop removes it.
  }
}
