import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compare } from '../../bench/commands/compare.ts';
import { gate } from '../../bench/commands/gate.ts';
import type { GateCommandOptions } from '../../bench/commands/gate-options.ts';
import { Failure } from '../../results/failure.ts';
import type { RunRecord, schemaVersion } from '../../results/schema.ts';
import { caught } from '../fixtures/caught.ts';
import { gateRun, liveGateRun, writeGateRun } from '../fixtures/gate-runs.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tare-gate-'));
  await writeGateRun(folder, gateRun({ id: 'base', seed: 1 }));
});
afterAll(() => rm(folder, { recursive: true }));

async function gated(head: RunRecord, options: GateCommandOptions = { baseline: join(folder, 'base') }) {
  const directory = await writeGateRun(folder, head);
  return caught((context) => gate(directory, options, context));
}

/** The failure that ends the command before any verdict. */
async function refused(act: () => Promise<unknown>): Promise<Failure> {
  const error = await act().then(
    () => undefined,
    (thrown) => thrown,
  );
  expect(error).toBeInstanceOf(Failure);
  return error as Failure;
}

describe('tare gate refuses, by name and with a remedy,', () => {
  const judges = /\b(pass|regressed|improved): /;

  it('other scenarios', async () => {
    const { code, out } = await gated(gateRun({ id: 'other', seed: 2, scenarios: ['overlay'] }));
    expect(code).toBe(4);
    expect(out).toContain('they have no figure in common');
    expect(out).toContain('Measure the same scenarios');
    expect(out).not.toMatch(judges);
  });

  it('one scenario that the head lacks', async () => {
    const { code, out } = await gated(gateRun({ id: 'lacks', seed: 2, scenarios: ['bridge'] }));
    expect(code).toBe(4);
    expect(out).toContain('same-host/macvlan: it has no figures in the head run');
  });

  it('other machines', async () => {
    const { code, out } = await gated(gateRun({ id: 'moved', seed: 2, cpuModel: 'Another CPU' }));
    expect(code).toBe(4);
    expect(out).toContain('cpu/model of same-host: Synthetic CPU → Another CPU');
    expect(out).toContain('Measure the baseline again on this machine');
    expect(out).not.toMatch(judges);
  });

  it('an unfinished run', async () => {
    const { code, out } = await gated(gateRun({ id: 'torn', seed: 2, run: { state: 'interrupted' } }));
    expect(code).toBe(4);
    expect(out).toContain('the head run torn: it is interrupted, not finished');
    expect(out).toContain('Finish it with --resume torn');
  });

  it('an unfinished live run', async () => {
    const { code, out } = await gated(
      liveGateRun({ id: 'torn-live', seed: 2, run: { state: 'failed' } }),
      {},
    );
    expect(code).toBe(4);
    expect(out).toContain('the run torn-live: it is failed, not finished');
  });

  it('too few blocks, and says how many there must be', async () => {
    const { code, out } = await gated(gateRun({ id: 'few', seed: 2, blocks: 2, worse: 1 }));
    expect(code).toBe(3);
    expect(out.replace(/\s+/g, ' ')).toMatch(
      /Too few blocks to call any change: both runs need at least \d+/,
    );
  });

  it('another schema version', async () => {
    const record = gateRun({ id: 'old', seed: 2 });
    const old = { ...record, run: { ...record.run, schemaVersion: 99 as typeof schemaVersion } };
    const failure = await refused(() => gated(old));
    expect(failure.kind).toBe('usage');
    expect(failure.message).toContain('was made by a newer Tare (0.1.0): it has schema version 99');
    expect(failure.remedy).toContain('install a newer one');
  });

  it('a corrupt line of the record', async () => {
    const directory = await writeGateRun(folder, gateRun({ id: 'corrupt', seed: 2 }));
    const path = join(directory, 'trials.ndjson');
    const lines = (await readFile(path, 'utf8')).split('\n');
    lines[4] = `${lines[4]?.slice(0, 40)}`;
    await writeFile(path, lines.join('\n'));
    const failure = await refused(() =>
      caught((context) => gate(directory, { baseline: join(folder, 'base') }, context)),
    );
    expect(failure.message).toContain('trials.ndjson:5: corrupt line');
    expect(failure.remedy).toContain('Restore the file');
  });

  it('a run without arms and without a baseline, a run beside itself, a live run beside another', async () => {
    const head = gateRun({ id: 'lonely', seed: 2 });
    expect((await refused(() => gated(head, {}))).remedy).toContain('--baseline RUN');
    const itself = join(folder, 'base');
    const same = await refused(() => caught((context) => gate(itself, { baseline: itself }, context)));
    expect(same.message).toContain('its own baseline');
    const live = await refused(() => gated(liveGateRun({ id: 'live-beside', seed: 2 })));
    expect(live.remedy).toContain('tare gate live-beside');
  });

  it('a delta, an alpha and a pattern that mean nothing', async () => {
    const head = gateRun({ id: 'rules', seed: 2 });
    const baseline = join(folder, 'base');
    for (const delta of ['3', '', 'much', '-1%', '100%']) {
      expect((await refused(() => gated(head, { baseline, delta }))).message).toContain('--delta');
    }
    expect((await refused(() => gated(head, { baseline, alpha: 0 }))).message).toContain('--alpha');
    expect((await refused(() => gated(head, { baseline, metric: ['goodput'] }))).remedy).toContain(
      'workload:metric',
    );
  });

  it('metrics that no figure fits', async () => {
    const head = gateRun({ id: 'nothing', seed: 2 });
    const { code, out } = await gated(head, { baseline: join(folder, 'base'), metric: ['udp-*:jitter'] });
    expect(code).toBe(4);
    expect(out).toContain('no metric fits the declared gating metrics');
  });
});

describe('tare gate', () => {
  it('writes Markdown, JUnit and the step summary, all with the same verdict', async () => {
    const junit = join(folder, 'out', 'gate.xml');
    const markdown = join(folder, 'out', 'gate.md');
    const html = join(folder, 'out', 'gate.html');
    const summary = join(folder, 'summary.md');
    await writeFile(summary, 'before\n');
    const directory = await writeGateRun(folder, gateRun({ id: 'slower', seed: 2, worse: 0.12 }));
    const { code, out } = await caught(
      (context) => gate(directory, { baseline: join(folder, 'base'), junit, markdown, html }, context),
      { GITHUB_STEP_SUMMARY: summary },
    );
    expect(code).toBe(1);
    expect(out).toContain('regressed: 1 regressed, 3 pass');
    const xml = await readFile(junit, 'utf8');
    expect(xml).toContain('failures="1"');
    expect(xml.match(/<testcase/g)).toHaveLength(4);
    expect(await readFile(html, 'utf8')).toContain('regressed');
    const comment = await readFile(markdown, 'utf8');
    expect(comment).toContain('same-host/macvlan');
    expect(await readFile(summary, 'utf8')).toBe(`before\n${comment}`);
  });

  it('goes on where the step summary cannot be written', async () => {
    const directory = await writeGateRun(folder, gateRun({ id: 'summary', seed: 2 }));
    const { code, err } = await caught(
      (context) => gate(directory, { baseline: join(folder, 'base') }, context),
      { GITHUB_STEP_SUMMARY: folder },
    );
    expect(code).toBe(0);
    expect(err).toContain('GITHUB_STEP_SUMMARY was not written');
  });

  it('prints one JSON object of the agreed form', async () => {
    const head = gateRun({ id: 'json', seed: 2, worse: 0.12 });
    const { out } = await gated(head, { baseline: join(folder, 'base'), json: true });
    const object = JSON.parse(out);
    expect(object).toMatchObject({ run: 'json', verdict: 'regressed', base: 'base', head: 'json' });
    const scenario = object.scenarios.find((each: { id: string }) => each.id === 'same-host/macvlan');
    expect(scenario.status).toBe('ok');
    const goodput = scenario.workloads[0].metrics[0];
    expect(goodput).toMatchObject({ name: 'goodput', unit: 'bit/s', better: 'higher' });
    expect(goodput.change).toMatchObject({ verdict: 'regressed', delta: 0.03, n: 12 });
    expect(goodput.change.estimate).toBeCloseTo(0.12, 1);
    expect(goodput.change.low).toBeGreaterThan(0.03);
    expect(scenario.workloads[0].metrics[1].change).toBeUndefined();
    expect(object.scenarios[0].workloads[0].metrics[0].overhead).toBeUndefined();
  });

  it('takes its rules from a file, and flags before it', async () => {
    const config = join(folder, 'bench.yaml');
    await writeFile(
      config,
      'blocks: 12\ngate:\n  delta: 30%\n  deltas:\n    - metrics: tcp-rr:rtt-p50\n      delta: 0.2\n',
    );
    const head = gateRun({ id: 'lenient', seed: 2, worse: 0.12 });
    const baseline = join(folder, 'base');
    const { code, out } = await gated(head, { baseline, config, json: true });
    expect(code).toBe(0);
    const metrics = JSON.parse(out).scenarios[2].workloads.map(
      (each: { metrics: { change: { delta: number } }[] }) => each.metrics[0]?.change.delta,
    );
    expect(metrics).toEqual([0.3, 0.2]);
    expect((await gated(head, { baseline, config, delta: '5 %' })).code).toBe(1);
    await writeFile(config, 'gate:\n  detla: 3%\n');
    const failure = await refused(() => gated(head, { baseline, config }));
    expect(failure.message).toContain('unknown key "gate.detla"');
  });

  it('warns where delta is below the noise floor, and says how many blocks would decide', async () => {
    await writeGateRun(folder, gateRun({ id: 'noisy-base', seed: 3, deviation: 0.05, blocks: 40 }));
    const head = gateRun({ id: 'noisy-head', seed: 4, deviation: 0.06, blocks: 8 });
    const { code, out } = await gated(head, { baseline: join(folder, 'noisy-base') });
    expect(code).toBe(3);
    const text = out.replace(/\s+/g, ' ');
    expect(text).toContain('Delta is below the noise floor');
    expect(text).toContain('tare calibrate');
    expect(text).toMatch(/about \d+ blocks in all would decide it/);
  });

  it('judges the arms of a live run, at the level of the look at which it ended', async () => {
    const equal = await gated(liveGateRun({ id: 'live-equal', seed: 5 }), {});
    expect(equal.code).toBe(0);
    const slower = liveGateRun({ id: 'live-slower', seed: 5, worse: 0.15, looks: [8, 12, 16] });
    expect((await gated(slower, {})).code).toBe(1);
    const host = await gated(liveGateRun({ id: 'live-host', seed: 5, hostWorse: 0.1 }), {});
    expect(host.code).toBe(4);
    expect(host.out.replace(/\s+/g, ' ')).toContain('the host, which is the same in both arms, differs by');
  });

  it('neutralises a hostile id', async () => {
    const directory = await writeGateRun(folder, gateRun({ id: 'hostile', seed: 2 }));
    const path = join(directory, 'run.json');
    const run = JSON.parse(await readFile(path, 'utf8'));
    run.id = '\u001b[31mred\u001b[0m <script>|`x`';
    await writeFile(path, JSON.stringify(run));
    const markdown = join(folder, 'hostile.md');
    const { out } = await caught((context) =>
      gate(directory, { baseline: join(folder, 'base'), markdown }, context),
    );
    expect(out).not.toContain('\u001b');
    expect(out).toContain('red <script>');
    expect(await readFile(markdown, 'utf8')).toContain('head `` red <script>|`x` ``.');
  });
});

describe('tare compare', () => {
  const compared = (head: string, json = false) =>
    caught((context) => compare(join(folder, 'base'), join(folder, head), { json }, context));

  it('says so where a run is laid beside itself', async () => {
    const text = 'Both are run base: of a run beside itself nothing can have changed.';
    const { code, out } = await compared('base');
    expect(code).toBe(0);
    expect(out.replaceAll(/\s+/g, ' ')).toContain(text);
    expect(JSON.parse((await compared('base', true)).out).warnings).toContain(text);
  });

  it('prints differences before figures and ends well whatever the verdict', async () => {
    const record = gateRun({ id: 'compared', seed: 2, worse: 0.12 });
    const [fingerprint] = record.run.fingerprints;
    await writeGateRun(folder, {
      ...record,
      run: { ...record.run, fingerprints: fingerprint ? [{ ...fingerprint, kernel: '6.19.0' }] : [] },
    });
    const { code, out } = await compared('compared');
    expect(code).toBe(0);
    expect(out.indexOf('kernel of same-host: 6.18.5 → 6.19.0')).toBeGreaterThan(0);
    expect(out.indexOf('kernel of same-host')).toBeLessThan(out.indexOf('tcp-stream goodput'));
    expect(out).toContain('regressed');
    expect(out).toContain('Further figures, by --metric: tcp-rr:transactions');
    expect(JSON.parse((await compared('compared', true)).out).verdict).toBe('regressed');
  });

  it('ends with 4 where nothing can be compared', async () => {
    await writeGateRun(folder, gateRun({ id: 'incomparable', seed: 2, scenarios: ['overlay'] }));
    expect((await compared('incomparable')).code).toBe(4);
  });
});
