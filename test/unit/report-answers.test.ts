import { describe, expect, it } from 'vitest';
import { type SyntheticOptions, syntheticRun } from '../../bench/studies/synthetic/run.ts';
import { answers } from '../../reports/answers.ts';
import { rankAll } from '../../reports/ranking.ts';
import { advise } from '../../results/advice.ts';
import { summarise } from '../../results/summarise.ts';
import type { MeasuredScenario } from '../../results/summary.ts';
import { costsAtMost, tiedWithFirst } from '../../results/ties.ts';

const sameHost = ['same-host/host', 'same-host/container', 'same-host/bridge', 'same-host/bridge-default'];

function summaryOf(options: SyntheticOptions) {
  return summarise(
    syntheticRun({ blocks: 8, workloads: ['tcp-stream', 'tcp-rr'], unsupported: [], ...options }),
  );
}

function cheapest(options: SyntheticOptions) {
  const summary = summaryOf(options);
  return answers(summary, rankAll(summary)).find(({ question }) => question.startsWith('Cheapest'));
}

describe('the cheapest network, as a report answers it', () => {
  it('is several where their trials side by side are not told apart, and says what none costs more than', () => {
    const answer = cheapest({ scenarios: sameHost });
    expect(answer?.answer).toMatch(/^Two networks tie; none is below −\d+\u00a0%$/);
    expect(answer?.detail).toMatch(
      /^(bridge and bridge-default|bridge-default and bridge) can’t be told apart/,
    );
  });

  it('is the one that is cheaper than each other, and shares no stack', () => {
    const answer = cheapest({
      scenarios: [...sameHost, 'same-host/bridge-proxy'],
      slowdowns: { 'same-host/bridge': 3 },
    });
    expect(answer?.answer).toBe('bridge-default');
    expect(answer?.detail).toContain('Cheaper than each other network');
  });

  it('is never a variant by options, however cheap', () => {
    const variant = 'same-host/bridge@networks=2';
    const answer = cheapest({
      scenarios: [...sameHost, variant],
      slowdowns: { 'same-host/bridge': 2, 'same-host/bridge-default': 2.5 },
    });
    expect(answer?.answer).toBe('bridge');
    expect(JSON.stringify(answer)).not.toContain('@');
    const alone = cheapest({ scenarios: ['same-host/host', variant] });
    expect(alone?.answer).toBe('not measured in this run');
  });

  it('is nobody where one comparison each tells nothing apart', () => {
    const answer = cheapest({ scenarios: sameHost, blocks: 1 });
    expect(answer?.answer).toBe('Two networks tie');
    expect(answer?.detail).toContain('one comparison each');
  });

  it('agrees with the advice about who ties', () => {
    const summary = summaryOf({ scenarios: sameHost });
    const advice = advise(summary, ['isolation'], 'throughput', []);
    expect(
      advice.networks
        .filter(({ isTied }) => isTied)
        .map(({ scenario }) => scenario)
        .sort(),
    ).toEqual(['same-host/bridge', 'same-host/bridge-default']);
    expect(advice.tiedCostAtMost).toBeGreaterThan(0);
  });
});

describe('ties', () => {
  it('go by differences side by side, which are told apart where intervals against the baseline overlap', () => {
    const summary = summaryOf({
      scenarios: sameHost,
      blocks: 30,
      slowdowns: { 'same-host/bridge-default': 1.04 },
    });
    const contenders = (summary.topologies[0]?.scenarios ?? [])
      .filter((each): each is MeasuredScenario => each.status === 'ok' && !each.isBaseline)
      .flatMap(({ workloads }) => workloads.filter(({ id }) => id === 'tcp-stream'))
      .flatMap(({ metrics }) => metrics.slice(0, 1))
      .map((metric) => ({ metric, isBaseline: false }))
      .sort((a, b) => (a.metric.overhead?.estimate ?? 0) - (b.metric.overhead?.estimate ?? 0));
    expect(tiedWithFirst(contenders).length).toBeLessThan(contenders.length);
    expect(tiedWithFirst([])).toEqual([]);
    expect(costsAtMost([])).toBeUndefined();
  });
});

describe('how sure that is', () => {
  it('tells the noise floor of half the networks, and of the quietest and the loudest by name', () => {
    const summary = summaryOf({ scenarios: [...sameHost, 'same-host/bridge-proxy'] });
    const sure = answers(summary, rankAll(summary)).find(({ question }) => /sure/.test(question));
    expect(sure?.detail).toMatch(/same host [\d.]+\s% \([\d.]+\s% of [\w-]+ to [\d.]+\s% of [\w-]+\)/);
  });
});
