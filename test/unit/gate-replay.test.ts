import { expect, it } from 'vitest';
import { readTrace, replay } from '../../bench/studies/gate/replay.ts';
import { defaultGateOptions } from '../../results/gate.ts';

const trace = readTrace('test/fixtures/traces/same-host-bridge.ndjson');

it('the trace is one long run of one configuration', async () => {
  const { blocks, trials } = await trace;
  expect(blocks.length).toBeGreaterThanOrEqual(120);
  expect(new Set(trials.map((trial) => trial.scenario))).toEqual(
    new Set(['same-host/host', 'same-host/bridge']),
  );
});

it.each([
  // Half of alpha, which is what the gate promises to keep; stretches overlap, so these are few independent gate runs.
  [6, 0.025],
  [12, 0],
  [30, 0],
])(
  'stretches of %i blocks of an unchanged machine are called regressed in at most %f',
  async (blocks, most) => {
    const [unchanged, worse] = replay(await trace, blocks, [0, 1], defaultGateOptions);
    const share = (tally: typeof unchanged) =>
      (tally?.verdicts.regressed ?? Number.NaN) / (tally?.gateRuns ?? 0);
    expect(unchanged?.gateRuns).toBeGreaterThan(50);
    expect(share(unchanged)).toBeLessThanOrEqual(most);
    // The control: a gate that never calls anything would pass the line above.
    expect(share(worse)).toBeGreaterThan(0.5);
  },
);
