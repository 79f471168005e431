import { describe, expect, it } from 'vitest';
import {
  betweenBoots,
  type Figure,
  figuresOf,
  withinBoot,
} from '../../bench/studies/counted/repeatability.ts';

const figure = (instructions: readonly number[], nft: readonly number[]): Figure => ({
  ...{ scenario: 'same-host/bridge', workload: 'tcp-rr', unit: 'transaction' },
  instructions,
  functions: nft.map(
    (value) =>
      new Map([
        ['tcp_ack (kernel)', 900],
        ['nft_do_chain (nf_tables)', value],
      ]),
  ),
});

describe('the repeatability of counted figures', () => {
  it('of one pair is the scatter of its trials, with the functions that do it', () => {
    const { mean, deviation, moved } = withinBoot(figure([99, 100, 101], [1730, 1730.5, 1735]));
    expect(mean).toBe(100);
    expect(deviation).toBeCloseTo(0.01, 12);
    expect(moved).toEqual([{ name: 'nft_do_chain', spread: 5 }]);
  });

  it('between boots is that of the means, function by function', () => {
    const [row] = betweenBoots([figure([100, 100], [1730, 1730])], [figure([102, 100], [1730, 1734])]);
    expect(row?.difference).toBeCloseTo(0.01, 12);
    expect(row).toMatchObject({ functions: 2, alike: 1, moved: [{ name: 'nft_do_chain', spread: 2 }] });
    expect(betweenBoots([figure([1], [1])], [])).toEqual([]);
  });

  it('leaves out what is not counted, warm-up and failures', () => {
    const trial = { status: 'ok', block: 0, order: 1, scenario: 'same-host/host', workload: 'tcp-rr' };
    const counted = { unit: 'transaction', instructionsPerUnit: 37000 };
    const trials = [
      { ...trial, block: -1, counted },
      { ...trial, counted },
      trial,
      { ...trial, status: 'failed' },
    ];
    const functions = new Map([[1, [{ name: 'tcp_ack', module: 'kernel', instructionsPerUnit: 942 }]]]);
    expect(figuresOf({ trials, functions } as never)).toEqual([
      {
        ...{ scenario: 'same-host/host', workload: 'tcp-rr', unit: 'transaction' },
        instructions: [37000],
        functions: [new Map([['tcp_ack (kernel)', 942]])],
      },
    ]);
  });
});
