import { fragmentation } from './encapsulation.ts';
import { percentText } from './figure-text.ts';
import { foreignLoadFindings } from './foreign-load.ts';
import { loopbackMtuBytes } from './packet-size.ts';
import type { Fingerprint, RunRecord, Trial } from './schema.ts';
import { median } from './statistics/order.ts';
import { isMeasuredBlock, type MeasuredScenario, type RunSummary, type WorkloadSummary } from './summary.ts';
import { traitsOf, workloadTraitsOf } from './traits-of.ts';
import type { SummaryWarning, WarningCode } from './warnings.ts';

/** What a rule found: the facts as a sentence, and about what. */
type Finding = Omit<SummaryWarning, 'code' | 'text'> & { readonly finding: string };

/** A rule about a whole run: when to be suspicious, and what to do about it. */
export interface SanityRule {
  /** The code of its warnings. */
  readonly id: WarningCode;
  /** What the person can do, as an imperative sentence. */
  readonly remedy: string;
  look(record: RunRecord, topologies: RunSummary['topologies']): readonly Finding[];
}

/** A link counts as saturated from this share of the payload that fits onto it. */
const saturatedShare = 0.95;
/** Bytes of Ethernet framing per packet: header, checksum, preamble, gap; and of IPv4 and TCP with time stamps. */
const framingBytes = 38;
const ipAndTcpBytes = 52;
/** A tool's process that keeps this share of a core busy can hardly go faster. */
const busyCoreShare = 0.95;
/** An overlay's MTU may be smaller than the underlay's by its headers, and a little. */
const overlayHeaderBytes = 100;
const jumboBytes = 2000;
/** An overlay that is slower than its baseline by this factor is broken rather than slow. */
const brokenFactor = 10;
const fullTableShare = 0.8;
const notableSteal = 0.02;
const oldIperf3 = [3, 16] as const;
const espSequences = 2 ** 32;
const nearlyWornShare = 0.9;

export const sanityRules: readonly SanityRule[] = [
  {
    id: 'link-saturated',
    remedy: 'Compare the CPU time per gigabyte instead, or measure over a faster link.',
    look: (record, topologies) =>
      eachWorkload(topologies, 'cross-host', (scenario, workload) => {
        const goodput = medianOf(workload, 'goodput');
        const rate = lineRate(record.run.fingerprints);
        if (goodput === undefined || rate === undefined) return undefined;
        const share = goodput / (rate * payloadShare(scenario.pair?.mtuBytes ?? 1500));
        if (share < saturatedShare) return undefined;
        return {
          finding: `${workload.id} on ${scenario.id} fills ${percentText(share)} of what the link can carry, so drivers tie there by the link and not by their cost.`,
        };
      }),
  },
  {
    id: 'generator-bound',
    remedy: 'Use several streams (tcp-stream-N), or read the figure as what one core can do.',
    look: ({ run }, topologies) =>
      eachWorkload(topologies, undefined, (scenario, workload) => {
        // More than one stream may keep more than one core busy without being held up by any.
        if (!workloadTraitsOf(run.plan, workload.id).isOneConnection) return undefined;
        const ends = (['client', 'server'] as const).filter(
          (end) => (medianOf(workload, `cpu-${end}`) ?? 0) >= busyCoreShare,
        );
        if (ends.length === 0) return undefined;
        return {
          finding: `${workload.id} on ${scenario.id}: the tool’s ${ends.join(' and ')} kept a whole core busy, so the tool and not the network may be the limit.`,
          variant: ends.join(),
        };
      }),
  },
  {
    id: 'small-overlay-mtu',
    remedy:
      'Give the overlay the underlay’s own MTU (--opt com.docker.network.driver.mtu): Docker takes the bytes of VXLAN and encryption off by itself. Or say that it was measured as shipped.',
    look: (record, topologies) =>
      scenariosOf(topologies, 'cross-host').flatMap((scenario) => {
        const underlay = underlayMtu(record.run.fingerprints);
        const own = scenario.pair?.mtuBytes;
        if (!traitsOf(scenario.plan)?.encapsulates || underlay === undefined || own === undefined) return [];
        if (underlay < jumboBytes || own >= underlay - overlayHeaderBytes) return [];
        return [
          {
            scenario: scenario.id,
            finding: `The underlay takes packets of ${underlay} bytes, but ${scenario.id} was made for ${own}: it sends ${Math.round(underlay / own)} packets where the host sends one.`,
          },
        ];
      }),
  },
  {
    id: 'overlay-fragments',
    remedy:
      'Give the overlay the underlay’s own MTU (--opt com.docker.network.driver.mtu), from which Docker takes the bytes around a packet off.',
    look: ({ run, trials }, topologies) =>
      scenariosOf(topologies, 'cross-host').flatMap((scenario) => {
        const text = fragmentation(
          scenario.plan,
          traitsOf(scenario.plan)?.encapsulates,
          scenario.pair?.mtuBytes,
          dataPathMtu(run.fingerprints),
        );
        if (text === undefined) return [];
        const own = trials.filter((trial) => trial.scenario === scenario.id);
        const sent = largest(own, 'client-fragments-sent');
        const counted = sent && fragmentsSeen(scenario.id, sent.value);
        // Preflight may have foreseen it, and the record has its words.
        const sentences = [run.warnings.includes(text) ? undefined : text, counted];
        const finding = sentences.filter((each) => each !== undefined).join(' ');
        const fragments = sent ? (sent.value > 0 ? 'seen' : 'none') : 'not-counted';
        const variant = `${sentences[0] === undefined ? 'told' : 'foreseen'}, ${fragments}`;
        return finding ? [{ scenario: scenario.id, variant, finding }] : [];
      }),
  },
  {
    id: 'unlike-mtu',
    remedy:
      'Compare networks of one MTU: set it for those that stand out (@mtu=N; the default bridge’s is the daemon’s `mtu`), or say that they were measured as shipped.',
    look: (_, topologies) =>
      topologies.flatMap(({ topology, scenarios }) => {
        const sizes = scenarios.flatMap((scenario) =>
          scenario.status === 'unsupported' ? [] : mtuAsLaidOut(scenario),
        );
        if (new Set(sizes.map(({ bytes }) => bytes)).size < 2) return [];
        const named = [...sizes].sort((a, b) => b.bytes - a.bytes);
        return [
          {
            finding: `Networks of ${topology} differ in MTU without having been asked to, so they send different numbers of packets: ${named.map(({ id, own }) => `${id.slice(topology.length + 1)} has ${own}`).join(', ')}.`,
          },
        ];
      }),
  },
  {
    id: 'offload-signature',
    remedy:
      'Look at `ethtool -k` of the underlay’s interface (in the fingerprint) and try once with tx-checksum-ip-generic or tx-udp_tnl-segmentation off.',
    look: (_, topologies) =>
      eachWorkload(topologies, 'cross-host', (scenario, workload) => {
        const baseline = topologies
          .find((each) => each.topology === 'cross-host')
          ?.scenarios.find((each): each is MeasuredScenario => each.isBaseline && each.status === 'ok')
          ?.workloads.find((each) => each.id === workload.id);
        const [goodput, base] = [medianOf(workload, 'goodput'), baseline && medianOf(baseline, 'goodput')];
        const retransmits = medianOf(workload, 'retransmits') ?? 0;
        if (!traitsOf(scenario.plan)?.encapsulates || goodput === undefined || base === undefined)
          return undefined;
        if (goodput * brokenFactor > base || retransmits === 0) return undefined;
        return {
          finding: `${workload.id} on ${scenario.id} is ${Math.round(base / goodput)} times slower than the host and retransmits: that looks like a faulty checksum or segmentation offload of VXLAN, not like its cost.`,
        };
      }),
  },
  {
    id: 'conntrack-full',
    remedy: 'Raise net.netfilter.nf_conntrack_max on that host, or measure with fewer connections.',
    look: ({ run, trials }) =>
      ends.flatMap(([side, roles]) => {
        const limit = Number(
          run.fingerprints.find((each) => roles.includes(each.role))?.facts[
            'sysctl/net.netfilter.nf_conntrack_max'
          ],
        );
        const most = largest(trials, `${side}-conntrack-count`);
        const drops = largest(trials, `${side}-conntrack-drops`);
        const full = most !== undefined && limit > 0 && most.value / limit >= fullTableShare;
        return [
          ...(full
            ? [
                {
                  scenario: most.trial.scenario,
                  workload: most.trial.workload,
                  variant: `${side}, full`,
                  finding: `The connection table of the ${side}’s host was ${percentText(most.value / limit)} full during ${most.trial.workload} on ${most.trial.scenario}.`,
                },
              ]
            : []),
          ...(drops && drops.value > 0
            ? [
                {
                  scenario: drops.trial.scenario,
                  workload: drops.trial.workload,
                  variant: `${side}, drops`,
                  finding: `Connection tracking on the ${side}’s host dropped ${drops.value} packets during one trial of ${drops.trial.workload} on ${drops.trial.scenario}.`,
                },
              ]
            : []),
        ];
      }),
  },
  {
    id: 'steal',
    remedy: 'Measure on a machine with cores of its own, or when its neighbours are quiet.',
    look: (_, topologies) => {
      const loads = scenariosOf(topologies, undefined).flatMap((scenario) =>
        scenario.workloads.flatMap((workload) => workload.machines),
      );
      const worst = Math.max(0, ...loads.map((load) => load.stealShare));
      return worst >= notableSteal
        ? [{ finding: `The hypervisor took up to ${percentText(worst)} of the CPU time from this machine.` }]
        : [];
    },
  },
  {
    id: 'foreign-load',
    remedy:
      'Stop them or measure when the machine is quiet; maxForeignCpuShare in bench.yaml sets such trials aside.',
    look: ({ run, trials }) =>
      foreignLoadFindings(run, trials.filter(isMeasuredBlock)).map((finding) => ({ finding })),
  },
  {
    id: 'old-iperf3',
    remedy: 'Build the toolbox image anew from Debian trixie or later, for both ends.',
    look: ({ run }) =>
      run.fingerprints.flatMap(({ engine, facts }) => {
        const version = /^(?:\d+:)?(\d+)\.(\d+)/.exec(facts['tool/iperf3'] ?? '');
        if (!version) return [];
        const [major, minor] = [Number(version[1]), Number(version[2])];
        const isOld = major < oldIperf3[0] || (major === oldIperf3[0] && minor < oldIperf3[1]);
        return isOld
          ? [
              {
                finding: `iperf3 ${major}.${minor} on ${engine} has one thread for all streams, so tcp-stream-N measures one core.`,
              },
            ]
          : [];
      }),
  },
  {
    id: 'esp-sequence',
    remedy: 'Let the swarm rotate its keys (restart the engines), and measure for a shorter time.',
    look: ({ trials }) =>
      ends.flatMap(([side]) => {
        const most = largest(trials, `${side}-esp-sequence`);
        if (!most || most.value < nearlyWornShare * espSequences) return [];
        return [
          {
            scenario: most.trial.scenario,
            variant: side,
            finding: `An IPsec state of the ${side}’s host has used ${percentText(most.value / espSequences)} of its sequence numbers; when they run out, traffic stops.`,
          },
        ];
      }),
  },
];

/** What the rules find in a run; each warning ends with what to do. */
export function ruleWarnings(record: RunRecord, topologies: RunSummary['topologies']): SummaryWarning[] {
  return sanityRules.flatMap((rule) =>
    rule.look(record, topologies).map(({ finding, ...about }) => ({
      code: rule.id,
      ...about,
      text: `${finding} ${rule.remedy}`,
    })),
  );
}

const ends: readonly (readonly ['server' | 'client', readonly Fingerprint['role'][]])[] = [
  ['server', ['same-host', 'cross-host-server']],
  ['client', ['cross-host-client']],
];

function scenariosOf(
  topologies: RunSummary['topologies'],
  topology: 'same-host' | 'cross-host' | undefined,
): MeasuredScenario[] {
  return topologies
    .filter((each) => topology === undefined || each.topology === topology)
    .flatMap((each) => each.scenarios)
    .filter((each): each is MeasuredScenario => each.status === 'ok');
}

function eachWorkload(
  topologies: RunSummary['topologies'],
  topology: 'same-host' | 'cross-host' | undefined,
  look: (
    scenario: MeasuredScenario,
    workload: WorkloadSummary,
  ) => Omit<Finding, 'scenario' | 'workload'> | undefined,
): Finding[] {
  return scenariosOf(topologies, topology).flatMap((scenario) =>
    scenario.workloads.flatMap((workload) => {
      const finding = look(scenario, workload);
      return finding === undefined ? [] : [{ scenario: scenario.id, workload: workload.id, ...finding }];
    }),
  );
}

function medianOf(workload: WorkloadSummary, metric: string): number | undefined {
  return workload.metrics.find((each) => each.name === metric)?.median;
}

/** The slower of the two ends' links in bit/s; undefined unless the kernel knows both. */
function lineRate(fingerprints: readonly Fingerprint[]): number | undefined {
  const rates = fingerprints
    .filter((each) => each.role !== 'same-host')
    .map((each) => Number(each.facts[`speed/${each.facts['underlay/interface']}`]) * 1e6);
  return rates.length === 2 && rates.every((rate) => rate > 0) ? Math.min(...rates) : undefined;
}

/** Share of a link's bits that is TCP payload, at a given MTU in bytes. */
function payloadShare(mtuBytes: number): number {
  return (mtuBytes - ipAndTcpBytes) / (mtuBytes + framingBytes);
}

function underlayMtu(fingerprints: readonly Fingerprint[]): number | undefined {
  const sizes = fingerprints
    .filter((each) => each.role !== 'same-host')
    .map((each) => Number(each.facts[`mtu/${each.facts['underlay/interface']}`]))
    .filter((size) => size > 0);
  return sizes.length > 0 ? median(sizes) : undefined;
}

function fragmentsSeen(scenario: string, most: number): string {
  return most > 0
    ? `Up to ${most} fragments left the client’s host in a trial of ${scenario}.`
    : `No fragment left the client’s host in a trial of ${scenario}: the kernel had the sender make its packets smaller.`;
}

function dataPathMtu(fingerprints: readonly Fingerprint[]): number | undefined {
  const sizes = fingerprints
    .filter((each) => each.role !== 'same-host')
    .map(({ facts }) => Number(facts[`mtu/${facts['data-path/interface'] ?? facts['underlay/interface']}`]))
    .filter((size) => size > 0);
  return sizes.length > 0 ? Math.min(...sizes) : undefined;
}

/**
 * A network's MTU, and what it would be without encapsulation: an overlay that is smaller by just that is as it must be.
 * Nothing where it was asked for, or where packets stay on loopback and are no network's.
 */
function mtuAsLaidOut({ id, plan, pair }: MeasuredScenario): { id: string; own: number; bytes: number }[] {
  const own = pair?.mtuBytes;
  if (own === undefined || own >= loopbackMtuBytes || plan.options.mtu !== undefined) return [];
  const { bytes: around = 0, mtuMultipleOf = 1 } = traitsOf(plan)?.encapsulates ?? {};
  return [{ id, own, bytes: Math.ceil((own + around) / mtuMultipleOf) * mtuMultipleOf }];
}

function largest(trials: readonly Trial[], counter: string): { value: number; trial: Trial } | undefined {
  let most: { value: number; trial: Trial } | undefined;
  for (const trial of trials) {
    const value = trial.status === 'failed' ? undefined : trial.witness?.counters[counter];
    if (value !== undefined && (!most || value > most.value)) most = { value, trial };
  }
  return most;
}
