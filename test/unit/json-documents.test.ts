import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { giveAdvice } from '../../bench/commands/advise.ts';
import { calibrateHere } from '../../bench/commands/calibrate.ts';
import { claims } from '../../bench/commands/claims.ts';
import type { CommandContext } from '../../bench/commands/command.ts';
import { compare } from '../../bench/commands/compare.ts';
import { gate } from '../../bench/commands/gate.ts';
import { showHistory } from '../../bench/commands/history.ts';
import { report } from '../../bench/commands/report.ts';
import { listWorkloads } from '../../bench/commands/workloads.ts';
import { syntheticRun } from '../../bench/studies/synthetic/run.ts';
import { gateJson } from '../../reports/gate-json.ts';
import { type JsonKind, jsonDocuments, jsonVersion } from '../../results/json-schema.ts';
import { judgeRun } from '../../results/judge-run.ts';
import { summarise } from '../../results/summarise.ts';
import { caught } from '../fixtures/caught.ts';
import { countedRun } from '../fixtures/counted-runs.ts';
import { gateRun, liveGateRun, writeGateRun } from '../fixtures/gate-runs.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
let folder: string;
const paths: Record<string, string> = {};
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tare-json-'));
  for (const record of [
    gateRun({ id: 'one', seed: 1 }),
    gateRun({ id: 'two', seed: 2, worse: 0.1, cpuModel: 'Synthetic CPU' }),
    liveGateRun({ id: 'live', seed: 3 }),
    syntheticRun({ id: 'many', blocks: 4, failedShare: 0.1, invalidShare: 0.1, label: 'with a label' }),
  ]) {
    paths[record.run.id] = await writeGateRun(folder, record);
  }
});
afterAll(() => rm(folder, { recursive: true }));

// `npx vitest run -u --project unit json-documents` writes it anew.
it('docs/output.schema.json is the schema of what --json prints', async () => {
  const any = z.discriminatedUnion('kind', Object.values(jsonDocuments) as never);
  const published = `${JSON.stringify(z.toJSONSchema(any, { io: 'input' }), null, 2)}\n`;
  await expect(published).toMatchFileSnapshot('../../docs/output.schema.json');
});

type Act = (context: CommandContext) => Promise<number>;
const at = (id: string): string => paths[id] ?? '';
const documents: readonly [string, JsonKind, Act][] = [
  ['report', 'run', (context) => report([at('many')], { format: 'csv', json: true }, context)],
  [
    'report of several',
    'runs',
    (context) => report([at('one'), at('live')], { format: 'csv', json: true }, context),
  ],
  [
    'compare',
    'comparison',
    (context) => compare(at('one'), at('two'), { json: true, metric: ['*:*'] }, context),
  ],
  [
    'compare of what can’t be',
    'comparison',
    (context) => compare(at('one'), at('many'), { json: true }, context),
  ],
  ['gate', 'comparison', (context) => gate(at('two'), { baseline: at('one'), json: true }, context)],
  ['gate of a live run', 'comparison', (context) => gate(at('live'), { json: true }, context)],
  ['history', 'history', (context) => showHistory([at('one'), at('two')], { json: true }, context)],
  [
    'calibrate',
    'calibration',
    (context) => calibrateHere({ from: at('live'), json: true, flags: {} }, context),
  ],
  ['claims', 'claims', (context) => claims(at('many'), { json: true }, context)],
  [
    'advise',
    'advice',
    (context) => giveAdvice({ run: at('many'), by: 'throughput', json: true, needs: [] }, context),
  ],
  ['workloads', 'workloads', (context) => listWorkloads([], { json: true }, context)],
];

describe('--json', () => {
  it.each(documents)('of %s is one document, as published', async (_, kind, act) => {
    const { out } = await caught(act);
    const document = JSON.parse(out);
    expect({ schemaVersion: document.schemaVersion, kind: document.kind }).toEqual({
      schemaVersion: jsonVersion,
      kind,
    });
    // What the schema does not know it would leave out.
    expect(jsonDocuments[kind].parse(document)).toEqual(document);
    expect(out).not.toContain('null');
  });

  it('of a comparison in counted time tells the functions', () => {
    const [base, head] = [
      countedRun({ id: 'base' }),
      countedRun({ id: 'head', more: { nft_do_chain: 1320, new_one: 60 } }),
    ];
    const document = gateJson(judgeRun(head, { baseline: base }), summarise(head));
    expect(document.counted?.changes.flatMap(({ functions }) => functions)).not.toEqual([]);
    expect(jsonDocuments.comparison.parse(document)).toEqual(document);
  });

  it('of a run tells label, baseline, counts, what the witnesses said, noise floors and percentiles', async () => {
    const { out } = await caught((context) => report([at('many')], { format: 'csv', json: true }, context));
    const run = jsonDocuments.run.parse(JSON.parse(out));
    expect(run.label).toBe('with a label');
    expect(run.baselines).toEqual({ 'same-host': 'same-host/host', 'cross-host': 'cross-host/host' });
    expect(run.counts.invalid).toBeGreaterThan(0);
    const bridge = run.scenarios.find(({ id }) => id === 'same-host/bridge');
    expect(bridge?.counts?.ok).toBe(bridge?.witness?.proven);
    expect(bridge?.witness?.sentence).toBeTruthy();
    const stream = bridge?.workloads.find(({ id }) => id === 'tcp-stream');
    expect(stream?.metrics[0]?.noiseFloor?.effect).toBeGreaterThan(0);
    const rtt = bridge?.workloads.find(({ id }) => id === 'rtt');
    expect(rtt?.distributions[0]?.percentilesSeconds.p99).toBeGreaterThan(0);
  });

  it.each([
    [['report', 'absent'], 2],
    [['run', '--blocks', 'many'], 2],
    [['history', 'absent'], 2],
  ])('of a command that fails tells why: %j', { timeout: 60_000 }, async (words, code) => {
    const cli = ['--import', import.meta.resolve('tsx'), join(root, 'bench/cli/cli.ts')];
    const given = [...cli, ...words, '--json'];
    const { stdout, exitCode } = await execa(process.execPath, given, { cwd: folder, reject: false });
    expect(exitCode).toBe(code);
    expect(jsonDocuments.error.parse(JSON.parse(stdout))).toMatchObject({ exitCode: code });
  });

  it('is printed by no command past the published documents', () => {
    const sources = readdirSync(join(root, 'bench/commands')).map(
      (name) => [name, readFileSync(join(root, 'bench/commands', name), 'utf8')] as const,
    );
    const other = sources.flatMap(([name, text]) =>
      [
        ...text.matchAll(/jsonText\((?!\s*(?:jsonDocument\(|gateJson\(|siteDocument\(|document\)|json\)))/g),
      ].map(() => name),
    );
    expect(other).toEqual([]);
  });
});
