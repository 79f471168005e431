import type { Need } from '../../drivers/driver.ts';
import { ContainerExecutor } from '../engine/container-executor.ts';
import { labels } from '../engine/labels.ts';
import { removeContainer } from '../engine/remove.ts';
import type { Site, SiteEngine } from './site.ts';

export type KernelFinding = { readonly works: true } | { readonly works: false; readonly cause: string };

// Each line makes the real thing in a network namespace that is thrown away, so nothing is guessed from names or
// module lists and the kernel may load what it needs on demand. The key is a throw-away constant.
const attempts = `
try() { name=$1; shift; if out=$("$@" 2>&1); then echo "$name ok"; else echo "$name no $(echo $out)"; fi; }
try veth ip link add pv0 type veth peer name pv1
try bridge ip link add pb0 type bridge
try macvlan ip link add pm0 link pv0 type macvlan mode bridge
ip link del pm0 2>/dev/null
try ipvlan ip link add pi0 link pv0 type ipvlan mode l2
try vxlan ip link add px0 type vxlan id 7 dstport 4789
try esp ip xfrm state add src 198.18.0.1 dst 198.18.0.2 proto esp spi 0x1001 mode transport aead 'rfc4106(gcm(aes))' 0x000102030405060708090a0b0c0d0e0f10111213 64
`;

const words: Readonly<Record<string, string>> = {
  veth: 'the kernel makes no veth pair',
  bridge: 'the kernel makes no bridge',
  macvlan: 'the kernel makes no macvlan interface',
  ipvlan: 'the kernel makes no ipvlan interface',
  vxlan: 'the kernel makes no VXLAN interface',
  esp: 'the kernel takes no ESP state with AES-GCM, so nothing could be encrypted',
};

/** Tries on one engine what drivers may need of its kernel and its daemon. */
export async function probeKernel(side: SiteEngine, site: Site): Promise<Map<Need, KernelFinding>> {
  const { docker } = side.engine;
  const container = await docker.createContainer({
    name: `tare-${site.runId}-preflight`,
    Image: site.image.name,
    Cmd: ['sleep', 'infinity'],
    Labels: labels(site.runId, { 'tare.role': 'preflight' }),
    ExposedPorts: { '9/tcp': {} },
    HostConfig: {
      CapAdd: ['NET_ADMIN'],
      Init: true,
      PortBindings: { '9/tcp': [{ HostIp: '127.0.0.1', HostPort: '0' }] },
    },
  });
  try {
    await container.start();
    const executor = new ContainerExecutor(docker, { id: container.id, name: 'preflight' }, side.engine.name);
    const { stdout } = await executor.run(['sh', '-c', attempts], { deadlineSeconds: 60 });
    const findings = new Map<Need, KernelFinding>();
    for (const line of stdout.trim().split('\n')) {
      const [name, verdict, ...rest] = line.split(' ');
      findings.set(
        name as Need,
        verdict === 'ok'
          ? { works: true }
          : {
              works: false,
              cause: `${words[name as string]} (${rest.join(' ').replace(/^Error: |^RTNETLINK answers: /, '')})`,
            },
      );
    }
    findings.set('iptables', await natRules(side));
    findings.set('userland-proxy', await proxyRuns(side));
    return findings;
  } finally {
    // Nothing waits for it; what is not gone as the run ends is swept with the rest.
    removeContainer(side.engine, container.id).catch(() => undefined);
  }
}

async function natRules(side: SiteEngine): Promise<KernelFinding> {
  const rules = await side.probe.tryShell(
    '(iptables-nft -w -t nat -S; iptables-legacy -w -t nat -S) 2>/dev/null | grep -c DOCKER',
  );
  return Number(rules.stdout) > 0
    ? { works: true }
    : { works: false, cause: 'its host has no NAT rules of the engine, so ports can’t be published' };
}

// The preflight container publishes a port, so an engine with the proxy has at least this one running.
async function proxyRuns(side: SiteEngine): Promise<KernelFinding> {
  const proxies = await side.probe.tryShell('grep -l "^docker-proxy" /proc/[0-9]*/comm 2>/dev/null | wc -l');
  return Number(proxies.stdout) > 0
    ? { works: true }
    : { works: false, cause: 'the engine starts no docker-proxy for a published port' };
}
