import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { cpuBetween, parseProcStat } from '../../bench/site/cpu.ts';

const before = `cpu  30 0 30 0 0 0 0 0 0 0
cpu0 100 10 50 1000 20 5 7 3 0 0
cpu1 200 0 60 1100 0 0 9 0 0 0
intr 1`;
const after = `cpu  30 0 30 0 0 0 0 0 0 0
cpu0 140 20 70 1020 25 5 12 3 0 0
cpu1 200 0 60 1199 1 0 9 0 0 0
intr 2`;

describe('cpuBetween', () => {
  const cpu = cpuBetween('m', parseProcStat(before, 1000), parseProcStat(after, 2000));

  it('adds nice to user and iowait to idle', () => {
    expect(cpu).toMatchObject({
      cores: 2,
      wallSeconds: 1,
      userSeconds: 0.5,
      systemSeconds: 0.2,
      softirqSeconds: 0.05,
    });
    expect(cpu?.idleSeconds).toBeCloseTo(1.25);
  });

  it('tells each core’s busy and softirq share', () => {
    expect(cpu?.busyPerCore[0]).toBeCloseTo(0.75);
    expect(cpu?.busyPerCore[1]).toBe(0);
    expect(cpu?.softirqPerCore[0]).toBeCloseTo(0.05);
  });

  it('is undefined where a core came or went, or the clock stood still', () => {
    const one = parseProcStat('cpu0 1 1 1 1 1 1 1 1 0 0', 1500);
    expect(cpuBetween('m', parseProcStat(before, 1000), one)).toBeUndefined();
    expect(cpuBetween('m', parseProcStat(before, 1000), parseProcStat(after, 1000))).toBeUndefined();
  });

  it('never goes below zero where a counter ran backwards', () => {
    const back = cpuBetween('m', parseProcStat(after, 1000), parseProcStat(before, 2000));
    expect(back?.userSeconds).toBe(0);
  });
});

describe('parseProcStat', () => {
  it('reads this machine’s own', () => {
    expect(parseProcStat(readFileSync('/proc/stat', 'utf8'), 0).cores.length).toBeGreaterThan(0);
  });
  it.each(['', 'cpu 1 2 3', 'cpu0 1 2 x 4 5 6 7 8', 'cpu0 1 2'])('refuses %j', (text) => {
    expect(() => parseProcStat(text, 0)).toThrow();
  });
});
