import { describe, expect, it } from 'vitest';
import { resolveConfig } from '../../bench/config/config.ts';
import type { Flags } from '../../bench/config/flags.ts';
import { profiles } from '../../bench/config/profiles.ts';
import { makeLiveWish, makePlan, makeWish } from '../../bench/plan/make-plan.ts';
import { workloads } from '../../bench/workloads/registry.ts';

const everyBlocks = (flags: Flags): Record<string, number> => {
  const config = resolveConfig(flags);
  const plan = makePlan(makeWish(config), config, () => ({ type: 'ready' }), 1);
  return Object.fromEntries(plan.workloads.map((each) => [each.id, each.everyBlocks ?? 1]));
};

describe('the profile gate', () => {
  it('measures as many blocks as fit ten minutes, fewer the more networks gate', () => {
    const blocks = (scenarios: string[]): number => {
      const config = resolveConfig({ profile: 'gate', scenarios });
      return makePlan(makeWish(config), config, () => ({ type: 'ready' }), 1).blocks;
    };
    const [two, many] = [blocks(['same-host/bridge', 'cross-host/overlay']), blocks(['*'])];
    expect(two).toBeGreaterThan(25);
    expect(two).toBeLessThanOrEqual(60);
    expect(many).toBe(profiles.gate.blocks);
  });
});

describe('occasional workloads', () => {
  it('are part of the standard profile, which so covers most workloads', () => {
    const planned = everyBlocks({ profile: 'standard' });
    expect(planned).toMatchObject({ 'tcp-stream': 1, 'rtt-open': 1, dns: 3, 'udp-load': 3 });
    expect(Object.keys(planned).length).toBeGreaterThan(workloads.length / 2);
    expect(profiles.standard.blocks / profiles.standard.blocksPerGeneration).toBe(2);
  });

  it('come with workloads of one’s own only where they are named', () => {
    expect(everyBlocks({ profile: 'standard', workloads: ['tcp-rr'] })).toEqual({ 'tcp-rr': 1 });
    const named = { workloads: ['tcp-rr'], occasional: ['tcp-*rr', 'tcp-stream@size=64'] };
    expect(everyBlocks(named)).toEqual({ 'tcp-rr': 1, 'tcp-crr': 4, 'tcp-stream@size=64': 4 });
  });

  it('have no place in a live comparison, which looks after any block', () => {
    const arms = { base: ['same-host/bridge'], head: ['same-host/bridge'] };
    expect(makeLiveWish(resolveConfig({ profile: 'standard' }), arms).occasional).toEqual([]);
    expect(() => makeLiveWish(resolveConfig({ occasional: ['dns'] }), arms)).toThrow(
      /every workload in every block/,
    );
  });
});
