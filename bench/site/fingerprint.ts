import type { Fingerprint } from '../../results/schema.ts';
import type { SiteEngine } from './site.ts';

// Prints "key=value" lines; what a kernel lacks prints nothing, so that missing stays missing.
const readFacts = `
underlay=$1
datapath=$2
emit() { [ -n "$2" ] && echo "$1=$2"; }
first() { head -n1 "$1" 2>/dev/null; }
emit kernel "$(uname -r)"
emit cpu/model "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n1)"
emit cpu/vendor "$(sed -n 's/^vendor_id[^:]*: //p' /proc/cpuinfo | head -n1)"
emit cpu/cores "$(grep -c '^processor' /proc/cpuinfo)"
emit cpu/governor "$(first /sys/devices/system/cpu/cpu0/cpufreq/scaling_governor)"
grep -q '^flags.* hypervisor' /proc/cpuinfo && echo cpu/virtualised=yes || echo cpu/virtualised=no
emit memory/bytes "$(awk '/^MemTotal/ {print $2 * 1024}' /proc/meminfo)"
for key in net.core.rmem_max net.core.wmem_max net.core.default_qdisc net.core.netdev_max_backlog net.core.busy_poll \
  net.ipv4.tcp_congestion_control net.ipv4.tcp_rmem net.ipv4.tcp_wmem net.ipv4.tcp_tw_reuse net.ipv4.ip_local_port_range \
  net.bridge.bridge-nf-call-iptables net.netfilter.nf_conntrack_max net.netfilter.nf_conntrack_count; do
  emit "sysctl/$key" "$(first "/proc/sys/$(echo "$key" | sed 's/\\./\\//g; s/bridge-nf/bridge-nf/')" | tr '\\t' ' ')"
done
for family in iptables-nft iptables-legacy; do
  emit "netfilter/$family-rules" "$($family-save 2>/dev/null | grep -c '^-A')"
done
for link in $(echo lo "$underlay" "$datapath" | tr ' ' '\\n' | sort -u); do
  emit "mtu/$link" "$(first "/sys/class/net/$link/mtu")"
  # In Mbit/s; what a virtual interface says of its speed is made up.
  [ -e "/sys/class/net/$link/device" ] && emit "speed/$link" "$(first "/sys/class/net/$link/speed" | grep -v '^-')"
  emit "qdisc/$link" "$(ip -o link show dev "$link" 2>/dev/null | sed -n 's/.* qdisc \\([^ ]*\\).*/\\1/p')"
  ethtool -k "$link" 2>/dev/null | sed -n 's/^\\(tcp-segmentation-offload\\|generic-segmentation-offload\\|generic-receive-offload\\|rx-checksumming\\|tx-checksumming\\|tx-udp_tnl-segmentation\\|esp-hw-offload\\): \\([a-z]*\\).*/\\1=\\2/p' | while read -r line; do echo "offload/$link/$line"; done
done
`;

/** Reads what one engine and its host are like. What can't be read is absent. */
export async function takeFingerprint(
  side: SiteEngine,
  role: Fingerprint['role'],
  image: { readonly id: string; readonly tools: Readonly<Record<string, string>> },
): Promise<Fingerprint> {
  const { executor } = side.probe;
  const dataPath = side.dataPath?.type === 'found' ? side.dataPath.interface : side.underlayInterface;
  const { stdout } = await executor.run(['sh', '-c', readFacts, 'facts', side.underlayInterface, dataPath], {
    deadlineSeconds: 60,
  });
  const facts = parseFacts(stdout);
  for (const [tool, version] of Object.entries(image.tools)) facts[`tool/${tool}`] = version;
  facts['engine/owner'] = side.engine.ownership;
  // Engines of Tare's own get another with each start.
  if (side.engine.ownership === 'user' && side.engine.id) facts['engine/id'] = side.engine.id;
  facts['underlay/interface'] = side.underlayInterface;
  if (dataPath !== side.underlayInterface) facts['data-path/interface'] = dataPath;
  return {
    engine: side.engine.name,
    role,
    engineVersion: side.engine.version,
    apiVersion: side.engine.apiVersion,
    machine: side.machine,
    kernel: facts.kernel ?? 'unknown',
    emulated: isEmulated(facts),
    imageId: image.id,
    facts,
  };
}

/** Reads "key=value" lines; others are passed over. */
export function parseFacts(text: string): Record<string, string> {
  const facts: Record<string, string> = {};
  for (const line of text.split('\n')) {
    const match = /^([^=]+)=(.*)$/.exec(line);
    if (match) facts[match[1] as string] = (match[2] as string).trim();
  }
  return facts;
}

// User Mode Linux and QEMU without KVM name themselves so; their clocks and speeds say nothing of real hardware.
function isEmulated(facts: Readonly<Record<string, string>>): boolean {
  return (
    /user mode linux/i.test(`${facts['cpu/vendor']} ${facts['cpu/model']}`) ||
    /qemu virtual|tcg/i.test(facts['cpu/model'] ?? '')
  );
}
