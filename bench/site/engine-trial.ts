import type Docker from 'dockerode';
import type { Need } from '../../drivers/driver.ts';
import { confined } from '../engine/confinement.ts';
import { ContainerExecutor } from '../engine/container-executor.ts';
import { wordsOfEngine } from '../engine/engine-fault.ts';
import { labels } from '../engine/labels.ts';
import { removeContainer, removeNetwork } from '../engine/remove.ts';
import { findNatProgram, listNatRules, natProgramOf, parseDnat } from './docker-nat.ts';
import { listProxies, proxyPids } from './docker-proxy.ts';
import { type BridgeSettings, bridgeSettings, type EngineSettings } from './engine-settings.ts';
import type { Site, SiteEngine } from './site.ts';
import type { SubnetPool } from './subnets.ts';

export type Finding = { readonly works: true } | { readonly works: false; readonly cause: string };

/** What one engine did when it was asked to. A need that is not among the findings could not be found out. */
export interface EngineTrial {
  readonly findings: ReadonlyMap<Need, Finding>;
  /** Why findings are lacking, where some are. */
  readonly cutShort: string | undefined;
  /** What the engine gives a bridge network that asks for nothing (`default-network-opts`). */
  readonly newBridge: BridgeSettings | undefined;
  /** Files that a process in a container may have open at once (`default-ulimits`). */
  readonly openFiles: number | undefined;
}

// Each line makes the real thing in a network namespace that is thrown away, so nothing is guessed from names or
// module lists and the kernel may load what it needs on demand. The key is a throw-away constant.
const attempts = `
try() { name=$1; shift; if out=$("$@" 2>&1); then echo "$name ok"; else echo "$name no $(echo $out)"; fi; }
echo "open-files $(ulimit -n)"
try veth ip link add pv0 type veth peer name pv1
try bridge ip link add pb0 type bridge
try macvlan ip link add pm0 link pv0 type macvlan mode bridge
ip link del pm0 2>/dev/null
try ipvlan ip link add pi0 link pv0 type ipvlan mode l2
try vxlan ip link add px0 type vxlan id 7 dstport 4789
try esp ip xfrm state add src 198.18.0.1 dst 198.18.0.2 proto esp spi 0x1001 mode transport aead 'rfc4106(gcm(aes))' 0x000102030405060708090a0b0c0d0e0f10111213 64
`;

const words = {
  veth: 'the kernel makes no veth pair',
  bridge: 'the kernel makes no bridge',
  macvlan: 'the kernel makes no macvlan interface',
  ipvlan: 'the kernel makes no ipvlan interface',
  vxlan: 'the kernel makes no VXLAN interface',
  esp: 'the kernel takes no ESP state with AES-GCM, so nothing could be encrypted',
} as const;
const isTried = (name: string | undefined): name is keyof typeof words =>
  name !== undefined && Object.hasOwn(words, name);

/** Reads what the attempts printed; a name that none of them has, and a line that was cut off, are passed over. */
export function parseAttempts(printed: string): Pick<EngineTrial, 'openFiles'> & {
  readonly findings: Map<Need, Finding>;
} {
  const findings = new Map<Need, Finding>();
  let openFiles: number | undefined;
  for (const line of printed.split('\n')) {
    const [name, verdict, ...rest] = line.trim().split(' ');
    if (name === 'open-files' && /^\d+$/.test(verdict ?? '')) openFiles = Number(verdict);
    if (!isTried(name)) continue;
    if (verdict === 'ok') findings.set(name, { works: true });
    if (verdict !== 'no') continue;
    const said = rest.join(' ').replace(/^Error: |^RTNETLINK answers: /, '');
    findings.set(name, { works: false, cause: `${words[name]} (${said})` });
  }
  return { findings, openFiles };
}

/** Tries on one engine what drivers may need of its kernel and its daemon, on a network of its own. */
export async function tryEngine(
  side: SiteEngine,
  site: Site,
  pool: SubnetPool,
  settings: EngineSettings,
): Promise<EngineTrial> {
  const network = await makeNetwork(side, site, pool);
  const started = await startContainer(side, site, network);
  try {
    const executor = new ContainerExecutor(
      side.engine.docker,
      { id: started.container.id, name: 'preflight' },
      side.engine.name,
    );
    const { stdout, exitCode, timedOut } = await executor.run(['sh', '-c', attempts], {
      deadlineSeconds: 60,
    });
    executor.close();
    const { findings, openFiles } = parseAttempts(stdout);
    for (const [need, finding] of await publishing(side, settings, network, started)) {
      findings.set(need, finding);
    }
    return {
      findings,
      openFiles,
      newBridge: network.type === 'made' ? network.settings : undefined,
      cutShort: timedOut
        ? 'the probe did not end within 60 s'
        : `the probe ended early (exit code ${exitCode})`,
    };
  } finally {
    // Nothing waits for it; what is not gone as the run ends is swept with the rest.
    removeAll(side, pool, started, network).catch(() => undefined);
  }
}

type OwnNetwork =
  | {
      readonly type: 'made';
      readonly id: string;
      readonly subnet: string;
      readonly settings: BridgeSettings;
    }
  | { readonly type: 'refused'; readonly said: string };

async function makeNetwork(side: SiteEngine, site: Site, pool: SubnetPool): Promise<OwnNetwork> {
  const { docker } = side.engine;
  for (let attempt = 1; ; attempt++) {
    const subnet = pool.take();
    try {
      const network = await docker.createNetwork({
        Name: `tare-${site.runId}-preflight`,
        Driver: 'bridge',
        Labels: labels(site.runId, { 'tare.role': 'preflight' }),
        IPAM: { Driver: 'default', Config: [{ Subnet: subnet }] },
      });
      const { Options: options } = await network.inspect();
      return { type: 'made', id: network.id, subnet, settings: bridgeSettings(options) };
    } catch (error) {
      const said = wordsOfEngine(error);
      if (attempt === 16 || !/overlap|already (exists|in use)/i.test(said)) return { type: 'refused', said };
    }
  }
}

interface Started {
  readonly container: Docker.Container;
  /** Port of the host at which it is published; absent where the engine did not do that, and what it said. */
  readonly port: number | undefined;
  readonly said: string;
}

async function startContainer(side: SiteEngine, site: Site, network: OwnNetwork): Promise<Started> {
  const create = (options: Docker.HostConfig) =>
    side.engine.docker.createContainer({
      name: `tare-${site.runId}-preflight`,
      Image: site.image.name,
      Cmd: ['sleep', 'infinity'],
      Labels: labels(site.runId, { 'tare.role': 'preflight' }),
      ExposedPorts: options.PortBindings ? { '9/tcp': {} } : {},
      // What is tried must fail for the kernel's reasons, not for those of a remapped user.
      HostConfig: { ...confined(['NET_ADMIN']), UsernsMode: 'host', ...options },
    });
  if (network.type === 'made') {
    const published = await create({
      NetworkMode: network.id,
      PortBindings: { '9/tcp': [{ HostIp: '127.0.0.1', HostPort: '0' }] },
    });
    try {
      await published.start();
      const { NetworkSettings: state } = await published.inspect();
      const port = Number(state.Ports['9/tcp']?.[0]?.HostPort);
      return { container: published, port: port > 0 ? port : undefined, said: '' };
    } catch (error) {
      await removeContainer(side.engine, published.id);
      const unpublished = await create({ NetworkMode: 'none' });
      await unpublished.start();
      return { container: unpublished, port: undefined, said: wordsOfEngine(error) };
    }
  }
  const container = await create({ NetworkMode: 'none' });
  await container.start();
  return { container, port: undefined, said: network.said };
}

async function publishing(
  side: SiteEngine,
  settings: EngineSettings,
  network: OwnNetwork,
  { port, said }: Started,
): Promise<[Need, Finding][]> {
  const neither = (cause: string): [Need, Finding][] => [
    ['dnat', { works: false, cause }],
    ['userland-proxy', { works: false, cause }],
  ];
  if (network.type === 'refused') return neither(`the engine made no bridge network (${said})`);
  if (port === undefined) return neither(`the engine published no port (${said || 'it named none'})`);
  const [rules, proxies] = await Promise.all([dnatRule(side, settings, port), side.probe.read(listProxies)]);
  return [
    ['dnat', rules],
    [
      'userland-proxy',
      proxyPids(proxies, [port]).length > 0
        ? { works: true }
        : { works: false, cause: 'the engine starts no docker-proxy for a published port' },
    ],
  ];
}

async function dnatRule(side: SiteEngine, settings: EngineSettings, port: number): Promise<Finding> {
  const program = natProgramOf(await side.probe.read(findNatProgram));
  const rules = program ? parseDnat((await side.probe.read(listNatRules(program))).split('\n')) : undefined;
  if (rules?.has(port)) return { works: true };
  return {
    works: false,
    cause: whyNoRule(settings.firewallBackend, rules !== undefined && program !== 'none'),
  };
}

/** Why a published port has no DNAT rule that Tare can see. */
export function whyNoRule(firewallBackend: string | undefined, hasChain: boolean): string {
  if (firewallBackend === 'nftables') {
    return hasChain
      ? 'its firewall-backend is nftables, which holds no DNAT rule for a published port'
      : 'its firewall-backend is nftables, and no table “ip docker-bridges” is to be seen';
  }
  return hasChain
    ? 'the engine writes no DNAT rule for a published port'
    : 'the engine writes no NAT rules (iptables: false), so only its proxy serves published ports';
}

async function removeAll(side: SiteEngine, pool: SubnetPool, started: Started, network: OwnNetwork) {
  await removeContainer(side.engine, started.container.id);
  if (network.type === 'refused') return;
  await removeNetwork(side.engine, network.id);
  pool.giveBack(network.subnet);
}
