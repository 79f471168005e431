import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Pair, provisionPair } from '../../bench/pair/pair.ts';
import { newRunId, type OpenSite, openSite } from '../../bench/site/open-site.ts';
import { SubnetPool } from '../../bench/site/subnets.ts';
import { startServers } from '../../bench/workloads/readiness.ts';
import { workloadById } from '../../bench/workloads/registry.ts';
import { parseScenarioId, type Scenario } from '../../results/scenario.ts';

let site: OpenSite;
let pool: SubnetPool;
beforeAll(async () => {
  site = await openSite(
    { engines: [], labNodes: undefined, listener: () => undefined },
    newRunId(new Date()),
  );
  pool = await SubnetPool.of(site);
});
afterAll(() => site.close());

async function onPair(id: string, act: (pair: Pair) => Promise<void>): Promise<void> {
  const scenario = parseScenarioId(id) as Scenario;
  const pair = await provisionPair(site, pool, scenario);
  try {
    await act(pair);
  } finally {
    await pair.remove();
  }
}

async function goodput(pair: Pair): Promise<number> {
  const workload = workloadById('tcp-stream');
  if (!workload) throw new Error('there is no tcp-stream');
  await startServers(pair, [workload]);
  const settings = { durationSeconds: 1, omitSeconds: 0, cores: 2, offeredBitsPerSecond: 1e8 };
  const outcome = await workload.measure(pair, settings);
  if (outcome.type === 'failed') throw new Error(JSON.stringify(outcome.reason));
  return outcome.metrics.find((metric) => metric.name === 'goodput')?.value ?? Number.NaN;
}

const rulesOf = async (pair: Pair) =>
  (await pair.serverSide.probe.shell('(iptables-nft -w -S; iptables-legacy -w -S) 2>/dev/null'))
    .split('\n')
    .filter((line) => line.includes('TARE-'));

it('filter rules stand in the path of the pair’s packets and go with the pair', async () => {
  let left: Pair | undefined;
  await onPair('same-host/bridge@rules=300', async (pair) => {
    left = pair;
    const rules = await rulesOf(pair);
    expect(rules.filter((line) => line.startsWith('-A TARE-'))).toHaveLength(300);
    expect(await goodput(pair)).toBeGreaterThan(0);
  });
  expect(await rulesOf(left as Pair)).toEqual([]);
});

it('offloads are off where they were to be turned off, and only there', async () => {
  const features = async (pair: Pair) =>
    (await pair.client.run(['ethtool', '-k', 'eth0'], { deadlineSeconds: 10 })).stdout;
  await onPair('same-host/bridge@without=gso+tso', async (pair) => {
    expect(await features(pair)).toMatch(/tcp-segmentation-offload: off/);
    expect(await features(pair)).toMatch(/generic-segmentation-offload: off/);
  });
  await onPair('same-host/bridge', async (pair) => {
    expect(await features(pair)).toMatch(/tcp-segmentation-offload: on/);
  });
});

it('a token bucket bounds the goodput', async () => {
  await onPair('same-host/bridge@rate=200M', async (pair) => {
    const measured = await goodput(pair);
    // The bucket's own 131,072 bytes and what the queue holds come on top of one second's 200 Mbit.
    expect(measured).toBeLessThan(225e6);
    expect(measured).toBeGreaterThan(20e6);
  });
});

it('a CPU quota holds the server back', async () => {
  let free = 0;
  await onPair('same-host/bridge', async (pair) => {
    free = await goodput(pair);
  });
  await onPair('same-host/bridge@cpus=0.1', async (pair) => {
    expect(await goodput(pair)).toBeLessThan(free / 2);
  });
});
