import { readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import { findNatProgram, natProgramOf, parseDnat } from '../../bench/site/docker-nat.ts';
import type { KnownEngine } from '../../bench/site/engine-limits.ts';
import { bridgeSettings, type EngineSettings, settingsFrom } from '../../bench/site/engine-settings.ts';
import { type EngineTrial, type Finding, parseAttempts, whyNoRule } from '../../bench/site/engine-trial.ts';
import { networkThere } from '../../bench/site/existing-network.ts';
import { Preflight } from '../../bench/site/preflight.ts';
import type { Site, SiteEngine } from '../../bench/site/site.ts';
import type { Need } from '../../drivers/driver.ts';
import { parseScenarioId, type Scenario } from '../../results/scenario.ts';
import { unsupportedRemedy, unsupportedText } from '../../results/unsupported-text.ts';

const tried: Need[] = ['veth', 'bridge', 'macvlan', 'ipvlan', 'vxlan', 'esp', 'dnat', 'userland-proxy'];
const works: Finding = { works: true };
const bridge = { Name: 'bridge', Driver: 'bridge', Options: { 'com.docker.network.driver.mtu': '1500' } };
const info = { Swarm: { LocalNodeState: 'active', NodeID: 'n1', Cluster: { ID: 'c1' } } };

const scenario = (id: string) => parseScenarioId(id) as Scenario;

interface Faked {
  readonly info?: object;
  readonly networks?: readonly unknown[];
  readonly ipForward?: string;
  readonly settings?: Partial<EngineSettings>;
  readonly trial?: Partial<EngineTrial>;
  /** What `docker network inspect` gives of networks that are not Tare's. */
  readonly there?: readonly unknown[];
  readonly without?: Partial<Record<Need, string>>;
}

function known(name: string, faked: Faked = {}): KnownEngine {
  const findings = new Map<Need, Finding>(tried.map((need) => [need, works]));
  for (const [need, cause] of Object.entries(faked.without ?? {}))
    findings.set(need as Need, { works: false, cause });
  return {
    name,
    settings: {
      ...settingsFrom({ ...info, ...faked.info }, faked.networks ?? [bridge], faked.ipForward ?? '1\n'),
      ...faked.settings,
    },
    trial: {
      findings,
      cutShort: undefined,
      newBridge: bridgeSettings({}),
      openFiles: 1048576,
      ...faked.trial,
    },
    networks: (faked.there ?? []).flatMap((each) => networkThere(each) ?? []),
  };
}

/** A preflight over faked readings: one engine, or that and a second one. */
function preflightOf(first: Faked, second?: Faked): Preflight {
  const side = (name: string) =>
    ({ engine: { id: name, name, ownership: 'private' }, underlayAddress6: '2001:2::1' }) as SiteEngine;
  const sides = [side('one'), side('two')] as const;
  const site = {
    runId: 'r',
    sameHost: sides[0],
    crossHost: second && { server: sides[0], client: sides[1] },
    native: undefined,
  } as unknown as Site;
  const all = new Map([['one', known('one', first)]]);
  if (second) all.set('two', known('two', second));
  return new Preflight(site, all);
}

const why = (preflight: Preflight, id: string): string => {
  const readiness = preflight.of(scenario(id));
  return readiness.type === 'ready' ? 'ready' : unsupportedText(readiness.reason);
};

const remedyOf = (preflight: Preflight, id: string): string => {
  const readiness = preflight.of(scenario(id));
  return readiness.type === 'ready' ? 'ready' : unsupportedRemedy(readiness.reason);
};

describe('what an engine’s settings leave to measure', () => {
  test('with none out of the ordinary everything is ready, without a warning', () => {
    const preflight = preflightOf(
      {},
      { info: { Swarm: { LocalNodeState: 'active', RemoteManagers: [{ NodeID: 'n1' }] } } },
    );
    for (const id of [
      'same-host/bridge',
      'same-host/bridge-default',
      'same-host/bridge-proxy',
      'cross-host/overlay',
    ])
      expect(why(preflight, id), id).toBe('ready');
    expect(preflight.warnings([scenario('same-host/bridge'), scenario('cross-host/host')])).toEqual([]);
  });

  test('iptables=false: bridges need none, only DNAT does, and the reason names the back-end', () => {
    const cause = whyNoRule(undefined, false);
    const preflight = preflightOf({ without: { dnat: cause } });
    for (const id of [
      'same-host/bridge',
      'same-host/bridge-default',
      'same-host/bridge-proxy',
      'same-host/container',
    ])
      expect(why(preflight, id), id).toBe('ready');
    expect(why(preflight, 'same-host/bridge-published')).toBe(
      'one: the engine writes no NAT rules (iptables: false), so only its proxy serves published ports',
    );
    expect(whyNoRule('nftables', false)).toContain('firewall-backend is nftables');
    expect(whyNoRule('nftables', true)).toContain('firewall-backend is nftables');
    expect(whyNoRule('iptables', true)).not.toContain('nftables');
  });

  test('a network that is there is joined only where a pair can stand on it and be watched', () => {
    const there = (Name: string, more: object = {}, subnet = '10.0.0.0/24') => ({
      Id: Name,
      Name,
      Driver: 'bridge',
      Scope: 'local',
      IPAM: { Config: [{ Subnet: subnet, Gateway: '10.0.0.1' }] },
      ...more,
    });
    const swarm = { Driver: 'overlay', Scope: 'swarm' };
    const networks = [
      there('plain'),
      there('held', { Options: { 'com.docker.network.bridge.enable_icc': 'false' } }),
      there('tight', { Containers: { a: {}, b: {}, c: {}, d: {} } }, '10.0.0.0/29'),
      there('roomy', { Containers: { a: {}, b: {}, c: {} } }, '10.0.0.0/29'),
      there('swarm', swarm),
      there('open', { ...swarm, Attachable: true }),
      there('mesh', { ...swarm, Attachable: true, Ingress: true }),
      there('other', { Driver: 'weave' }),
      there('host', { Driver: 'host' }),
      there('ours', { Labels: { tare: '1' } }),
    ];
    const preflight = preflightOf({ there: networks }, { there: networks });
    const on = (network: string, topology = 'same-host') =>
      why(preflight, `${topology}/existing@network=${network}`);
    for (const name of ['plain', 'roomy', 'open']) expect(on(name), name).toBe('ready');
    expect(on('open', 'cross-host')).toBe('ready');
    expect(on('gone')).toBe('one has no network "gone"');
    expect(on('ours')).toBe('one has no network "ours"');
    expect(on('held')).toContain('may not talk to one another (enable_icc)');
    // A /29 takes five containers (seen with Docker 26.1).
    expect(on('tight')).toBe('"tight" of one has 1 of the 2 addresses left that a pair takes');
    for (const name of ['swarm', 'mesh']) expect(on(name)).toContain('lets no container join');
    for (const name of ['other', 'host']) expect(on(name)).toContain('whose path nothing would prove');
    expect(on('plain', 'cross-host')).toContain('which ends at its host');
    expect(remedyOf(preflight, 'same-host/existing@network=swarm')).toContain('--attachable');
  });

  test('bridge: none rules out the default bridge only', () => {
    const preflight = preflightOf({ networks: [{ Name: 'host', Driver: 'host' }] });
    expect(why(preflight, 'same-host/bridge-default')).toBe(
      'the engine has no default bridge (bridge: none)',
    );
    for (const id of [
      'same-host/bridge',
      'same-host/bridge-published',
      'same-host/bridge-proxy',
      'same-host/container',
    ])
      expect(why(preflight, id), id).toBe('ready');
  });

  test('icc: false rules out the bridge that it was said of', () => {
    const off = { 'com.docker.network.bridge.enable_icc': 'false' };
    const onDefault = preflightOf({ networks: [{ ...bridge, Options: off }] });
    expect(why(onDefault, 'same-host/bridge-default')).toContain('icc: false');
    expect(why(onDefault, 'same-host/bridge')).toBe('ready');
    const onNew = preflightOf({ trial: { newBridge: bridgeSettings(off) } });
    expect(why(onNew, 'same-host/bridge')).toContain('default-network-opts');
    expect(why(onNew, 'same-host/bridge-default')).toBe('ready');
  });

  test('a host that forwards nothing can’t publish to another, but to itself', () => {
    const preflight = preflightOf({}, { ipForward: '0\n' });
    expect(why(preflight, 'cross-host/bridge-published')).toBe(
      'the host of two forwards no IPv4 packets (ip-forward: false)',
    );
    expect(why(preflight, 'same-host/bridge-published')).toBe('ready');
    expect(why(preflight, 'cross-host/macvlan')).toBe('ready');
  });

  test('rootless: neither published ports nor other hosts, and host is not what it seems', () => {
    const preflight = preflightOf(
      { info: { ...info, SecurityOptions: ['name=seccomp,profile=default', 'name=rootless'] } },
      {},
    );
    expect(why(preflight, 'same-host/bridge-published')).toContain('rootless');
    expect(why(preflight, 'cross-host/overlay')).toContain('rootless');
    expect(why(preflight, 'same-host/bridge')).toBe('ready');
    expect(preflight.warnings([scenario('same-host/host'), scenario('same-host/bridge')])).toEqual([
      { code: 'rootless-host', subject: { scenarios: ['same-host/host'] }, engine: 'one' },
    ]);
  });

  test('userns-remap alone rules nothing out', () => {
    const preflight = preflightOf({ info: { ...info, SecurityOptions: ['name=userns'] } });
    for (const id of [
      'same-host/host',
      'same-host/bridge',
      'same-host/macvlan',
      'same-host/bridge-published',
    ])
      expect(why(preflight, id), id).toBe('ready');
  });

  test('live-restore excludes the swarm, and so overlays', () => {
    const preflight = preflightOf({
      info: { LiveRestoreEnabled: true, Swarm: { LocalNodeState: 'inactive' } },
    });
    expect(why(preflight, 'same-host/overlay')).toBe(
      'one is in no swarm, as live-restore excludes swarm mode',
    );
    // Docker refuses to form a swarm there, so to form one is no remedy by itself.
    expect(remedyOf(preflight, 'same-host/overlay')).toContain('without live-restore');
    expect(why(preflight, 'same-host/bridge')).toBe('ready');
  });

  test.each([
    ['inactive', /docker swarm init/],
    ['locked', /docker swarm unlock/],
    ['error', /docker info/],
  ])('what to do about a swarm that is %s', (LocalNodeState, remedy) => {
    const preflight = preflightOf({ info: { Swarm: { LocalNodeState } } });
    expect(remedyOf(preflight, 'same-host/overlay')).toMatch(remedy);
  });

  test('a lone worker of a swarm, which can make no network', () => {
    const preflight = preflightOf({
      info: { Swarm: { LocalNodeState: 'active', NodeID: 'n2', RemoteManagers: [{ NodeID: 'n1' }] } },
    });
    expect(preflight.of(scenario('same-host/overlay'))).toEqual({
      type: 'unsupported',
      reason: { code: 'swarm-worker', engine: 'one' },
    });
    expect(why(preflight, 'same-host/overlay')).toBe(
      'one is a worker of its swarm, and only a manager makes networks',
    );
    expect(remedyOf(preflight, 'same-host/overlay')).toBe(
      'Make it a manager (docker node promote, on a manager).',
    );
  });

  test.each([
    [{ LocalNodeState: 'locked' }, 'the swarm of two is locked'],
    [
      { LocalNodeState: 'active', NodeID: 'n2', Cluster: { ID: 'c2' } },
      'one and two are in different swarms',
    ],
    [
      { LocalNodeState: 'active', NodeID: 'n2', RemoteManagers: [{ NodeID: 'n9' }] },
      'one and two are in different swarms',
    ],
    [{ LocalNodeState: 'active', NodeID: 'n2', RemoteManagers: [{ NodeID: 'n1' }] }, 'ready'],
  ])('swarm %j beside a manager: %s', (Swarm, expected) => {
    expect(why(preflightOf({}, { info: { Swarm } }), 'cross-host/overlay')).toBe(expected);
  });

  test('no CPU quota, a runtime with a network stack of its own, few files, Docker Desktop', () => {
    const preflight = preflightOf({
      info: { ...info, CpuCfsQuota: false, DefaultRuntime: 'runsc', OperatingSystem: 'Docker Desktop' },
      trial: { openFiles: 256 },
    });
    expect(why(preflight, 'same-host/bridge@cpus=0.5')).toContain('no CPU quota');
    expect(why(preflight, 'same-host/bridge')).toBe('ready');
    const warnings = preflight.warnings([scenario('same-host/bridge')]);
    expect(warnings).toEqual([
      { code: 'virtual-machine', engine: 'one', machine: 'Docker Desktop' },
      { code: 'other-runtime', engine: 'one', runtime: 'runsc' },
      { code: 'few-open-files', engine: 'one', files: 256 },
    ]);
  });
});

describe('a probe that was killed', () => {
  test('leaves what it did not find out unsupported, never ready', () => {
    const printed = 'open-files 1024\nveth ok\nbridge ok\nmacvlan n';
    const { findings, openFiles } = parseAttempts(printed);
    expect([...findings.keys()]).toEqual(['veth', 'bridge']);
    expect(openFiles).toBe(1024);
    for (const need of ['dnat', 'userland-proxy'] as const) findings.set(need, works);
    const preflight = preflightOf(
      { trial: { findings, cutShort: 'the probe ended early (exit code 137)' } },
      {},
    );
    for (const [id, need] of [
      ['same-host/macvlan', 'macvlan'],
      ['same-host/ipvlan-l2', 'ipvlan'],
      ['cross-host/overlay-encrypted', 'vxlan'],
    ] as const) {
      expect(why(preflight, id)).toBe(
        `one: whether it has ${need} could not be found out: the probe ended early (exit code 137)`,
      );
    }
    expect(why(preflight, 'same-host/bridge')).toBe('ready');
  });

  test('a refusal keeps the kernel’s words', () => {
    const { findings } = parseAttempts(
      'ipvlan no RTNETLINK answers: Operation not supported\nconstructor ok\n',
    );
    expect(findings.get('ipvlan')).toEqual({
      works: false,
      cause: 'the kernel makes no ipvlan interface (Operation not supported)',
    });
    expect(findings.size).toBe(1);
  });
});

describe('DNAT rules', () => {
  it('are read in nft’s words as in iptables’', () => {
    const nft = readFileSync(new URL('../fixtures/nft/docker-bridges.txt', import.meta.url), 'utf8');
    expect([...parseDnat(nft.split('\n'))]).toEqual([
      [21000, 3],
      [8080, 9],
    ]);
  });

  it('are looked for by known programs only', () => {
    expect(natProgramOf('nft\n')).toBe('nft');
    expect(natProgramOf('none\n')).toBe('none');
    expect(natProgramOf('')).toBeUndefined();
    expect(natProgramOf('nft; reboot')).toBeUndefined();
    expect(findNatProgram).toMatch(
      /^if nft .*; elif iptables-nft .*; elif iptables-legacy .*; elif .* echo none; fi$/,
    );
  });
});
