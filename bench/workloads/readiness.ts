import { setTimeout as delay } from 'node:timers/promises';
import { Failure } from '../../results/failure.ts';
import type { ExecResult, Executor } from '../engine/executor.ts';
import { lastLine } from '../engine/words.ts';
import { writeFiles } from './tools/file.ts';
import {
  type PortSlot,
  portSlots,
  type ServerPlace,
  type ServerSpec,
  type Workload,
  type WorkloadPair,
} from './workload.ts';

const firstDelayMilliseconds = 20;
const longestDelayMilliseconds = 250;
/** A single attempt may hang where packets vanish; it is then asked again. */
const attemptSeconds = 3;

export interface ReadinessOptions {
  /** Seconds that each server may take; give 60 under emulation. */
  readonly limitSeconds?: number;
}

/**
 * Starts each distinct server of the workloads once and returns when the client can use every one of them.
 * @throws Failure `infrastructure` naming the server that did not come up, and what its last check said
 */
export async function startServers(
  pair: WorkloadPair,
  workloads: readonly Pick<Workload, 'servers'>[],
  options: ReadinessOptions = {},
): Promise<void> {
  const limitSeconds = options.limitSeconds ?? 10;
  const servers = distinctServers(pair, workloads);
  // One after the other: the end's one open shell serves them all, and each that is opened costs a tenth of a second.
  for (const { files, argv, slot } of servers) {
    if (!files) await pair.server.start(argv);
    else {
      const folder = await writeFiles(pair.server, slot, files);
      const inFolder = ['sh', '-c', 'cd "$0" && exec "$@"', folder, ...pair.server.inShell(argv)];
      await pair.server.start(inFolder);
    }
  }
  for (const spec of servers) await waitUntilReady(pair, spec, limitSeconds);
}

/** The servers that the workloads need between them, each once. */
export function distinctServers(
  place: ServerPlace,
  workloads: readonly Pick<Workload, 'servers'>[],
): readonly ServerSpec[] {
  const byCommand = new Map<string, ServerSpec>();
  for (const workload of workloads) {
    for (const spec of workload.servers(place)) byCommand.set([spec.slot, ...spec.argv].join('\0'), spec);
  }
  return [...byCommand.values()];
}

/** The ports that the workloads' servers open between them, and the spare one, over which a canary goes. */
export function slotsOf(
  workloads: readonly Pick<Workload, 'servers'>[],
  ports: WorkloadPair['ports'],
): readonly PortSlot[] {
  // Which slots a server takes does not depend on its address.
  const anywhere = { ports, serverAddress: '0.0.0.0', listenAddress: '0.0.0.0' };
  const used = distinctServers(anywhere, workloads).flatMap(({ slot, moreSlots }) => [
    slot,
    ...(moreSlots ?? []),
  ]);
  return portSlots.filter((slot) => slot === 'spare' || used.includes(slot));
}

async function waitUntilReady(pair: WorkloadPair, spec: ServerSpec, limitSeconds: number): Promise<void> {
  const port = String(pair.ports[spec.slot]);
  const deadline = performance.now() + limitSeconds * 1000;
  if (spec.ready === 'tcp') {
    // A userland proxy accepts on the client's side before the server listens, so the server's own side comes first.
    const isBehindAnother = pair.listenAddress !== pair.serverAddress;
    if (isBehindAnother)
      await poll(
        pair.server,
        connectArgv(ownAddress(pair.listenAddress), port),
        spec,
        deadline,
        limitSeconds,
      );
    await poll(pair.client, connectArgv(pair.serverAddress, port), spec, deadline, limitSeconds);
    return;
  }
  if (spec.ready === 'udp-bound') {
    const entry = `:${pair.ports[spec.slot].toString(16).toUpperCase().padStart(4, '0')} `;
    await poll(pair.server, ['grep', '-q', '-s', entry, ...udpTables], spec, deadline, limitSeconds);
    return;
  }
  await poll(pair.client, spec.ready.argv, spec, deadline, limitSeconds);
}

/** The second is missing where IPv6 is off. */
const udpTables = ['/proc/net/udp', '/proc/net/udp6'];

/** busybox's nc: connects, sends nothing, and ends as the server closes. */
function connectArgv(address: string, port: string): string[] {
  return ['nc', '-w', '1', address, port];
}

function ownAddress(listenAddress: string): string {
  if (listenAddress === '0.0.0.0') return '127.0.0.1';
  return listenAddress === '::' ? '::1' : listenAddress;
}

async function poll(
  executor: Executor,
  argv: readonly string[],
  spec: ServerSpec,
  deadline: number,
  limitSeconds: number,
): Promise<void> {
  let wait = firstDelayMilliseconds;
  for (;;) {
    const result = await executor.run(argv, { deadlineSeconds: attemptSeconds });
    if (result.exitCode === 0 && !result.timedOut) return;
    if (performance.now() + wait > deadline) throw notReady(executor, spec, limitSeconds, result);
    await delay(wait);
    wait = Math.min(wait * 2, longestDelayMilliseconds);
  }
}

function notReady(executor: Executor, spec: ServerSpec, limitSeconds: number, last: ExecResult): Failure {
  const said = lastLine(last.stderr) || lastLine(last.stdout) || `exit code ${last.exitCode}`;
  const why = last.timedOut ? 'no answer' : said;
  return new Failure(
    'infrastructure',
    `${spec.argv[0]} was not reachable from ${executor.where} within ${limitSeconds} s: ${why}`,
    'Check that no firewall stands between the two ends and that the port is free.',
  );
}
