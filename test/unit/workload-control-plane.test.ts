import { describe, expect, it } from 'vitest';
import { controlPlaneOf } from '../../bench/pair/control-plane.ts';
import { controlPlane } from '../../bench/workloads/control-plane.ts';
import type { ControlPlane } from '../../bench/workloads/workload.ts';
import { trialReasonText } from '../../results/reason-text.ts';
import { testPair } from './workload-pair.ts';

const settings = { durationSeconds: 1, omitSeconds: 0, cores: 2, offeredBitsPerSecond: 1e8 };

/** An engine that keeps what was made, and fails where told. */
function engineWith(changes: Partial<ControlPlane>) {
  const made = { networks: new Set<string>(), attached: new Set<string>(), callers: new Set<string>() };
  let count = 0;
  const engine: ControlPlane = {
    hasNetwork: true,
    canAttach: true,
    async createNetwork() {
      const name = `twin-${count++}`;
      made.networks.add(name);
      return name;
    },
    async connect(network) {
      made.attached.add(network);
    },
    async disconnect(network) {
      if (!made.attached.delete(network)) throw new Error(`container is not connected to network ${network}`);
    },
    async removeNetwork(network) {
      if (!made.networks.delete(network)) throw new Error(`network ${network} not found`);
    },
    async createCaller() {
      const name = `caller-${count++}`;
      made.callers.add(name);
      return name;
    },
    startAndWait: async () => 0,
    async removeCaller(container) {
      made.callers.delete(container);
    },
    ...changes,
  };
  return { made, pair: { ...testPair, controlPlane: engine } };
}

const namesOf = async (changes: Partial<ControlPlane>) => {
  const { pair, made } = engineWith(changes);
  const outcome = await controlPlane.measure(pair, settings);
  expect([made.networks.size, made.attached.size, made.callers.size]).toEqual([0, 0, 0]);
  return outcome.type === 'measured'
    ? outcome.metrics.map(({ name }) => name)
    : trialReasonText(outcome.reason);
};

describe('control-plane', () => {
  it('times every operation where the client can be attached, and calls the slowest of five the slowest', async () => {
    expect(await namesOf({})).toEqual([
      ...['first-packet-p50', 'first-packet-max', 'network-create-p50', 'network-create-max'],
      ...['network-connect-p50', 'network-connect-max', 'network-disconnect-p50', 'network-disconnect-max'],
      ...['network-remove-p50', 'network-remove-max'],
    ]);
  });

  it('attaches nothing where the engine refuses that, and makes no network where none can be', async () => {
    const refusing = { connect: () => Promise.reject(new Error('never asked')) };
    expect(await namesOf({ canAttach: false, ...refusing })).toEqual([
      ...['first-packet-p50', 'first-packet-max', 'network-create-p50', 'network-create-max'],
      ...['network-remove-p50', 'network-remove-max'],
    ]);
    expect(await namesOf({ hasNetwork: false })).toEqual(['first-packet-p50', 'first-packet-max']);
  });

  it('tells the first failure, not one of cleaning up behind it', async () => {
    const connect = () => Promise.reject(new Error('cannot be connected to multiple networks'));
    expect(await namesOf({ connect })).toBe(
      'network-connect failed: cannot be connected to multiple networks',
    );
    const startAndWait = async () => 1;
    expect(await namesOf({ startAndWait })).toBe('first-packet failed: the container ended with 1');
    const createNetwork = () => Promise.reject(new Error('pool overlaps'));
    expect(await namesOf({ createNetwork })).toBe('network-create failed: pool overlaps');
  });

  it('knows by the client’s network what it can be attached to', () => {
    const canAttach = (clientNetwork: string) =>
      controlPlaneOf({ site: {}, client: { engine: {} }, clientNetwork, network: undefined } as never)
        .canAttach;
    expect(['host', 'container:abc', 'none', 'bridge', 'tare-net'].map(canAttach)).toEqual([
      ...[false, false, false],
      ...[true, true],
    ]);
  });
});
