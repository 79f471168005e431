import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { giveAdvice } from '../../bench/commands/advise.ts';
import { claims } from '../../bench/commands/claims.ts';
import { run } from '../../bench/commands/run.ts';
import { syntheticRun } from '../../bench/studies/synthetic/run.ts';
import { claimsFile, writeClaims } from '../../results/claims-file.ts';
import { evidenceOf } from '../../results/evidence.ts';
import { caught } from '../fixtures/caught.ts';
import { writeGateRun } from '../fixtures/gate-runs.ts';

let folder: string;
let tried: string;
let plain: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tare-claims-'));
  const workloads = ['tcp-stream', 'tcp-rr'];
  tried = await writeGateRun(folder, syntheticRun({ id: 'tried', blocks: 12, workloads }));
  plain = await writeGateRun(folder, syntheticRun({ id: 'plain', blocks: 2, workloads }));
  await writeClaims(tried, [evidenceOf(11, [{ text: 'VXLAN by itself encrypts nothing.', agrees: false }])]);
});
afterAll(() => rm(folder, { recursive: true }));

describe('tare claims', () => {
  it('tells each claim with its evidence', async () => {
    const { code, out } = await caught((context) => claims(tried, {}, context));
    expect(code).toBe(0);
    expect(out).toMatch(
      /^The guide’s claims, by run tried: \d+ confirmed, 1 refuted, \d+ undecided here, \d+ not/,
    );
    expect(out).toMatch(/11 ✗ refuted .*\n.*VXLAN by itself encrypts nothing\./);
    expect(out).toContain('run tried: claims.json');
  });

  it('prints one object as JSON, with figures in base units', async () => {
    const { out } = await caught((context) => claims(tried, { json: true }, context));
    const { run: id, claims: rows } = JSON.parse(out);
    expect(id).toBe('tried');
    expect(rows).toHaveLength(19);
    expect(rows[0]).toMatchObject({ claim: 1, verdict: 'confirmed' });
    // A ratio minus one, as everywhere; the synthetic bridge costs 27 % with 5 % of noise.
    expect(rows[0].figures[0].cost.estimate).toBeGreaterThan(0.15);
    expect(rows[0].figures[0].cost.estimate).toBeLessThan(0.4);
    expect(rows[0].figures[0].criterion).toMatchObject({ type: 'at-most', cost: 0.5 });
  });

  it('has no verdict where the run has no evidence', async () => {
    const { out } = await caught((context) => claims(plain, { json: true }, context));
    const decided = JSON.parse(out).claims.filter(
      ({ verdict }: { verdict: string }) => verdict !== 'not-tested',
    );
    // The paths of the fourth are proven by counters, however few the blocks.
    expect(decided.map(({ claim }: { claim: number }) => claim)).toEqual([4]);
  });

  it('refuses a run that is not there and evidence that is damaged, in one line', async () => {
    await expect(caught((context) => claims('no-such-run', {}, context))).rejects.toMatchObject({
      kind: 'usage',
    });
    const damaged = await writeGateRun(
      folder,
      syntheticRun({ id: 'damaged', blocks: 1, workloads: ['tcp-rr'] }),
    );
    await writeFile(claimsFile(damaged), '[{}]');
    await expect(caught((context) => claims(damaged, {}, context))).rejects.toMatchObject({ kind: 'usage' });
  });
});

describe('tare advise', () => {
  const ask = (options: Partial<Parameters<typeof giveAdvice>[0]>) =>
    caught((context) => giveAdvice({ run: tried, by: 'throughput', needs: [], ...options }, context));

  it('lists what qualifies, cheapest first, and what that gives up', async () => {
    const { code, out } = await ask({ needs: ['multi-host', 'name-resolution'] });
    expect(code).toBe(0);
    expect(out).toMatch(/1\. cross-host\/overlay +\d\.\d+ Gbit\/s, −3\d % \[−\d+, −\d+\], worse/);
    expect(out).toContain('gives up: encryption');
    expect(out.replace(/\s+/g, ' ')).toContain(
      'without a figure: cross-host/overlay-encrypted: not supported here',
    );
  });

  it('answers for ready needs where none was named', async () => {
    const { out } = await ask({ json: true, by: 'latency' });
    const { advice } = JSON.parse(out);
    expect(advice.length).toBeGreaterThan(4);
    expect(advice[0]).toMatchObject({ title: expect.any(String), measure: 'latency' });
    expect(advice[0].figure).toMatchObject({ workload: 'tcp-rr', metric: 'transactions' });
  });

  it('says where nothing that qualifies was measured', async () => {
    const { out } = await ask({ needs: ['multi-host', 'encrypted'] });
    expect(out).toContain('Nothing that gives all of this was measured in this run.');
    const { out: none } = await ask({ needs: ['encrypted', 'published-ports'] });
    expect(none).toContain('No network that Tare knows gives all of this.');
  });
});

describe('tare run --claims', () => {
  it('is refused beside a live comparison, before anything is started', async () => {
    const attempt = caught((context) =>
      run({ claims: true, arms: ['base=a', 'head=b'], flags: {} }, context),
    );
    await expect(attempt).rejects.toMatchObject({
      kind: 'usage',
      message: expect.stringContaining('--claims'),
    });
  });
});
