import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type Docker from 'dockerode';
import { withLock } from '../setup/lock.ts';
import { identityOf, isRunning, type ProcessIdentity } from '../setup/process-identity.ts';
import { stateSubfolder } from '../setup/state.ts';
import { connectEngine } from './connect.ts';
import type { Engine } from './engine.ts';
import { startIsolatedEngine, stopIsolatedEngine } from './isolated-engine.ts';

/** The engine's own address, as it has no other but loopback: the swarm is advertised on it. */
export const privateEngineAddress = '198.18.255.1';

// Networks that Docker makes unasked stay in 198.18.0.0/16 as well, clear of the pairs' 198.19.0.0/16.
const dockerdOptions = [
  ...['--bip', '198.18.254.1/24', '--default-address-pool', 'base=198.18.192.0/19,size=26'],
];
const prepare = `
ip link add tare-ul0 type bridge
ip address add ${privateEngineAddress}/24 dev tare-ul0
ip link set tare-ul0 up
`;

export interface PrivateEngine {
  readonly engine: Engine;
  readonly url: string;
  /** Gives it back; whoever gives it back last stops it. */
  release(): Promise<void>;
}

interface ProcessFile {
  readonly url: string;
  readonly process: ProcessIdentity;
}

const folder = () => stateSubfolder('engine');
const leases = () => stateSubfolder('engine/leases');
let leasesOfThisProcess = 0;

/**
 * Tare's own engine for a machine on which none can be reached: started, or shared with the runs that use it already.
 * It has a swarm of one node.
 * @throws Failure `infrastructure` where it can't be started
 */
export async function startPrivateEngine(): Promise<PrivateEngine> {
  return withLock('private-engine', async () => {
    const { url } = findPrivateEngine() ?? (await start());
    const lease = takeLease();
    const engine = await connectEngine(url, { name: 'local', ownership: 'private' });
    return {
      engine,
      url,
      release: () =>
        withLock('private-engine', async () => {
          rmSync(lease, { force: true });
          if (livingLeases().length === 0) await stop();
        }),
    };
  });
}

/** The private engine that runs now, whoever started it. */
export function findPrivateEngine(): { readonly url: string } | undefined {
  const found = readProcessFile();
  return found && isRunning(found.process) ? { url: found.url } : undefined;
}

/**
 * Stops the private engine where no living run uses it, also one whose run was killed.
 * @returns what was found
 */
export async function stopPrivateEngine(): Promise<'stopped' | 'not-running' | 'in-use'> {
  return withLock('private-engine', async () => {
    if (livingLeases().length > 0) return 'in-use';
    const running = findPrivateEngine() !== undefined;
    await stop();
    return running ? 'stopped' : 'not-running';
  });
}

async function start(): Promise<ProcessFile> {
  await stop();
  // Networks and the swarm of an earlier, killed run: no use to anyone, and the swarm's certificate would expire.
  for (const stale of ['network', 'swarm'])
    rmSync(join(folder(), 'data', stale), { recursive: true, force: true });
  const started = await startIsolatedEngine({ folder: folder(), network: 'own', dockerdOptions, prepare });
  const file = join(folder(), 'process.json');
  writeFileSync(`${file}.new`, JSON.stringify(started), { mode: 0o600 });
  renameSync(`${file}.new`, file);
  const { docker } = await connectEngine(started.url, { ownership: 'private' });
  await Promise.all([removeContainers(docker), initSwarm(docker)]);
  return started;
}

async function initSwarm(docker: Docker) {
  await docker.swarmInit({
    ListenAddr: `${privateEngineAddress}:2377`,
    AdvertiseAddr: privateEngineAddress,
    DefaultAddrPool: ['198.18.128.0/18'],
    SubnetSize: 24,
  });
}

/** At a start nobody uses the engine, so whatever a killed run left in it can go. */
async function removeContainers(docker: Docker) {
  const containers = await docker.listContainers({ all: true });
  await Promise.all(containers.map(({ Id }) => docker.getContainer(Id).remove({ force: true, v: true })));
}

async function stop() {
  const found = readProcessFile();
  if (found) await stopIsolatedEngine(found.process);
  rmSync(join(folder(), 'process.json'), { force: true });
}

function readProcessFile(): ProcessFile | undefined {
  const file = join(folder(), 'process.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as ProcessFile) : undefined;
}

function takeLease(): string {
  const identity = identityOf(process.pid);
  if (!identity) throw new Error('this process is not in /proc');
  const file = join(leases(), `${identity.pid}-${identity.startTicks}-${leasesOfThisProcess++}`);
  writeFileSync(file, '');
  return file;
}

/** Leases whose process still runs; those of killed processes are removed. */
function livingLeases(): string[] {
  return readdirSync(leases()).filter((name) => {
    const [pid, startTicks] = name.split('-').map(Number);
    if (pid !== undefined && startTicks !== undefined && isRunning({ pid, startTicks })) return true;
    rmSync(join(leases(), name), { force: true });
    return false;
  });
}
