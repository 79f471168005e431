import { describe, expect, it } from 'vitest';
import { sanityRules } from '../../results/sanity-rules.ts';
import type { Fingerprint, OkTrial, PairFacts } from '../../results/schema.ts';
import { summarise } from '../../results/summarise.ts';
import type { RunSummary } from '../../results/summary.ts';
import { warningRemedies, warningText } from '../../results/warning-text.ts';
import { cpu, metric, okTrial, plan, readyScenario, run } from './results-builders.ts';

const host = 'cross-host/host';
const overlay = 'cross-host/overlay';

interface Situation {
  readonly facts?: Record<string, string>;
  readonly trials?: readonly Partial<OkTrial>[];
  readonly overlayMtu?: number;
}

function summaryOf({ facts = {}, trials = [], overlayMtu = 1450 }: Situation): RunSummary {
  const fingerprint = (role: Fingerprint['role'], engine: string): Fingerprint => ({
    engine,
    role,
    engineVersion: '28',
    apiVersion: '1.48',
    machine: engine,
    kernel: '6.12',
    emulated: false,
    imageId: 'sha256:1',
    facts: { 'underlay/interface': 'eth0', ...facts },
  });
  const pair = (scenario: string, mtuBytes: number): PairFacts => ({
    scenario,
    mtuBytes,
    serverAddress: '198.18.0.2',
    path: [],
  });
  const record = {
    run: run({
      plan: plan({
        scenarios: [readyScenario('cross-host', 'host', true), readyScenario('cross-host', 'overlay')],
        baselines: { 'cross-host': host },
      }),
      fingerprints: [fingerprint('cross-host-server', 'node-1'), fingerprint('cross-host-client', 'node-2')],
      pairs: [pair(host, 1500), pair(overlay, overlayMtu)],
    }),
    trials: trials.map((trial, order) => okTrial({ order, scenario: overlay, ...trial })),
  };
  return summarise(record);
}

const warningsOf = (situation: Situation) => summaryOf(situation).warnings.map(warningText);

const goodput = (bitsPerSecond: number) => metric('goodput', bitsPerSecond);
const ratio = { unit: 'ratio', better: 'neither' } as const;
const count = { unit: 'count', better: 'neither' } as const;

const witnessed = (counters: Record<string, number>): Partial<OkTrial> => ({
  witness: { verdict: 'proven', summary: '', checks: [], counters },
});

/** A trial of a second on two cores, in which the client's machine had other work as well. */
const loadedTrial = (share: number): Partial<OkTrial> => ({
  cpu: [cpu({ machine: 'node-2' })],
  foreignCpu: [
    {
      machine: 'node-2',
      share,
      cpuSeconds: share * 2,
      top: [
        { name: 'stress-ng', cpuSeconds: 1.7 },
        { name: 'sh', cpuSeconds: 0.5 },
        { name: 'cron', cpuSeconds: 0.01 },
      ],
    },
  ],
});

/** For each rule a situation that it has to find, with the words it finds, and one just short of it. */
const cases: Readonly<Record<string, { bad: Situation; says: string; good: Situation }>> = {
  'link-saturated': {
    // 1448 of 1538 bytes are payload on an MTU of 1500: 94.1 % of the line rate is all there is.
    bad: { facts: { 'speed/eth0': '10000' }, trials: [{ scenario: host, metrics: [goodput(9.1e9)] }] },
    says: 'tcp-stream on cross-host/host fills 97 % of what the link can carry',
    good: { facts: { 'speed/eth0': '10000' }, trials: [{ scenario: host, metrics: [goodput(8.9e9)] }] },
  },
  'generator-bound': {
    bad: { trials: [{ metrics: [goodput(1e9), metric('cpu-client', 0.97, ratio)] }] },
    says: 'tcp-stream on cross-host/overlay: the tool’s client kept a whole core busy',
    good: { trials: [{ metrics: [goodput(1e9), metric('cpu-client', 0.9, ratio)] }] },
  },
  'small-overlay-mtu': {
    bad: { facts: { 'mtu/eth0': '9000' }, trials: [{}], overlayMtu: 1450 },
    says: 'The underlay takes packets of 9000 bytes, but cross-host/overlay was made for 1450: it sends 6 packets',
    good: { facts: { 'mtu/eth0': '9000' }, trials: [{}], overlayMtu: 8950 },
  },
  'overlay-fragments': {
    bad: {
      facts: { 'mtu/eth0': '1400' },
      trials: [witnessed({ 'client-fragments-sent': 4000 })],
      overlayMtu: 1450,
    },
    says: 'Full packets of cross-host/overlay are 1450 bytes and 1500 with what surrounds them, more than the underlay’s 1400: every full packet is fragmented, unless the kernel has the sender make it smaller. Up to 4000 fragments left the client’s host',
    good: { facts: { 'mtu/eth0': '1400' }, trials: [{}], overlayMtu: 1350 },
  },
  'unlike-mtu': {
    bad: { trials: [{}], overlayMtu: 1300 },
    says: 'Networks of cross-host differ in MTU without having been asked to, so they send different numbers of packets: host has 1500, overlay has 1300.',
    good: { trials: [{}], overlayMtu: 1450 },
  },
  'offload-signature': {
    bad: {
      trials: [
        { scenario: host, metrics: [goodput(9e9)] },
        { metrics: [goodput(5e7), metric('retransmits', 400, count)] },
      ],
    },
    says: 'tcp-stream on cross-host/overlay is 180 times slower than the host and retransmits',
    good: {
      trials: [
        { scenario: host, metrics: [goodput(9e9)] },
        { metrics: [goodput(2e9), metric('retransmits', 400, count)] },
      ],
    },
  },
  'conntrack-full': {
    bad: {
      facts: { 'sysctl/net.netfilter.nf_conntrack_max': '1000' },
      trials: [witnessed({ 'client-conntrack-count': 900 })],
    },
    says: 'The connection table of the client’s host was 90 % full during tcp-stream on cross-host/overlay',
    good: {
      facts: { 'sysctl/net.netfilter.nf_conntrack_max': '1000' },
      trials: [witnessed({ 'client-conntrack-count': 700, 'client-conntrack-drops': 0 })],
    },
  },
  steal: {
    bad: { trials: [{ cpu: [cpu({ stealSeconds: 0.1 })] }] },
    says: 'The hypervisor took up to 5 % of the CPU time',
    good: { trials: [{ cpu: [cpu({ stealSeconds: 0.02 })] }] },
  },
  'foreign-load': {
    bad: { trials: [loadedTrial(0.45), loadedTrial(0.61), loadedTrial(0.2)] },
    says: 'Other programs took 45 % of the CPU of node-2 during the trials (median; 61 % at most): stress-ng 1.7 cores, sh 0.5.',
    good: { trials: [loadedTrial(0.04), loadedTrial(0.01)] },
  },
  'old-iperf3': {
    bad: { facts: { 'tool/iperf3': '3.12-1+deb12u1' } },
    says: 'iperf3 3.12 on node-1 has one thread for all streams',
    good: { facts: { 'tool/iperf3': '3.18-2+deb13u2' } },
  },
  'conntrack-drops': {
    bad: { trials: [witnessed({ 'server-conntrack-drops': 3 })] },
    says: 'Connection tracking on the server’s host dropped 3 packets',
    good: { trials: [witnessed({ 'server-conntrack-drops': 0 })] },
  },
  'esp-sequence': {
    bad: { trials: [witnessed({ 'server-esp-sequence': 4.1e9 })] },
    says: 'An IPsec state of the server’s host has used 95 % of its sequence numbers',
    good: { trials: [witnessed({ 'server-esp-sequence': 3e9 })] },
  },
};

describe('every rule', () => {
  it('is tested both ways', () => {
    expect(Object.keys(cases).sort()).toEqual(Object.keys(sanityRules).sort());
  });

  it.each(Object.keys(sanityRules) as (keyof typeof sanityRules)[])(
    '%s finds what it is for, says what to do, and is silent just short of it',
    (id) => {
      const { bad, says, good } = cases[id] as (typeof cases)[string];
      const found = warningsOf(bad).filter((text) => text.includes(says));
      expect(found, warningsOf(bad).join('\n')).toHaveLength(1);
      const remedy = warningRemedies[id];
      expect(found[0]?.endsWith(remedy)).toBe(true);
      expect(warningsOf(good).filter((text) => text.endsWith(remedy))).toEqual([]);
    },
  );

  it('is silent where its facts are missing', () => {
    expect(summaryOf({ trials: [{}] }).warnings.filter(({ code }) => code in sanityRules)).toEqual([]);
  });

  it('says nothing of a burst in one trial of many', () => {
    const quiet = Array.from({ length: 30 }, () => loadedTrial(0.01));
    expect(warningsOf({ trials: [loadedTrial(0.9), ...quiet] }).join()).not.toContain('Other programs');
  });

  it('names foreign load as the likely cause where rate and round trip disagree', () => {
    const loops = [
      metric('transactions', 5000, { unit: '1/s' }),
      metric('rtt-p50', 108e-6, { unit: 's', better: 'lower' }),
    ];
    const say = (share: number) => warningsOf({ trials: [{ ...loadedTrial(share), metrics: loops }] }).join();
    expect(say(0.45)).toContain(
      '0.54, and should be about 1; other programs took 45 % of the CPU in these trials',
    );
    expect(say(0.01)).toContain('one of the two does not measure what it says');
  });
});
