import { execa } from 'execa';
import type { SiteEngine } from '../site/site.ts';
import { parseFills } from '../workloads/connection-headroom.ts';
import type { TableFills } from '../workloads/workload.ts';
import type { StartedEnd, StartedWiring } from './started.ts';

/** How to print each figure that a fill is made of, where the reader stands in the namespace itself. */
const ownFigures = {
  sockets: 'cat /proc/net/sockstat',
  timeWaitLimit: 'cat /proc/sys/net/ipv4/tcp_max_tw_buckets',
  tracked: 'cat /proc/sys/net/netfilter/nf_conntrack_count',
  trackedLimit: 'cat /proc/sys/net/netfilter/nf_conntrack_max',
};

/**
 * The same for a namespace that the process `pid` is in, read from outside. Settings of another namespace can't be read
 * so; both limits are the same in every namespace that nobody changed, and Tare changes none.
 */
const figuresOf = (pid: number): typeof ownFigures => ({
  ...ownFigures,
  sockets: `cat /proc/${pid}/net/sockstat`,
  // First column of the second line, in hexadecimal: entries of this namespace.
  tracked: `{ read x; read n x; echo $((0x$n)); } </proc/${pid}/net/stat/nf_conntrack`,
});

const script = (figures: Readonly<Record<string, string>>) =>
  Object.entries(figures)
    .map(([name, command]) => `echo '==> ${name} <=='; ${command}`)
    .join('; ');

interface Place {
  readonly where: string;
  readonly side: SiteEngine | 'this machine';
  readonly pid?: number;
}

/**
 * Reads how full the connection tables of both ends and their hosts are, through the shells that stay open in the
 * probes: starting a program in a container would cost a trial a third of a second.
 */
export function tableFillsOf(
  wiring: StartedWiring,
  sides: { readonly server: SiteEngine; readonly client: SiteEngine },
): () => Promise<readonly TableFills[]> {
  let places: Promise<readonly Place[]> | undefined;
  return async () => {
    places ??= placesOf(wiring, sides);
    return Promise.all((await places).map(read));
  };
}

async function placesOf(
  wiring: StartedWiring,
  { server, client }: { readonly server: SiteEngine; readonly client: SiteEngine },
): Promise<readonly Place[]> {
  const hosts = [...new Set([server, client])].map((side) => ({
    where: `the host of ${side.engine.name}`,
    side,
  }));
  const ends = await Promise.all([placeOf(wiring.server, server), placeOf(wiring.client, client)]);
  return [...hosts, ...ends.flatMap((place) => place ?? [])];
}

/** Where an end has tables of its own; one on host networking has its host's. */
async function placeOf(end: StartedEnd, side: SiteEngine): Promise<Place | undefined> {
  if (end.type === 'bare') return { where: 'this machine', side: 'this machine' };
  const { container } = end;
  const { State, HostConfig } = await container.engine.docker.getContainer(container.id).inspect();
  if (HostConfig.NetworkMode === 'host' || State.Pid <= 0) return undefined;
  return { where: container.name, side, pid: State.Pid };
}

async function read({ where, side, pid }: Place): Promise<TableFills> {
  if (side === 'this machine') {
    const { stdout } = await execa('sh', ['-c', script(ownFigures)], { reject: false });
    return { where, fills: parseFills(stdout) };
  }
  const printed = await side.probe.read(script(pid === undefined ? ownFigures : figuresOf(pid)));
  return { where, fills: parseFills(printed) };
}
