import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { withClaims } from '../../bench/claims/claims-run.ts';
import { triedClaims } from '../../bench/claims/registry.ts';
import { type TriedClaim, tryClaims } from '../../bench/claims/try-claims.ts';
import { resolveConfig } from '../../bench/config/config.ts';
import { makeWish } from '../../bench/plan/make-plan.ts';
import type { RunEvent } from '../../bench/run/events.ts';
import { claimScenarios } from '../../results/claims-criteria.ts';
import { claimsFile, readClaims, writeClaims } from '../../results/claims-file.ts';
import { triedByHand } from '../../results/claims-guide.ts';
import { type Evidence, evidenceOf, notTested } from '../../results/evidence.ts';

const seen = (claim: number): Evidence => evidenceOf(claim, [{ text: 'It did.', agrees: true }]);

interface FakeStage {
  abandoned: boolean;
  abandon(): Promise<void>;
}

function attempt(claims: readonly TriedClaim<FakeStage>[], earlier: readonly Evidence[] = []) {
  const interruption = new AbortController();
  const events: RunEvent[] = [];
  const records: (readonly Evidence[])[] = [];
  const stage: FakeStage = {
    abandoned: false,
    async abandon() {
      this.abandoned = true;
    },
  };
  const outcome = tryClaims({
    claims,
    stage,
    earlier,
    record: async (evidence) => {
      records.push(evidence);
    },
    listener: (event) => events.push(event),
    signal: interruption.signal,
  });
  return { outcome, interruption, events, records, stage };
}

describe('trying claims', () => {
  it('keeps what others found where one breaks, and says why it did', async () => {
    const { outcome, events, records } = attempt([
      { claim: 2, test: async () => seen(2) },
      { claim: 3, test: () => Promise.reject(new Error('the engine went away')) },
      {
        claim: 6,
        test: () => {
          throw new Error('');
        },
      },
      { claim: 7, test: async () => seen(7) },
    ]);
    expect(await outcome).toEqual([
      seen(2),
      notTested(3, 'It could not be tried: the engine went away.'),
      notTested(6, 'It could not be tried: no reason was given.'),
      seen(7),
    ]);
    // Recorded after each, so that a kill loses one at most.
    expect(records.map((each) => each.length)).toEqual([1, 2, 3, 4, 4]);
    expect(events.filter(({ type }) => type === 'step')).toHaveLength(4);
    expect(events.filter(({ type }) => type === 'warning')).toHaveLength(2);
  });

  it('ends a test that hangs when it is interrupted, and leaves what was found', async () => {
    let started = () => {};
    const hasStarted = new Promise<void>((resolve) => {
      started = resolve;
    });
    const { outcome, interruption, stage, records } = attempt([
      { claim: 2, test: async () => seen(2) },
      {
        claim: 3,
        test: (here) => {
          started();
          return new Promise((_, reject) => {
            const poll = setInterval(() => {
              if (!here.abandoned) return;
              clearInterval(poll);
              reject(new Error('its containers are gone'));
            }, 5);
          });
        },
      },
      { claim: 6, test: async () => seen(6) },
    ]);
    await hasStarted;
    interruption.abort();
    expect(await outcome).toEqual([
      seen(2),
      notTested(3, 'The run was interrupted while it was tried.'),
      notTested(6, 'The run was interrupted before it was tried.'),
    ]);
    expect(stage.abandoned).toBe(true);
    expect(records.at(-1)).toHaveLength(3);
  });

  it('tries again only what an earlier part of the run could not test', async () => {
    const { outcome } = attempt(
      [
        { claim: 2, test: () => Promise.reject(new Error('must not be tried again')) },
        { claim: 3, test: async () => seen(3) },
      ],
      [seen(2), notTested(3, 'The run was interrupted before it was tried.')],
    );
    expect(await outcome).toEqual([seen(2), seen(3)]);
  });

  it('knows a test for every claim that only trying can decide', () => {
    expect(triedClaims.map(({ claim }) => claim)).toEqual(triedByHand);
  });
});

describe('the file of evidence', () => {
  it('gives back what was written, and nothing where nothing was', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'tare-claims-'));
    expect(await readClaims(directory)).toBeUndefined();
    await writeClaims(directory, [seen(2), notTested(3, 'why')]);
    expect(await readClaims(directory)).toEqual([seen(2), notTested(3, 'why')]);
    expect(await readFile(claimsFile(directory), 'utf8')).toMatch(/\n$/);
  });

  it.each([
    ['{', 'is not JSON'],
    ['[{"claim":2,"verdict":"confirmed","observations":[]}]', 'observations'],
    ['[{"claim":2,"verdict":"maybe","observations":["x"]}]', 'verdict'],
    [JSON.stringify([seen(2), seen(2)]), 'stands twice'],
  ])('refuses %s', async (text, words) => {
    const directory = await mkdtemp(join(tmpdir(), 'tare-claims-'));
    await writeFile(claimsFile(directory), text);
    await expect(readClaims(directory)).rejects.toMatchObject({
      kind: 'usage',
      message: expect.stringContaining(words),
    });
  });
});

describe('a run with claims', () => {
  it('plans what the claims need beside what was asked for', () => {
    const wish = makeWish(
      withClaims(resolveConfig({ scenarios: ['same-host/container'], workloads: ['udp-rr'] })),
    );
    const ids = wish.scenarios.map(({ id }) => id);
    expect(ids).toEqual(expect.arrayContaining([...claimScenarios(), 'same-host/container']));
    expect(new Set(ids).size).toBe(ids.length);
    const workloads = wish.workloads.map(({ id }) => id);
    expect(workloads).toEqual(expect.arrayContaining(['tcp-stream', 'tcp-rr', 'udp-rr', 'dns']));
    expect(new Set(workloads).size).toBe(workloads.length);
  });

  it('measures blocks enough to decide, unless told how many', () => {
    expect(withClaims(resolveConfig({})).blocks).toBe(6);
    expect(withClaims(resolveConfig({ profile: 'publish' })).blocks).toBe(30);
    expect(withClaims(resolveConfig({ blocks: 2 })).blocks).toBe(2);
  });
});
