import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { costsByScenario } from '../../bench/studies/synthetic/model.ts';
import { type SyntheticOptions, syntheticRun } from '../../bench/studies/synthetic/run.ts';
import { type ClaimRow, claimRows } from '../../results/claims.ts';
import { claimFigures, claimScenarios, equalMssScenario } from '../../results/claims-criteria.ts';
import { guideClaims } from '../../results/claims-guide.ts';
import { judge } from '../../results/claims-measured.ts';
import { type Evidence, evidenceOf, notTested } from '../../results/evidence.ts';
import { inverted, pairedShift } from '../../results/paired-shift.ts';
import { inWords } from '../../results/reasons.ts';
import { parseScenarioId, scenarioId } from '../../results/scenario.ts';
import type { Trial } from '../../results/schema.ts';
import { summarise } from '../../results/summarise.ts';
import type { Estimate } from '../../results/summary.ts';

const confirmed = (claim: number): Evidence => evidenceOf(claim, [{ text: 'It was so.', agrees: true }]);
const refuted = (claim: number): Evidence => evidenceOf(claim, [{ text: 'It was not.', agrees: false }]);

function rowsOf(options: SyntheticOptions = {}, evidence?: readonly Evidence[]): ClaimRow[] {
  const record = syntheticRun({
    blocks: 8,
    workloads: ['tcp-stream', 'tcp-rr'],
    unsupported: [],
    ...options,
  });
  return claimRows(summarise(record), evidence);
}

const row = (rows: readonly ClaimRow[], claim: number): ClaimRow => {
  const found = rows.find((each) => each.claim === claim);
  if (!found) throw new Error(`no row ${claim}`);
  return found;
};

const withInterval = (low: number, high: number, confidence = 0.96): Estimate => ({
  estimate: (low + high) / 2,
  n: 6,
  interval: { low, high, confidence },
});

describe('a criterion', () => {
  const atMost = { type: 'at-most', cost: 0.5, why: 'w' } as const;
  const moreThan = { type: 'more-than', cost: 0.5, why: 'w' } as const;

  it('decides only where the whole interval lies on one side of the bound', () => {
    expect(judge(atMost, withInterval(0.1, 0.5), false).type).toBe('agrees');
    expect(judge(atMost, withInterval(0.51, 0.6), false).type).toBe('disagrees');
    expect(judge(atMost, withInterval(0.4, 0.6), false).type).toBe('open');
    expect(judge(moreThan, withInterval(0.51, 0.6), false).type).toBe('agrees');
    expect(judge(moreThan, withInterval(0.1, 0.5), false).type).toBe('disagrees');
    expect(judge(moreThan, withInterval(0.4, 0.6), false).type).toBe('open');
  });

  it('decides nothing without an interval, with a weak one, or under an emulated kernel', () => {
    expect(judge(atMost, { estimate: 0.1, n: 1 }, false)).toMatchObject({
      type: 'open',
      reason: expect.stringContaining('one comparison'),
    });
    expect(judge(atMost, withInterval(0.1, 0.2, 0.875), false)).toMatchObject({
      type: 'open',
      reason: expect.stringContaining('87 % confidence'),
    });
    expect(judge(atMost, withInterval(0.1, 0.2), true)).toMatchObject({
      type: 'open',
      reason: expect.stringContaining('emulated'),
    });
  });

  it('never says both, and the two kinds are opposites', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -0.9, max: 9, noNaN: true }),
        fc.double({ min: 0, max: 9, noNaN: true }),
        (low, width) => {
          const estimate = withInterval(low, low + width);
          const [one, other] = [judge(atMost, estimate, false), judge(moreThan, estimate, false)];
          const opposite = { agrees: 'disagrees', disagrees: 'agrees', open: 'open' } as const;
          expect(other.type).toBe(opposite[one.type]);
        },
      ),
    );
  });
});

describe('a cost seen from the other side', () => {
  it('is the reciprocal, with the bounds changed over', () => {
    const turned = inverted(withInterval(0.25, 1));
    expect(turned.interval?.low).toBeCloseTo(-0.5);
    expect(turned.interval?.high).toBeCloseTo(-0.2);
    expect(inverted(inverted(withInterval(0.25, 1))).estimate).toBeCloseTo(0.625);
  });

  it('of two scenarios beside one baseline is what their ratio is', () => {
    const { topologies } = summarise(syntheticRun({ blocks: 40, workloads: ['tcp-stream'] }));
    const goodput = (id: string) => {
      const scenario = topologies.flatMap(({ scenarios }) => scenarios).find((each) => each.id === id);
      return scenario?.status === 'ok' ? scenario.workloads[0]?.metrics[0] : undefined;
    };
    const shift = pairedShift(goodput('same-host/bridge'), goodput('same-host/bridge-proxy'));
    expect(shift?.interval?.low).toBeLessThan(2.4 / 1.27 - 1);
    expect(shift?.interval?.high).toBeGreaterThan(2.4 / 1.27 - 1);
    expect(pairedShift(undefined, goodput('same-host/bridge'))).toBeUndefined();
  });
});

describe('the guide’s claims', () => {
  it('are nineteen rows, numbered, whatever the run', () => {
    for (const options of [
      {},
      { scenarios: [], unsupported: [] },
      { invalidShare: 1 },
      { failedShare: 1 },
      { scenarios: ['cross-host/overlay'] },
      { blocks: 1 },
    ] satisfies SyntheticOptions[]) {
      const rows = rowsOf(options);
      expect(rows.map(({ claim }) => claim)).toEqual(Array.from({ length: 19 }, (_, index) => index + 1));
      expect(JSON.stringify(rows)).not.toMatch(/NaN|Infinity|undefined/);
    }
  });

  it.each([
    ['empty', { scenarios: [], unsupported: [] }, 'same-host/bridge is not in this run'],
    ['all invalid', { invalidShare: 1 }, 'the packets took another path'],
    ['all failed', { failedShare: 1 }, 'Connection refused'],
    [
      'without the scenario’s support',
      { scenarios: ['same-host/host'], unsupported: ['same-host/bridge'] },
      'same-host/bridge is not supported here',
    ],
    ['of one block', { blocks: 1 }, 'one comparison has no interval'],
    ['of four blocks', { blocks: 4 }, '87 % confidence'],
  ] as const)('have no verdict by figures in a run that is %s, and say why', (_, options, words) => {
    const first = row(rowsOf(options as SyntheticOptions), 1);
    expect(first).toMatchObject({ verdict: 'not-tested', reason: expect.stringContaining(words) });
    expect(rowsOf(options as SyntheticOptions).filter(({ claim }) => claim === 5 || claim === 9)).toEqual(
      expect.arrayContaining([expect.objectContaining({ verdict: 'not-tested' })]),
    );
  });

  it('are decided by figures where those are clear', () => {
    const rows = rowsOf({ blocks: 12 });
    // The synthetic bridge costs 27 % and 22 %, the overlay 42 % and 21 %.
    expect([1, 4, 5, 9].map((claim) => row(rows, claim).verdict)).toEqual(Array(4).fill('confirmed'));
    expect(row(rows, 1).sources.scenarios).toEqual(['same-host/bridge', 'same-host/host']);
    const slow = rowsOf({ blocks: 12, slowdowns: { 'same-host/bridge': 3 } });
    expect(row(slow, 1).verdict).toBe('refuted');
  });

  it('about a path want it proven in nine of ten trials, failed ones among them', () => {
    const record = syntheticRun({ blocks: 8, workloads: ['tcp-stream', 'tcp-rr'], unsupported: [] });
    const ids = ['cross-host/bridge-published', 'same-host/bridge-published'];
    const path = (change: (index: number) => 'proven' | 'refuted' | 'unobserved' | 'failed') => {
      let index = 0;
      const trials = record.trials.map((trial): Trial => {
        if (!ids.includes(trial.scenario) || trial.block < 0 || trial.status !== 'ok') return trial;
        const verdict = change(index++);
        if (verdict === 'failed') {
          const { metrics: _, cpu: __, histogram: ___, witness: ____, ...base } = trial;
          return { ...base, status: 'failed', reason: inWords('it broke') };
        }
        return { ...trial, witness: { verdict, summary: verdict, checks: [], counters: {} } };
      });
      const fourth = row(claimRows(summarise({ ...record, trials }), undefined), 4);
      return [fourth.verdict, fourth.observations.join(' ')];
    };
    expect(path(() => 'proven')[0]).toBe('confirmed');
    expect(path((index) => (index === 0 ? 'proven' : 'unobserved'))[0]).toBe('not-tested');
    expect(path((index) => (index === 0 ? 'proven' : 'failed'))[0]).toBe('not-tested');
    expect(path((index) => (index % 2 === 0 ? 'proven' : 'refuted'))).toEqual([
      'not-tested',
      expect.stringContaining('another way in'),
    ]);
    expect(path(() => 'refuted')[0]).toBe('refuted');
  });

  it('that nobody tried are not tested, and say how to', () => {
    for (const claim of [2, 3, 6, 7, 8, 11, 12, 16, 17]) {
      expect(row(rowsOf(), claim)).toMatchObject({
        verdict: 'not-tested',
        reason: expect.stringContaining('tare run --claims'),
        observations: [],
        sources: { scenarios: [], tried: false },
      });
    }
  });

  it('that were tried have that verdict, observations and source', () => {
    const rows = rowsOf({}, [confirmed(2), refuted(11), notTested(10, 'No second engine.')]);
    expect(row(rows, 2)).toMatchObject({
      verdict: 'confirmed',
      observations: ['It was so.'],
      sources: { tried: true },
    });
    expect(row(rows, 11).verdict).toBe('refuted');
    expect(row(rows, 10)).toMatchObject({ verdict: 'not-tested', reason: 'No second engine' });
  });

  it('that are tried and measured need both', () => {
    const scenarios = [...Object.keys(costsByScenario), 'same-host/bridge@networks=2'];
    const same = { blocks: 30, scenarios, slowdowns: { 'same-host/bridge@networks=2': 1.22 / 1.2 } };
    // The synthetic cost of a scenario that is not known is 1.2 all over: here dearer or cheaper than the bridge's.
    const dear = { ...same, slowdowns: { 'same-host/bridge@networks=2': 2 } };
    expect(row(rowsOf(dear, [confirmed(18)]), 18).verdict).toBe('refuted');
    expect(row(rowsOf(same, [refuted(18)]), 18).verdict).toBe('refuted');
    const cheap = { ...same, slowdowns: { 'same-host/bridge@networks=2': 0.8 } };
    expect(row(rowsOf(cheap, [confirmed(18)]), 18).verdict).toBe('confirmed');
    expect(row(rowsOf({}, [confirmed(18)]), 18)).toMatchObject({
      verdict: 'not-tested',
      reason: expect.stringMatching(
        /^undecided here: .*networks=2 is not in this run \(two networks against one: throughput; /,
      ),
    });
  });

  it('are shown with figures that decide nothing', () => {
    const scenarios = [...Object.keys(costsByScenario), 'same-host/bridge@rules=10000', equalMssScenario];
    const rows = rowsOf({ scenarios }, [confirmed(19), confirmed(10)]);
    expect(row(rows, 19).verdict).toBe('confirmed');
    expect(row(rows, 19).figures.map(({ type }) => type)).toEqual([
      'absent',
      'absent',
      'absent',
      'absent',
      'change',
      'change',
    ]);
    expect(row(rows, 10).figures.every(({ type, finding }) => type === 'change' && !finding)).toBe(true);
    const equal = row(rows, 9).figures.filter(({ what }) => what.includes('segment size'));
    expect(equal).toHaveLength(4);
    for (const figure of equal) {
      expect(figure).toMatchObject({
        type: 'change',
        note: expect.stringMatching(/effective MSS \d+ against \d+/),
      });
    }
  });

  it('leave a live comparison’s arms alone', () => {
    const record = syntheticRun({ blocks: 8, workloads: ['tcp-stream'] });
    const { plan } = record.run;
    const live = {
      run: {
        ...record.run,
        plan: { ...plan, scenarios: plan.scenarios.map((each) => ({ ...each, arm: 'base' as const })) },
      },
      trials: record.trials.map((trial) => ({ ...trial, arm: 'base' as const })),
    };
    const rows = claimRows(summarise(live), undefined);
    expect(rows.every(({ verdict }) => verdict === 'not-tested')).toBe(true);
  });

  it('rank nothing under an emulated kernel', () => {
    const record = syntheticRun({ blocks: 12, workloads: ['tcp-stream', 'tcp-rr'] });
    const emulated = { ...record, run: { ...record.run, emulated: true } };
    expect(row(claimRows(summarise(emulated), undefined), 1)).toMatchObject({
      verdict: 'not-tested',
      reason: expect.stringContaining('emulated'),
    });
  });
});

describe('what is declared', () => {
  it('names claims that the guide makes and scenarios as Tare writes them', () => {
    for (const { claim, criterion } of claimFigures) {
      expect(guideClaims.map((each) => each.claim)).toContain(claim);
      if (criterion) expect(criterion.why.length).toBeGreaterThan(10);
    }
    for (const id of claimScenarios()) {
      const parsed = parseScenarioId(id);
      expect(parsed && scenarioId(parsed.topology, parsed.driver, parsed.options)).toBe(id);
    }
  });
});
