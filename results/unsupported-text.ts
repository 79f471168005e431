import type { UnsupportedReason } from './reasons.ts';

/** Why a scenario can't be measured, in a sentence without its full stop. */
export function unsupportedText(reason: UnsupportedReason): string {
  switch (reason.code) {
    case 'no-driver':
      return `no driver "${reason.driver}" for ${reason.topology}`;
    case 'no-second-engine':
      return 'there is no second engine';
    case 'one-engine':
      return 'both ends are one engine';
    case 'engine-elsewhere':
      return 'the engine is on another machine';
    case 'tare-in-container':
      return 'Tare itself runs in a container, and so would everything that it starts without one';
    case 'changes-host':
      return `${reason.option} would change the host of ${reason.engine}, which is not Tare’s own`;
    case 'ipv4-only':
      return reason.because;
    case 'mtu-too-small':
      return `IPv6 takes no MTU below ${reason.leastBytes}`;
    case 'data-path-unknown':
      return `${reason.engine}: ${reason.said}`;
    case 'rootless-across':
      return `${reason.engine} runs rootless: its traffic to other hosts leaves through RootlessKit, which Tare can’t watch`;
    case 'rootless-ports':
      return `${reason.engine} runs rootless: RootlessKit carries its published ports, which Tare can’t see from inside`;
    case 'icc-off':
      return iccOff[reason.bridge](reason.engine);
    case 'no-cpu-quota':
      return `the kernel of ${reason.engine} has no CPU quota, so @cpus can’t be set`;
    case 'live-restore':
      return `${reason.engine} is in no swarm, as live-restore excludes swarm mode`;
    case 'no-swarm':
      return reason.state === 'inactive'
        ? `${reason.engine} is in no swarm`
        : `the swarm of ${reason.engine} is ${reason.state}`;
    case 'swarm-worker':
      return `${reason.engine} is a worker of its swarm, and only a manager makes networks`;
    case 'no-swarm-manager':
      return 'neither engine is a manager of the swarm';
    case 'other-swarms':
      return `${reason.engine} and ${reason.otherEngine} are in different swarms`;
    case 'no-default-bridge':
      return 'the engine has no default bridge (bridge: none)';
    case 'no-forwarding':
      return `the host of ${reason.engine} forwards no IPv4 packets (ip-forward: false)`;
    case 'no-local-ipv6':
      return 'this machine’s loopback has no IPv6 address';
    case 'no-ipv6':
      return `${reason.engine}: its ${withoutIpv6[reason.at]}`;
    case 'lacks':
      return `${reason.engine}: ${reason.cause}`;
    case 'not-found-out':
      return `${reason.engine}: whether it has ${reason.need} could not be found out: ${reason.because}`;
    case 'no-network':
      return `${reason.engine} has no network "${reason.network}"`;
    case 'network-unknown':
      return `"${reason.network}" of ${reason.engine} is a ${reason.driver} network, whose path nothing would prove`;
    case 'network-of-one-host':
      return `"${reason.network}" of ${reason.engine} is a ${reason.driver} network, which ends at its host`;
    case 'not-attachable':
      return `the swarm of ${reason.engine} lets no container join "${reason.network}" by hand`;
    case 'network-full':
      return `"${reason.network}" of ${reason.engine} has ${reason.free} of the ${reason.wanted} addresses left that a pair takes`;
    case 'said':
      return reason.text;
  }
}

const iccOff = {
  default: (engine: string) =>
    `containers on the default bridge of ${engine} may not talk to one another (icc: false)`,
  new: (engine: string) =>
    `containers on a new bridge of ${engine} may not talk to one another (default-network-opts)`,
  existing: (engine: string) =>
    `containers on that network of ${engine} may not talk to one another (enable_icc)`,
} as const;

const withoutIpv6 = {
  kernel: 'kernel has no IPv6',
  loopback: 'loopback has no IPv6 address',
  underlay: 'host has no IPv6 address on it',
} as const;

/** What to do where a scenario can't be measured, in a sentence. */
export function unsupportedRemedy(reason: UnsupportedReason): string {
  switch (reason.code) {
    case 'no-driver':
      return `Choose among ${reason.drivers.join(', ')}.`;
    case 'no-second-engine':
    case 'one-engine':
      return 'Give a second engine (--engine twice) or use the lab (--lab).';
    case 'engine-elsewhere':
      return 'Run Tare on the machine of the engine.';
    case 'tare-in-container':
      return 'Run Tare on the machine itself: npm install -g, or from its sources.';
    case 'changes-host':
      return 'Measure it on the engine that Tare starts.';
    case 'ipv4-only':
      return 'Measure IPv6 on bridge, macvlan or host.';
    case 'mtu-too-small':
      return `Give mtu=${reason.leastBytes} or more.`;
    case 'data-path-unknown':
      return 'Give the swarm an address of the host (docker swarm init --advertise-addr, --data-path-addr).';
    case 'rootless-across':
      return 'Measure across hosts between engines that run as root, or in the lab (--lab).';
    case 'rootless-ports':
      return 'Measure published ports on an engine that runs as root.';
    case 'icc-off':
      return iccRemedies[reason.bridge];
    case 'no-cpu-quota':
      return 'Use a kernel with CONFIG_CFS_BANDWIDTH, or leave @cpus away.';
    case 'live-restore':
      return 'Start dockerd without live-restore, and form a swarm (docker swarm init, join).';
    case 'no-swarm':
      return (
        swarmRemedies[reason.state] ??
        'See what `docker info` says of the swarm there, and let the engine leave it and join again.'
      );
    case 'swarm-worker':
      return 'Make it a manager (docker node promote, on a manager).';
    case 'no-swarm-manager':
      return 'Make one a manager (docker node promote, on a manager).';
    case 'other-swarms':
      return 'Let one leave its swarm and join the other’s (docker swarm leave, join), or give one engine and --lab.';
    case 'no-default-bridge':
      return 'Start dockerd without --bridge=none, or measure same-host/bridge.';
    case 'no-forwarding':
      return 'Let its host forward packets (sysctl net.ipv4.ip_forward=1, dockerd --ip-forward=true).';
    case 'no-local-ipv6':
      return 'Turn IPv6 on here (sysctl net.ipv6.conf.lo.disable_ipv6=0).';
    case 'no-ipv6':
      return ipv6Remedies[reason.at];
    case 'lacks':
    case 'not-found-out':
      return needRemedies[reason.need] ?? 'See the driver’s needs.';
    case 'no-network':
      return 'Choose among what `docker network ls` lists there.';
    case 'network-unknown':
      return 'Name a bridge, macvlan, ipvlan or overlay network.';
    case 'network-of-one-host':
      return 'Name a macvlan, ipvlan or attachable overlay network that both engines have.';
    case 'not-attachable':
      return 'Make it with `docker network create --attachable`, or name another.';
    case 'network-full':
      return 'Take containers off it, or name a larger one.';
    case 'said':
      return reason.remedy;
  }
}

/** By the state of an engine's swarm. */
const swarmRemedies: Readonly<Record<string, string>> = {
  inactive: 'Form a swarm (docker swarm init, join) and run again.',
  locked: 'Unlock it (docker swarm unlock) and run again.',
};

const ipv6Remedies = {
  kernel: 'Load the kernel’s IPv6 (modprobe ipv6; not ipv6.disable=1).',
  loopback: 'Turn IPv6 on there (sysctl net.ipv6.conf.lo.disable_ipv6=0).',
  underlay: 'Give both hosts IPv6 addresses on that network, or use the lab (--lab).',
} as const;

/** By what is needed of a kernel or an engine. */
const needRemedies: Readonly<Record<string, string>> = {
  veth: 'Use a kernel with CONFIG_VETH (modprobe veth).',
  bridge: 'Use a kernel with CONFIG_BRIDGE (modprobe bridge).',
  macvlan: 'Use a kernel with CONFIG_MACVLAN (modprobe macvlan).',
  ipvlan: 'Use a kernel with CONFIG_IPVLAN (modprobe ipvlan).',
  vxlan: 'Use a kernel with CONFIG_VXLAN (modprobe vxlan).',
  esp: 'Use a kernel with CONFIG_INET_ESP and AES-GCM (modprobe esp4 && modprobe gcm).',
  dnat: 'Let dockerd write its firewall rules (--iptables=true, with iptables or nft on its host).',
  'userland-proxy': 'Let dockerd start its proxy (--userland-proxy=true).',
};

const iccRemedies = {
  default: 'Start dockerd with --icc=true, or measure same-host/bridge, where they may.',
  new: 'Take com.docker.network.bridge.enable_icc=false out of default-network-opts in daemon.json.',
  existing: 'Name a network that was made without com.docker.network.bridge.enable_icc=false.',
} as const;
