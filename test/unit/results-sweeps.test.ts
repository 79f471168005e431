import { describe, expect, it } from 'vitest';
import type { OkTrial, ScenarioPlan } from '../../results/schema.ts';
import { summarise } from '../../results/summarise.ts';
import { sweepsOf } from '../../results/sweeps.ts';
import { metric, okTrial, plan, readyScenario, run } from './results-builders.ts';

const workloads = [64, 1024].map((size) => ({
  id: `tcp-stream@size=${size}`,
  durationSeconds: 1,
  omitSeconds: 0,
}));

/** Chains B S B, `blocks` of them, for each workload; the network carries `share` of the host. */
function trialsOf(ids: readonly string[], scenario: string, blocks: number, share: number): OkTrial[] {
  let order = 0;
  const trials: OkTrial[] = [];
  for (let block = 0; block < blocks; block++) {
    ids.forEach((workload, chain) => {
      const size = Number(workload.split('=')[1] ?? 1000);
      for (const id of ['same-host/host', scenario, 'same-host/host']) {
        const goodput = size * 1e6 * (1 + block / 100) * (id === scenario ? share : 1);
        trials.push(
          okTrial({
            block,
            chain,
            order: order++,
            workload,
            scenario: id,
            metrics: [metric('goodput', goodput)],
          }),
        );
      }
    });
  }
  return trials;
}

describe('sweepsOf', () => {
  it('gives a line per scenario over the sizes, with intervals and the cost at each point', () => {
    const trials = trialsOf(
      workloads.map(({ id }) => id),
      'same-host/bridge',
      6,
      0.5,
    );
    const [sweep, ...others] = sweepsOf(summarise({ run: run({ plan: plan({ workloads }) }), trials }));
    expect(others).toEqual([]);
    expect(sweep).toMatchObject({
      setting: 'size',
      workload: 'tcp-stream',
      metric: 'goodput',
      unit: 'bit/s',
    });
    expect(sweep?.lines.map(({ scenario, isBaseline }) => [scenario, isBaseline])).toEqual([
      ['same-host/host', true],
      ['same-host/bridge', false],
    ]);
    const bridge = sweep?.lines[1]?.points ?? [];
    expect(bridge.map(({ at }) => at)).toEqual([64, 1024]);
    for (const { value, low, high, overhead, at } of bridge) {
      expect(value).toBeGreaterThan(at * 0.5e6);
      expect(low).toBeLessThan(value);
      expect(high).toBeGreaterThan(value);
      expect(overhead).toBeCloseTo(1, 6);
    }
  });

  it('has no interval where a single trial counts', () => {
    const trials = trialsOf(
      workloads.map(({ id }) => id),
      'same-host/bridge',
      1,
      0.5,
    );
    const [sweep] = sweepsOf(summarise({ run: run({ plan: plan({ workloads }) }), trials }));
    expect(sweep?.lines[1]?.points[0]).not.toHaveProperty('low');
  });

  it('takes scenarios that differ in their MTU alone as one line, the baseline level beside it', () => {
    const scenarios: ScenarioPlan[] = [
      readyScenario('same-host', 'host', true),
      ...['1280', '9000'].map((mtu) => ({
        ...readyScenario('same-host', 'bridge'),
        id: `same-host/bridge@ipv6,mtu=${mtu}`,
        options: { ipv6: 'true', mtu },
      })),
    ];
    const trials = ['1280', '9000'].flatMap((mtu) =>
      trialsOf(['tcp-stream'], `same-host/bridge@ipv6,mtu=${mtu}`, 2, Number(mtu) / 1e4),
    );
    const [sweep] = sweepsOf(summarise({ run: run({ plan: plan({ scenarios }) }), trials }));
    expect(sweep).toMatchObject({ setting: 'mtu', workload: 'tcp-stream' });
    expect(sweep?.lines.map(({ scenario }) => scenario)).toEqual(['same-host/host', 'same-host/bridge@ipv6']);
    const [host, bridge] = sweep?.lines ?? [];
    expect(host?.points[0]?.value).toBe(host?.points[1]?.value);
    expect(bridge?.points.map(({ at }) => at)).toEqual([1280, 9000]);
  });

  it('finds none in a run without points', () => {
    const trials = trialsOf(['tcp-stream'], 'same-host/bridge', 2, 0.5);
    expect(sweepsOf(summarise({ run: run(), trials }))).toEqual([]);
  });
});
