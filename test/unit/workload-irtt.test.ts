import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  irttArgv,
  irttServer,
  measureIrtt,
  parseIrtt,
  roundTripsOfDue,
} from '../../bench/workloads/tools/irtt.ts';
import { percentileNanoseconds, sampleCount } from '../../results/statistics/histogram.ts';
import { mangled } from './workload-mangle.ts';
import { endedWell, scripted, testPair } from './workload-pair.ts';

const read = (name: string) =>
  readFileSync(new URL(`../fixtures/tools/irtt/${name}`, import.meta.url), 'utf8');
const trips = (name: string): { delay: { rtt?: number } }[] => JSON.parse(read(name)).round_trips;

function parsed(text: string) {
  const found = parseIrtt(text);
  if (found.type === 'refused') throw new Error(found.reason);
  return { ...found, values: Object.fromEntries(found.metrics.map((metric) => [metric.name, metric.value])) };
}

describe('parseIrtt', () => {
  it('gives full round trips in seconds', () => {
    const rtts = trips('good.json').map((trip) => trip.delay.rtt ?? Number.NaN);
    const { values, transactions } = parsed(read('good.json'));
    expect(transactions).toBe(rtts.length);
    expect(values['rtt-min']).toBeCloseTo(Math.min(...rtts) / 1e9, 9);
    expect(values.loss).toBe(0);
  });

  it('shows a stalled server in the tail: requests went on falling due', () => {
    const { histogram } = parsed(read('stalled.json'));
    // Of about 200 requests, some 40 fell due in the 0.2 s; a closed loop would have had one late answer.
    expect(percentileNanoseconds(histogram as never, 0.999)).toBeGreaterThan(0.19e9);
    expect(percentileNanoseconds(histogram as never, 0.9)).toBeGreaterThan(0.05e9);
    expect(percentileNanoseconds(histogram as never, 0.5)).toBeLessThan(0.01e9);
  });

  it('counts lost requests as loss and not as round trips', () => {
    const all = trips('lossy.json');
    const lost = all.filter((trip) => trip.delay.rtt === undefined).length;
    const { values, transactions } = parsed(read('lossy.json'));
    expect(lost).toBeGreaterThan(5);
    expect(values.loss).toBeCloseTo(lost / all.length, 9);
    expect(transactions).toBe(all.length - lost);
  });

  it('says in a sentence why there is no figure', async () => {
    expect(parseIrtt(read('good.json').slice(0, 5000))).toMatchObject({
      reason: "irtt's output is not whole JSON.",
    });
    expect(parseIrtt('{}')).toMatchObject({
      reason: expect.stringContaining('not what it has to be at version'),
    });
    const none = JSON.parse(read('good.json'));
    none.round_trips = none.round_trips.map((trip: object) => ({ ...trip, lost: 'true', delay: {} }));
    expect(parseIrtt(JSON.stringify(none))).toMatchObject({
      reason: expect.stringMatching(/^All \d+ requests were lost/),
    });
    const client = scripted(() => ({ ...endedWell, exitCode: 1, stderr: read('refused.out') }));
    const outcome = await measureIrtt({ ...testPair, client }, { durationSeconds: 1 });
    expect(outcome).toMatchObject({
      type: 'failed',
      reason: { code: 'tool-broke', exitCode: 1, said: expect.stringContaining('connection refused') },
    });
  });

  it('keeps the raw output without its list of round trips', async () => {
    const client = scripted(() => ({ ...endedWell, stdout: read('good.json') }));
    const outcome = await measureIrtt({ ...testPair, client }, { durationSeconds: 0.2 });
    expect(outcome.type).toBe('measured');
    expect(JSON.parse(outcome.raw)).toMatchObject({ version: { irtt: '0.9.0' }, round_trips: [] });
  });

  it('never throws and never yields a figure that is not finite', () => {
    fc.assert(
      fc.property(mangled(read('good.json')), (text) => {
        const found = parseIrtt(text);
        if (found.type === 'refused') expect(found.reason.length).toBeGreaterThan(10);
        else
          for (const metric of found.metrics) expect(Number.isFinite(metric.value), metric.name).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});

describe('roundTripsOfDue', () => {
  it('fills up the client’s own stall with the requests that fell due in it', () => {
    const sends = [0, 2, 4, 14, 16].map((at) => ({ sentNanoseconds: at, rttNanoseconds: 1 }));
    expect(roundTripsOfDue(sends, 2)).toEqual({ latencies: [1, 1, 1, 9, 7, 5, 3, 1, 1], filledIn: 4 });
  });

  it('leaves a timer’s grain alone', () => {
    const sends = [0, 2.4, 5, 8.9, 11].map((at) => ({ sentNanoseconds: at, rttNanoseconds: 1 }));
    expect(roundTripsOfDue(sends, 2).filledIn).toBe(0);
  });

  it('never loses an answered request, and accounts for the whole time', () => {
    const gaps = fc.array(fc.nat({ max: 40 }), { minLength: 2, maxLength: 60 });
    fc.assert(
      fc.property(gaps, (between) => {
        const sends = between.map((_, index) => ({
          sentNanoseconds: between.slice(0, index).reduce((sum, gap) => sum + gap, 0),
          rttNanoseconds: 1,
        }));
        const { latencies, filledIn } = roundTripsOfDue(sends, 2);
        expect(latencies).toHaveLength(sends.length + filledIn);
        expect(Math.min(...latencies)).toBe(1);
      }),
    );
  });
});

describe('irtt’s commands', () => {
  it('bracket IPv6 addresses', () => {
    const six = { ...testPair, serverAddress: 'fd98::1', listenAddress: '::' };
    expect(irttArgv(six, 1).at(-1)).toBe('[fd98::1]:40005');
    expect(irttServer(six).argv.at(-1)).toBe('[::]:40005');
  });

  it('have a histogram of all samples', () => {
    const { histogram, transactions } = parsed(read('good.json'));
    expect(histogram && sampleCount(histogram)).toBeGreaterThanOrEqual(transactions ?? 0);
  });
});
