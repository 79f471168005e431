import { describe, expect, it } from 'vitest';
import { migrateRun } from '../../results/migrate.ts';
import { type UnsupportedReason, unsupportedReasonSchema } from '../../results/reasons.ts';
import { runSchema } from '../../results/schema.ts';
import { unsupportedRemedy, unsupportedText } from '../../results/unsupported-text.ts';
import { plan, run } from './results-builders.ts';

const engine = 'node-1';
const second = 'Give a second engine (--engine twice) or use the lab (--lab).';

const sentences: readonly (readonly [UnsupportedReason, string, string])[] = [
  [
    { code: 'no-driver', driver: 'x', topology: 'cross-host', drivers: ['host', 'overlay'] },
    'no driver "x" for cross-host',
    'Choose among host, overlay.',
  ],
  [{ code: 'no-second-engine' }, 'there is no second engine', second],
  [{ code: 'one-engine' }, 'both ends are one engine', second],
  [
    { code: 'engine-elsewhere' },
    'the engine is on another machine',
    'Run Tare on the machine of the engine.',
  ],
  [
    { code: 'tare-in-container' },
    'Tare itself runs in a container, and so would everything that it starts without one',
    'Run Tare on the machine itself: npm install -g, or from its sources.',
  ],
  [
    { code: 'changes-host', option: 'rules', engine },
    'rules would change the host of node-1, which is not Tare’s own',
    'Measure it on the engine that Tare starts.',
  ],
  [{ code: 'ipv4-only', because: 'it is so' }, 'it is so', 'Measure IPv6 on bridge, macvlan or host.'],
  [{ code: 'mtu-too-small', leastBytes: 1280 }, 'IPv6 takes no MTU below 1280', 'Give mtu=1280 or more.'],
  [
    { code: 'data-path-unknown', engine, said: 'no interface carries it' },
    'node-1: no interface carries it',
    'Give the swarm an address of the host (docker swarm init --advertise-addr, --data-path-addr).',
  ],
  [
    { code: 'rootless-across', engine },
    'node-1 runs rootless: its traffic to other hosts leaves through RootlessKit, which Tare can’t watch',
    'Measure across hosts between engines that run as root, or in the lab (--lab).',
  ],
  [
    { code: 'rootless-ports', engine },
    'node-1 runs rootless: RootlessKit carries its published ports, which Tare can’t see from inside',
    'Measure published ports on an engine that runs as root.',
  ],
  [
    { code: 'icc-off', engine, bridge: 'default' },
    'containers on the default bridge of node-1 may not talk to one another (icc: false)',
    'Start dockerd with --icc=true, or measure same-host/bridge, where they may.',
  ],
  [
    { code: 'icc-off', engine, bridge: 'new' },
    'containers on a new bridge of node-1 may not talk to one another (default-network-opts)',
    'Take com.docker.network.bridge.enable_icc=false out of default-network-opts in daemon.json.',
  ],
  [
    { code: 'no-cpu-quota', engine },
    'the kernel of node-1 has no CPU quota, so @cpus can’t be set',
    'Use a kernel with CONFIG_CFS_BANDWIDTH, or leave @cpus away.',
  ],
  [
    { code: 'live-restore', engine },
    'node-1 is in no swarm, as live-restore excludes swarm mode',
    'Start dockerd without live-restore, and form a swarm (docker swarm init, join).',
  ],
  [
    { code: 'no-swarm', engine, state: 'inactive' },
    'node-1 is in no swarm',
    'Form a swarm (docker swarm init, join) and run again.',
  ],
  [
    { code: 'no-swarm', engine, state: 'error' },
    'the swarm of node-1 is error',
    'See what `docker info` says of the swarm there, and let the engine leave it and join again.',
  ],
  [
    { code: 'swarm-worker', engine },
    'node-1 is a worker of its swarm, and only a manager makes networks',
    'Make it a manager (docker node promote, on a manager).',
  ],
  [
    { code: 'no-swarm-manager' },
    'neither engine is a manager of the swarm',
    'Make one a manager (docker node promote, on a manager).',
  ],
  [
    { code: 'other-swarms', engine, otherEngine: 'node-2' },
    'node-1 and node-2 are in different swarms',
    'Let one leave its swarm and join the other’s (docker swarm leave, join), or give one engine and --lab.',
  ],
  [
    { code: 'no-default-bridge' },
    'the engine has no default bridge (bridge: none)',
    'Start dockerd without --bridge=none, or measure same-host/bridge.',
  ],
  [
    { code: 'no-forwarding', engine },
    'the host of node-1 forwards no IPv4 packets (ip-forward: false)',
    'Let its host forward packets (sysctl net.ipv4.ip_forward=1, dockerd --ip-forward=true).',
  ],
  [
    { code: 'no-local-ipv6' },
    'this machine’s loopback has no IPv6 address',
    'Turn IPv6 on here (sysctl net.ipv6.conf.lo.disable_ipv6=0).',
  ],
  [
    { code: 'no-ipv6', engine, at: 'kernel' },
    'node-1: its kernel has no IPv6',
    'Load the kernel’s IPv6 (modprobe ipv6; not ipv6.disable=1).',
  ],
  [
    { code: 'no-ipv6', engine, at: 'underlay' },
    'node-1: its host has no IPv6 address on it',
    'Give both hosts IPv6 addresses on that network, or use the lab (--lab).',
  ],
  [
    { code: 'lacks', engine, need: 'vxlan', cause: 'the kernel makes no VXLAN interface (refused)' },
    'node-1: the kernel makes no VXLAN interface (refused)',
    'Use a kernel with CONFIG_VXLAN (modprobe vxlan).',
  ],
  [
    { code: 'not-found-out', engine, need: 'esp', because: 'the probe did not end within 60 s' },
    'node-1: whether it has esp could not be found out: the probe did not end within 60 s',
    'Use a kernel with CONFIG_INET_ESP and AES-GCM (modprobe esp4 && modprobe gcm).',
  ],
  [
    { code: 'icc-off', engine, bridge: 'existing' },
    'containers on that network of node-1 may not talk to one another (enable_icc)',
    'Name a network that was made without com.docker.network.bridge.enable_icc=false.',
  ],
  [
    { code: 'no-network', engine, network: 'shop' },
    'node-1 has no network "shop"',
    'Choose among what `docker network ls` lists there.',
  ],
  [
    { code: 'network-unknown', engine, network: 'shop', driver: 'weave' },
    '"shop" of node-1 is a weave network, whose path nothing would prove',
    'Name a bridge, macvlan, ipvlan or overlay network.',
  ],
  [
    { code: 'network-of-one-host', engine, network: 'shop', driver: 'bridge' },
    '"shop" of node-1 is a bridge network, which ends at its host',
    'Name a macvlan, ipvlan or attachable overlay network that both engines have.',
  ],
  [
    { code: 'not-attachable', engine, network: 'shop' },
    'the swarm of node-1 lets no container join "shop" by hand',
    'Make it with `docker network create --attachable`, or name another.',
  ],
  [
    { code: 'network-full', engine, network: 'shop', free: 1, wanted: 2 },
    '"shop" of node-1 has 1 of the 2 addresses left that a pair takes',
    'Take containers off it, or name a larger one.',
  ],
  [{ code: 'said', text: 'it is old', remedy: 'Renew it.' }, 'it is old', 'Renew it.'],
];

describe('why a scenario can’t be measured', () => {
  it.each(sentences)('is data, $code, with its sentence and its remedy', (reason, text, remedy) => {
    expect(unsupportedReasonSchema.parse(reason)).toEqual(reason);
    expect([unsupportedText(reason), unsupportedRemedy(reason)]).toEqual([text, remedy]);
  });

  it('has a sentence here for each code', () => {
    const known = unsupportedReasonSchema.options.map(({ shape }) => shape.code.value);
    expect(new Set(sentences.map(([{ code }]) => code))).toEqual(new Set(known));
  });

  it('stays in its words, with the remedy, in a record of version 1', () => {
    const [host] = plan().scenarios;
    const { isBaseline, ...base } = host as Extract<typeof host, { status: 'ready' }>;
    const old = { ...base, status: 'unsupported', reason: 'it has no bridge', remedy: 'Load it.' };
    const json = { ...run(), schemaVersion: 1, plan: { ...plan(), scenarios: [host, old] } };
    expect(runSchema.parse(migrateRun(json)).plan.scenarios).toEqual([
      host,
      {
        ...base,
        status: 'unsupported',
        reason: { code: 'said', text: 'it has no bridge', remedy: 'Load it.' },
      },
    ]);
  });

  it('of no shape that version 1 had is left for the schema to refuse', () => {
    for (const scenarios of ['none', [7], [{ status: 'unsupported', reason: 7 }]]) {
      const json = { ...run(), schemaVersion: 1, plan: { ...plan(), scenarios } };
      expect(runSchema.safeParse(migrateRun(json)).success).toBe(false);
    }
  });
});
