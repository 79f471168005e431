import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { addJudging } from '../../bench/cli/judging.ts';
import type { CommandContext } from '../../bench/commands/command.ts';
import { checkConfig } from '../../bench/config/config.ts';
import { gateRun, writeGateRun } from '../fixtures/gate-runs.ts';

const root = resolve(import.meta.dirname, '../..');

interface Step {
  readonly id?: string;
  readonly name?: string;
  readonly shell?: string;
  readonly run?: string;
  readonly env?: Record<string, string>;
}

let folder: string;
let action: {
  inputs: Record<string, unknown>;
  outputs: Record<string, { value: string }>;
  runs: { steps: Step[] };
};
let page: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tare-ci-'));
  action = parse(await readFile(join(root, 'action.yml'), 'utf8'));
  page = await readFile(join(root, 'docs/ci.md'), 'utf8');
});
afterAll(() => rm(folder, { recursive: true }));

const blocksOf = (language: string): string[] =>
  [...page.matchAll(/^```(\w+)\n([\s\S]*?)^```/gm)].flatMap(([, found, text]) =>
    found === language && text !== undefined ? [text] : [],
  );

describe('the GitHub action', () => {
  it('holds shell scripts that parse, into which no input is pasted', async () => {
    const scripts = action.runs.steps.filter((step) => step.run !== undefined);
    expect(scripts).toHaveLength(3);
    for (const { run, shell } of scripts) {
      expect(shell).toBe('bash');
      expect(run).not.toContain('${{');
      await execa('bash', ['-n'], { input: run ?? '' });
    }
  });

  it('uses every input, and each output comes from a step that writes it', () => {
    const text = JSON.stringify(action.runs.steps);
    for (const input of Object.keys(action.inputs)) expect(text).toContain(`inputs.${input} `);
    for (const { value } of Object.values(action.outputs)) {
      const [, id, name] = /steps\.(\w+)\.outputs\.([\w-]+)/.exec(value) ?? [];
      expect(action.runs.steps.find((step) => step.id === id)?.run).toContain(`${name}=`);
    }
  });

  it('hands the verdict on, with its exit code', { timeout: 120_000 }, async () => {
    await writeGateRun(folder, gateRun({ id: 'base', seed: 1 }));
    await writeGateRun(folder, gateRun({ id: 'head', seed: 2, worse: 0.1 }));
    const output = join(folder, 'output');
    const script = action.runs.steps.find((step) => step.id === 'gate')?.run ?? '';
    const { exitCode, stderr } = await execa('bash', ['-eo', 'pipefail', '-c', script], {
      cwd: folder,
      reject: false,
      env: {
        GITHUB_ACTION_PATH: root,
        GITHUB_OUTPUT: output,
        GITHUB_STEP_SUMMARY: '',
        TARE_RUN: './head',
        TARE_BASELINE: './base',
        TARE_CONFIG: '',
        TARE_DELTA: '4%',
        TARE_INCONCLUSIVE: 'fail',
      },
    });
    expect(exitCode, stderr).toBe(1);
    expect(await readFile(output, 'utf8')).toBe(
      'verdict=regressed\nexit-code=1\nmarkdown=tare/gate.md\njunit=tare/gate.xml\n',
    );
    expect(await readFile(join(folder, 'tare/gate.xml'), 'utf8')).toContain('failures="1"');
  });
});

describe('docs/ci.md', () => {
  it('holds YAML that parses, and settings that Tare takes', () => {
    const documents = blocksOf('yaml').flatMap((text) => parseAllDocuments(text));
    expect(documents.length).toBeGreaterThanOrEqual(4);
    for (const document of documents) {
      expect('errors' in document && document.errors).toEqual([]);
      const value = document.toJS();
      if ('scenarios' in value || 'gate' in value) checkConfig(value, 'docs/ci.md');
    }
    const steps: { uses?: string; with?: object }[] = documents.flatMap(
      (document) => document.toJS().jobs?.gate.steps ?? [],
    );
    const given = steps.find(({ uses }) => uses?.startsWith('OWNER/tare'))?.with ?? {};
    expect(Object.keys(given).length).toBeGreaterThan(0);
    for (const key of Object.keys(given)) expect(action.inputs).toHaveProperty(key);
  });

  it('names options that the commands have', () => {
    const tare = new Command('tare');
    addJudging(tare, {} as CommandContext, () => undefined);
    const lines = [...page.matchAll(/\btare (compare|gate|history|calibrate)\b([^`\n]*)/g)];
    expect(lines.length).toBeGreaterThanOrEqual(5);
    for (const [line, name, rest] of lines) {
      const command = tare.commands.find((each) => each.name() === name);
      for (const [option] of rest?.matchAll(/--[a-z-]+/g) ?? []) {
        expect(
          command?.options.map(({ long }) => long),
          line,
        ).toContain(option);
      }
    }
  });
});
