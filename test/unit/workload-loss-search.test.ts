import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Probe, searchLossBound } from '../../bench/workloads/loss-search.ts';

const options = { lossBound: 0.001, shortSeconds: 0.2, confirmSeconds: 1, floorBitsPerSecond: 1e6 };

/** A path that carries `capacity` and a sender that offers at most `ceiling`; whatever is beyond is lost. */
function path(capacity: number, ceiling: number) {
  const asked: { rate: number | undefined; seconds: number }[] = [];
  const probe = async (rate: number | undefined, seconds: number): Promise<Probe> => {
    asked.push({ rate, seconds });
    const sent = Math.min(rate ?? ceiling, ceiling);
    const received = Math.min(sent, capacity);
    return {
      type: 'measured',
      sentBitsPerSecond: sent,
      receivedBitsPerSecond: received,
      loss: 1 - received / sent,
    };
  };
  return { probe, asked };
}

describe('searchLossBound', () => {
  it('finds any capacity to within a tenth, from below', async () => {
    await fc.assert(
      fc.asyncProperty(fc.double({ min: 5e6, max: 9e8, noNaN: true }), async (capacity) => {
        const { probe, asked } = path(capacity, 1e9);
        const result = await searchLossBound(probe, options);
        expect(result.type).toBe('found');
        if (result.type !== 'found') return;
        expect(result.bitsPerSecond).toBeLessThanOrEqual(capacity);
        expect(result.bitsPerSecond).toBeGreaterThan(capacity * 0.9);
        expect(result.limitedBySender).toBe(false);
        expect(asked.at(-1)?.seconds).toBe(1);
        expect(asked.length).toBeLessThanOrEqual(15);
      }),
    );
  });

  it('says when the sender was the limit', async () => {
    const result = await searchLossBound(path(2e9, 1e9).probe, options);
    expect(result).toMatchObject({ type: 'found', bitsPerSecond: 1e9, limitedBySender: true });
  });

  it('steps down while the long probe contradicts the short ones', async () => {
    // Short probes flatter the path: they see 200 Mbit/s, long ones 160.
    const probe = async (rate: number | undefined, seconds: number) =>
      path(seconds < 1 ? 2e8 : 1.6e8, 1e9).probe(rate, seconds);
    const result = await searchLossBound(probe, options);
    expect(result.type === 'found' && result.bitsPerSecond).toBeLessThanOrEqual(1.6e8);
    expect(result.type === 'found' && result.bitsPerSecond).toBeGreaterThan(1.1e8);
  });

  it('repeats a probe that measured nothing, twice at most, and says so', async () => {
    const busy = 'iperf3: the server is busy running a test. try again later';
    const { probe: good } = path(2e8, 1e9);
    const hiccups = (count: number) => {
      let left = count;
      return (rate: number | undefined, seconds: number): Promise<Probe> =>
        left-- > 0 ? Promise.resolve({ type: 'failed', reason: busy, isHiccup: true }) : good(rate, seconds);
    };
    const patient = { ...options, pauseSeconds: 0 };
    expect(await searchLossBound(hiccups(2), patient)).toMatchObject({
      type: 'found',
      repeated: [busy, busy],
    });
    expect(await searchLossBound(hiccups(3), patient)).toEqual({
      type: 'failed',
      reason: busy,
      probes: 1,
      repeated: [busy, busy],
    });
  });

  it('gives up with a reason on a path that always drops, and passes a probe’s failure on', async () => {
    const drops = async (rate: number | undefined): Promise<Probe> => ({
      type: 'measured',
      sentBitsPerSecond: rate ?? 1e9,
      receivedBitsPerSecond: (rate ?? 1e9) * 0.9,
      loss: 0.1,
    });
    expect(await searchLossBound(drops, options)).toMatchObject({
      reason: expect.stringContaining('No rate held its loss to 0.1 %'),
    });
    const broken = async (): Promise<Probe> => ({ type: 'failed', reason: 'iperf3: no route' });
    expect(await searchLossBound(broken, options)).toEqual({
      type: 'failed',
      reason: 'iperf3: no route',
      probes: 1,
      repeated: [],
    });
  });
});
