import { randomBytes } from 'node:crypto';
import { impairmentsOf } from '../../drivers/impairments.ts';
import { driverById } from '../../drivers/registry.ts';
import { Failure } from '../../results/failure.ts';
import type { Scenario } from '../../results/scenario.ts';
import type { Executor } from '../engine/executor.ts';
import { findNatProgram } from '../site/docker-nat.ts';
import type { SiteEngine } from '../site/site.ts';
import type { StartedWiring } from './started.ts';

/** A wired pair, before anything runs in it. */
export interface Impaired {
  readonly scenario: Scenario;
  readonly wiring: StartedWiring;
  readonly server: Executor;
  readonly client: Executor;
  readonly serverSide: SiteEngine;
  /** Remembers how to take something back when the pair is removed. */
  readonly undo: (step: () => Promise<void>) => void;
}

/** The capabilities that a scenario's impairments need in both containers. */
export function capabilitiesFor(scenario: Scenario): readonly string[] {
  const driver = driverById(scenario.driver);
  const chosen = (driver ? impairmentsOf(driver) : []).filter((each) => each.option in scenario.options);
  return [...new Set(chosen.flatMap((each) => each.capabilities ?? []))];
}

/**
 * Puts the impairments that a scenario's options name in the pair's path.
 * @throws Failure where one could not be put there, or would not be passed by the pair's packets
 */
export async function impair(pair: Impaired): Promise<void> {
  const { options } = pair.scenario;
  if (options.cpus !== undefined) await limitCpus(pair, Number(options.cpus));
  if (options.without !== undefined) await turnOff(pair, options.without.split('+'));
  if (options.rate !== undefined) await limitRate(pair, options.rate);
  if (options.rules !== undefined) await addRules(pair, Number(options.rules));
}

async function limitCpus({ wiring }: Impaired, cores: number): Promise<void> {
  if (wiring.server.type !== 'container') throw new Error('the server is no container');
  const { engine, id } = wiring.server.container;
  const container = engine.docker.getContainer(id);
  await container.update({ NanoCpus: Math.round(cores * 1e9) });
  if ((await container.inspect()).HostConfig.NanoCpus !== Math.round(cores * 1e9)) {
    throw new Failure(
      'infrastructure',
      `${engine.name} took no CPU quota`,
      'See `docker info` for warnings.',
    );
  }
}

async function turnOff({ server, client }: Impaired, features: readonly string[]): Promise<void> {
  const off = features.flatMap((feature) => [feature, 'off']);
  for (const end of [server, client]) await must(end, ['ethtool', '-K', 'eth0', ...off]);
}

// 50 ms of queue, and a bucket of two 64 KiB segments, which a veth hands over whole.
async function limitRate({ client }: Impaired, rate: string): Promise<void> {
  const bits = `${rate}bit`;
  const shape = ['tbf', 'rate', bits, 'burst', '131072', 'latency', '50ms'];
  await must(client, ['tc', 'qdisc', 'add', 'dev', 'eth0', 'root', ...shape]);
}

// 203.0.113.0/24 is set aside for documentation (RFC 5737), so no packet ever matches.
async function addRules(pair: Impaired, count: number): Promise<void> {
  const { wiring, serverSide, client, scenario } = pair;
  const network = wiring.networks[0];
  if (!network) throw new Error(`${scenario.id} has no network of its own`);
  if (serverSide.engine.ownership === 'user') {
    throw new Failure(
      'infrastructure',
      `${scenario.id} changes the filter rules on the host of ${serverSide.engine.name}`,
      'Tare does that only on its own engines: measure this scenario without --engine.',
    );
  }
  const { probe } = serverSide;
  const chain = `TARE-${randomBytes(4).toString('hex')}`;
  // Where the engine uses neither (firewall-backend nftables, iptables false), any iptables reaches the path as well.
  const legacy = (await probe.read(findNatProgram)).trim() === 'iptables-legacy';
  const iptables = legacy ? 'iptables-legacy' : 'iptables-nft';
  pair.undo(async () => {
    await probe.tryShell('"$1" -w -D FORWARD -s "$3" -j "$2"; "$1" -w -F "$2"; "$1" -w -X "$2"', 20, [
      iptables,
      chain,
      network.subnet,
    ]);
  });
  await probe.shell(
    `{ echo '*filter'; echo ":$2 - [0:0]"; seq "$4" | while read n; do echo "-A $2 -s 203.0.113.$((n % 254 + 1))/32 -p tcp --dport $((n % 65535 + 1)) -j DROP"; done; echo "-I FORWARD -s $3 -j $2"; echo COMMIT; } | "$1-restore" -w --noflush`,
    60,
    [iptables, chain, network.subnet, String(count)],
  );
  // Whether the discard port answers does not matter, only which rules the question passes.
  await client.run(['nc', '-w', '2', wiring.serverAddress, '9'], { deadlineSeconds: 10 });
  const listed = await probe.shell('"$1" -w -nvxL FORWARD | grep -F "$2"', 20, [iptables, chain]);
  if (Number(listed.trim().split(/\s+/)[0]) > 0) return;
  throw new Failure(
    'infrastructure',
    `the packets of ${scenario.id} pass no filter rule on ${serverSide.engine.name}`,
    'Let bridged packets pass iptables: net.bridge.bridge-nf-call-iptables=1.',
  );
}

async function must(executor: Executor, argv: readonly string[]): Promise<void> {
  const result = await executor.run(argv, { deadlineSeconds: 20 });
  if (result.exitCode === 0) return;
  throw new Failure(
    'infrastructure',
    `${argv[0]} failed in ${executor.where}: ${(result.stderr || result.stdout).trim()}`,
    'Leave this impairment out, or use a kernel that has it.',
  );
}
