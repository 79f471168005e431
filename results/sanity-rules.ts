import { oversizeOf } from './encapsulation.ts';
import { foreignLoadWarnings } from './foreign-load.ts';
import { loopbackMtuBytes } from './packet-size.ts';
import type { Fingerprint, RunRecord, Trial } from './schema.ts';
import { median } from './statistics/order.ts';
import { isMeasuredBlock, type MeasuredScenario, type RunSummary, type WorkloadSummary } from './summary.ts';
import { traitsOf, workloadTraitsOf } from './traits-of.ts';
import type { FoundWarning } from './warnings.ts';

/** A rule about a whole run: when to be suspicious. What to do about it is with the words of its code. */
export type SanityRule = (record: RunRecord, topologies: RunSummary['topologies']) => readonly FoundWarning[];

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

/** Every rule, under the code that its warnings have or begin with. */
export const sanityRules = {
  'link-saturated': (record, topologies) =>
    eachWorkload(topologies, 'cross-host', (scenario, workload) => {
      const goodput = medianOf(workload, 'goodput');
      const rate = lineRate(record.run.fingerprints);
      if (goodput === undefined || rate === undefined) return undefined;
      const share = goodput / (rate * payloadShare(scenario.pair?.mtuBytes ?? 1500));
      return share < saturatedShare
        ? undefined
        : { code: 'link-saturated', subject: ofWorkload(scenario, workload), share };
    }),
  'generator-bound': ({ run }, topologies) =>
    eachWorkload(topologies, undefined, (scenario, workload) => {
      // More than one stream may keep more than one core busy without being held up by any.
      if (!workloadTraitsOf(run.plan, workload.id).isOneConnection) return undefined;
      const busy = (['client', 'server'] as const).filter(
        (end) => (medianOf(workload, `cpu-${end}`) ?? 0) >= busyCoreShare,
      );
      return busy.length === 0
        ? undefined
        : { code: 'generator-bound', subject: ofWorkload(scenario, workload), ends: busy };
    }),
  'small-overlay-mtu': (record, topologies) =>
    scenariosOf(topologies, 'cross-host').flatMap((scenario) => {
      const underlayBytes = underlayMtu(record.run.fingerprints);
      const ownBytes = scenario.pair?.mtuBytes;
      if (!traitsOf(scenario.plan)?.encapsulates || underlayBytes === undefined || ownBytes === undefined)
        return [];
      if (underlayBytes < jumboBytes || ownBytes >= underlayBytes - overlayHeaderBytes) return [];
      return [{ code: 'small-overlay-mtu', subject: { scenario: scenario.id }, ownBytes, underlayBytes }];
    }),
  'overlay-fragments': ({ run, trials }, topologies) =>
    scenariosOf(topologies, 'cross-host').flatMap((scenario) => {
      const found = oversizeOf(
        scenario.plan,
        traitsOf(scenario.plan)?.encapsulates,
        scenario.pair?.mtuBytes,
        dataPathMtu(run.fingerprints),
      );
      if (found === undefined) return [];
      const own = trials.filter((trial) => trial.scenario === scenario.id);
      const sent = largest(own, 'client-fragments-sent');
      // Preflight may have foreseen it, and the record tells it already.
      const isTold = run.warnings.some(
        (each) =>
          each.code === 'oversize-packets' &&
          each.subject.scenario === scenario.id &&
          each.fullBytes === found.fullBytes &&
          each.underlayBytes === found.underlayBytes,
      );
      if (isTold && !sent) return [];
      return [
        {
          code: 'overlay-fragments',
          subject: { scenario: scenario.id },
          ...(!isTold && { oversize: found }),
          ...(sent && { fragments: sent.value }),
        },
      ];
    }),
  'unlike-mtu': (_, topologies) =>
    topologies.flatMap(({ topology, scenarios }) => {
      const sizes = scenarios.flatMap((scenario) =>
        scenario.status === 'unsupported' ? [] : mtuAsLaidOut(scenario),
      );
      if (new Set(sizes.map(({ bytes }) => bytes)).size < 2) return [];
      const networks = [...sizes]
        .sort((a, b) => b.bytes - a.bytes)
        .map(({ id, own }) => ({ name: id.slice(topology.length + 1), mtuBytes: own }));
      return [{ code: 'unlike-mtu', topology, networks }];
    }),
  'offload-signature': (_, topologies) =>
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
        code: 'offload-signature',
        subject: ofWorkload(scenario, workload),
        factor: base / goodput,
      };
    }),
  'conntrack-full': ({ run, trials }) =>
    ends.flatMap(([side, roles]) => {
      const limit = Number(
        run.fingerprints.find((each) => roles.includes(each.role))?.facts[
          'sysctl/net.netfilter.nf_conntrack_max'
        ],
      );
      const most = largest(trials, `${side}-conntrack-count`);
      if (most === undefined || !(limit > 0) || most.value / limit < fullTableShare) return [];
      const { scenario, workload } = most.trial;
      return [{ code: 'conntrack-full', subject: { scenario, workload }, side, share: most.value / limit }];
    }),
  'conntrack-drops': ({ trials }) =>
    ends.flatMap(([side]) => {
      const drops = largest(trials, `${side}-conntrack-drops`);
      if (!drops || drops.value <= 0) return [];
      const { scenario, workload } = drops.trial;
      return [{ code: 'conntrack-drops', subject: { scenario, workload }, side, packets: drops.value }];
    }),
  steal: (_, topologies) => {
    const loads = scenariosOf(topologies, undefined).flatMap((scenario) =>
      scenario.workloads.flatMap((workload) => workload.machines),
    );
    const share = Math.max(0, ...loads.map((load) => load.stealShare));
    return share >= notableSteal ? [{ code: 'steal', share }] : [];
  },
  'foreign-load': ({ run, trials }) => foreignLoadWarnings(run, trials.filter(isMeasuredBlock)),
  'old-iperf3': ({ run }) =>
    run.fingerprints.flatMap(({ engine, facts }) => {
      const version = /^(?:\d+:)?(\d+)\.(\d+)/.exec(facts['tool/iperf3'] ?? '');
      if (!version) return [];
      const [major, minor] = [Number(version[1]), Number(version[2])];
      const isOld = major < oldIperf3[0] || (major === oldIperf3[0] && minor < oldIperf3[1]);
      return isOld ? [{ code: 'old-iperf3', engine, version: `${major}.${minor}` }] : [];
    }),
  'esp-sequence': ({ trials }) =>
    ends.flatMap(([side]) => {
      const most = largest(trials, `${side}-esp-sequence`);
      if (!most || most.value < nearlyWornShare * espSequences) return [];
      const { scenario } = most.trial;
      return [{ code: 'esp-sequence', subject: { scenario }, side, share: most.value / espSequences }];
    }),
} as const satisfies Partial<Record<FoundWarning['code'], SanityRule>>;

/** What the rules find in a run. */
export function ruleWarnings(record: RunRecord, topologies: RunSummary['topologies']): FoundWarning[] {
  const rules: readonly SanityRule[] = Object.values(sanityRules);
  return rules.flatMap((look) => look(record, topologies));
}

const ofWorkload = ({ id: scenario }: MeasuredScenario, { id: workload }: WorkloadSummary) => ({
  scenario,
  workload,
});

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
  look: (scenario: MeasuredScenario, workload: WorkloadSummary) => FoundWarning | undefined,
): FoundWarning[] {
  return scenariosOf(topologies, topology).flatMap((scenario) =>
    scenario.workloads.flatMap((workload) => look(scenario, workload) ?? []),
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
