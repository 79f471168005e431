import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { showHistory } from '../../bench/commands/history.ts';
import { renderHistoryTerminal, trend } from '../../reports/history-terminal.ts';
import { displayWidth } from '../../reports/text.ts';
import { history } from '../../results/history.ts';
import { summarise } from '../../results/summarise.ts';
import { caught } from '../fixtures/caught.ts';
import { gateRun, liveGateRun, writeGateRun } from '../fixtures/gate-runs.ts';

/** Fourteen nightly runs; macvlan becomes 10 % slower with the eighth. */
const nights = Array.from({ length: 14 }, (_, night) =>
  gateRun({
    id: `night-${String(night).padStart(2, '0')}`,
    seed: night + 1,
    blocks: 4,
    speed: 1 + (night % 3) / 10,
    worse: night < 7 ? 0 : 0.1,
    run: { startedAt: `2026-01-${String(night + 1).padStart(2, '0')}T00:00:00.000Z` },
  }),
);

let folder: string;
let references: string[];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tare-history-'));
  references = await Promise.all(nights.map((night) => writeGateRun(folder, night)));
});
afterAll(() => rm(folder, { recursive: true }));

describe('tare history', () => {
  it('finds the night on which a network became slower, and nothing else', async () => {
    const { code, out } = await caught((context) => showHistory(references, {}, context));
    expect(code).toBe(0);
    const text = out.replace(/\s+/g, ' ');
    expect(text).toMatch(/changed by −9(\.\d)? %,? worse at night-07, after night-06/);
    expect(text.match(/changed by/g)).toHaveLength(1);
    expect(out).toContain('same-host/macvlan');
    expect(out).not.toContain('transactions');
    expect(Math.max(...out.split('\n').map(displayWidth))).toBeLessThanOrEqual(100);
  });

  it('prints every metric and every change as JSON', async () => {
    const { out } = await caught((context) => showHistory(references, { json: true }, context));
    const { runs, metrics } = JSON.parse(out);
    expect(runs).toHaveLength(14);
    const macvlan = metrics.find(
      (each: { scenario: string; metric: string }) =>
        each.scenario === 'same-host/macvlan' && each.metric === 'goodput',
    );
    expect(macvlan.points).toHaveLength(14);
    expect(macvlan.changes).toMatchObject([{ run: 'night-07', previousRun: 'night-06' }]);
    expect(macvlan.changes[0].size).toBeCloseTo(0.1, 1);
    expect(metrics.some((each: { metric: string }) => each.metric === 'transactions')).toBe(true);
  });

  it('leaves out what does not belong in it, and says so', async () => {
    const unfinished = gateRun({ id: 'unfinished', seed: 30, blocks: 4, run: { state: 'interrupted' } });
    const live = liveGateRun({ id: 'live', seed: 31, blocks: 4 });
    const more = await Promise.all([unfinished, live].map((each) => writeGateRun(folder, each)));
    const { out } = await caught((context) => showHistory([references[0] as string, ...more], {}, context));
    expect(out).toContain('Left out: unfinished is interrupted, not finished.');
    expect(out).toContain('Left out: live is a live comparison of two arms.');
    expect(out).toContain('A trend needs at least two finished runs.');
  });
});

it('draws a trend from low to high, and a level one level', () => {
  const histories = history(nights.map((night) => summarise(night)));
  const macvlan = histories.find(
    (each) => each.scenario === 'same-host/macvlan' && each.metric === 'goodput',
  );
  if (!macvlan) throw new Error('no history of macvlan');
  const drawn = trend(macvlan);
  expect(drawn).toHaveLength(14);
  expect(drawn).toMatch(/^[▅▆▇█]{7}[▁▂▃▄]{7}$/);
  const level = { ...macvlan, points: macvlan.points.slice(0, 1) };
  expect(trend(level)).toBe('▄');
  expect(renderHistoryTerminal([], { runs: 0, warnings: [] }, { columns: 60, colour: false })).toContain(
    '0 runs',
  );
});
