import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  type Standstill,
  StandstillWatch,
  standstillReason,
  type TrialTimes,
} from '../../bench/run/standstill.ts';
import { parseIperf3 } from '../../bench/workloads/tools/iperf3-output.ts';
import { trialReasonText } from '../../results/reason-text.ts';

/** A machine whose clocks go as it is told. */
class Machine {
  awakeMillis = 1000;
  bootMillis: number | undefined = 5000;
  dayMillis = 1_700_000_000_000;

  readonly clocks = {
    awake: () => this.awakeMillis,
    sinceBoot: () => this.bootMillis,
    ofDay: () => this.dayMillis,
  };

  pass(seconds: number): void {
    this.awakeMillis += seconds * 1000;
    this.sleep(seconds);
  }

  sleep(seconds: number): void {
    if (this.bootMillis !== undefined) this.bootMillis += seconds * 1000;
    this.setClock(seconds);
  }

  setClock(seconds: number): void {
    this.dayMillis += seconds * 1000;
  }
}

describe('StandstillWatch', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }));
  afterEach(() => void vi.useRealTimers());

  /** Time that passes with the timer beating on time. */
  const goOn = (machine: Machine, beats: number) => {
    for (let beat = 0; beat < beats; beat += 1) {
      machine.pass(0.25);
      vi.advanceTimersByTime(250);
    }
  };

  it('finds nothing where time just passes', () => {
    const machine = new Machine();
    const watch = new StandstillWatch(machine.clocks);
    goOn(machine, 12);
    expect(watch.stop()).toEqual({ pausedSeconds: 0, sleptSeconds: 0, clockSetSeconds: 0 });
  });

  it.each([
    ['stopped process', (machine: Machine) => machine.pass(25), { pausedSeconds: 25 }],
    ['suspended machine', (machine: Machine) => machine.sleep(25), { sleptSeconds: 25 }],
    ['clock set ahead', (machine: Machine) => machine.setClock(25), { clockSetSeconds: 25 }],
    ['clock set back', (machine: Machine) => machine.setClock(-25), { clockSetSeconds: 25 }],
  ])('finds a %s', (_, happen, found) => {
    const machine = new Machine();
    const watch = new StandstillWatch(machine.clocks);
    goOn(machine, 4);
    happen(machine);
    goOn(machine, 4);
    expect(watch.stop()).toEqual({ pausedSeconds: 0, sleptSeconds: 0, clockSetSeconds: 0, ...found });
  });

  it('takes a jump of the time of day for sleep where no clock counts sleep', () => {
    const machine = new Machine();
    machine.bootMillis = undefined;
    const watch = new StandstillWatch(machine.clocks);
    machine.sleep(25);
    expect(watch.stop()).toMatchObject({ sleptSeconds: 25, clockSetSeconds: 0 });
  });

  it('finds a stop at the very end, before the timer has beaten again', () => {
    const machine = new Machine();
    const watch = new StandstillWatch(machine.clocks);
    machine.pass(25.25);
    expect(watch.stop().pausedSeconds).toBe(25);
  });
});

it('reads this machine’s own clocks alike', async () => {
  const watch = new StandstillWatch();
  await delay(300);
  const { sleptSeconds, clockSetSeconds } = watch.stop();
  expect(sleptSeconds).toBeLessThan(1);
  expect(clockSetSeconds).toBeLessThan(1);
});

describe('standstillReason', () => {
  const still: Standstill = { pausedSeconds: 0, sleptSeconds: 0, clockSetSeconds: 0 };
  const reasonOf = (change: Partial<TrialTimes>, maxStandstillSeconds: number | undefined = 3) =>
    standstillReason(maxStandstillSeconds === undefined ? {} : { maxStandstillSeconds }, {
      standstill: still,
      askedSeconds: 3,
      measuredSeconds: 3,
      wallSeconds: 3.4,
      endsByCount: false,
      ...change,
    });

  it.each([
    [{ standstill: { ...still, pausedSeconds: 25 } }, /^Tare stood still for 25\.0 s during the trial/],
    [{ standstill: { ...still, sleptSeconds: 25 } }, /^the machine slept for 25\.0 s .*the plan allows 3 s/],
    [{ standstill: { ...still, clockSetSeconds: 25 } }, /^the clock was set by 25\.0 s/],
    [{ measuredSeconds: 12 }, /^the tool measured for 12\.0 s where 3 s were asked for/],
    [{ wallSeconds: 26 }, /^the trial took 26\.0 s where 3 s were asked for/],
  ] satisfies [Partial<TrialTimes>, RegExp][])('%j does not count', (change, words) => {
    const reason = reasonOf(change);
    expect(reason && trialReasonText(reason)).toMatch(words);
  });

  it.each([
    {},
    // A machine that is busy ten times over: late beats, a slow start, a late end.
    { standstill: { ...still, pausedSeconds: 1.5 }, wallSeconds: 12, measuredSeconds: 4.5 },
    // A tool that measures in three phases.
    { wallSeconds: 9, measuredSeconds: undefined },
    // As many connections as they were, however long they took.
    { wallSeconds: 60, measuredSeconds: 40, endsByCount: true },
  ] satisfies Partial<TrialTimes>[])('%j counts', (change) => {
    expect(reasonOf(change)).toBeUndefined();
  });

  it('judges nothing by a plan that was made before there was the rule', () => {
    expect(
      standstillReason(
        {},
        {
          standstill: { ...still, pausedSeconds: 25 },
          askedSeconds: 3,
          wallSeconds: 30,
          endsByCount: false,
        },
      ),
    ).toBeUndefined();
  });
});

it('refuses a transfer that iperf3 spread over a stop', () => {
  const json = {
    start: { version: 'iperf 3.18', test_start: { protocol: 'TCP', num_streams: 1 } },
    end: {
      sum_sent: { seconds: 11, bytes: 1e9, retransmits: 0 },
      sum_received: { seconds: 11, bytes: 1e9 },
      cpu_utilization_percent: { host_total: 10, remote_total: 10 },
    },
  };
  const parsed = parseIperf3(JSON.stringify(json), { streams: 1, direction: 'forward' }, 3);
  expect(parsed).toMatchObject({ type: 'refused', reason: expect.stringContaining('stood still') });
});
