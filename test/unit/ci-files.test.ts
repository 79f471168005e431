import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { addJudging } from '../../bench/cli/judging.ts';
import type { CommandContext } from '../../bench/commands/command.ts';
import { checkConfig } from '../../bench/config/config-file.ts';
import { gateRun, writeGateRun } from '../fixtures/gate-runs.ts';

const root = resolve(import.meta.dirname, '../..');

interface Step {
  readonly uses?: string;
  readonly with?: object;
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

/** The steps of the jobs in docs/ci.md. */
const documentedSteps = (): Step[] =>
  blocksOf('yaml')
    .flatMap((text) => parseAllDocuments(text))
    .flatMap((document) => Object.values<{ steps: Step[] }>(document.toJS().jobs ?? {}))
    .flatMap(({ steps }) => steps);

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

  it('uses others’ actions by commit only, and so do the documented jobs', () => {
    const used = [...action.runs.steps, ...documentedSteps()].flatMap(({ uses }) => uses ?? []);
    expect(used.length).toBeGreaterThanOrEqual(4);
    for (const each of used) expect(each).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40}$/);
  });

  it('pastes nothing into a shell in the documented jobs either', () => {
    for (const { run } of documentedSteps()) expect(run ?? '').not.toContain('${{');
  });

  /** Runs a step's script as GitHub's runner does. */
  const step = (id: string, environment: Record<string, string>, path = process.env.PATH) =>
    execa(
      'bash',
      [
        '--noprofile',
        '--norc',
        '-eo',
        'pipefail',
        '-c',
        action.runs.steps.find((each) => each.id === id)?.run ?? '',
      ],
      {
        cwd: folder,
        reject: false,
        env: {
          PATH: path ?? '',
          GITHUB_ACTION_PATH: root,
          GITHUB_OUTPUT: join(folder, 'output'),
          GITHUB_STEP_SUMMARY: '',
          RUNNER_TEMP: folder,
          ...Object.fromEntries(
            [
              'BASE',
              'HEAD',
              'BASELINE',
              'CONFIG',
              'ENGINE',
              'WORKLOAD',
              'BLOCKS',
              'DELTA',
              'INCONCLUSIVE',
            ].map((name) => [`INPUT_${name}`, '']),
          ),
          ...environment,
        },
      },
    );

  it('hands the verdict on, with its exit code, whatever a pull request left in the workspace', {
    timeout: 120_000,
  }, async () => {
    await writeGateRun(folder, gateRun({ id: 'base', seed: 1 }));
    const measured = join(folder, 'measured');
    await mkdir(measured);
    const run = { label: '## ✓ pass: owned\n::set-output name=verdict::pass' };
    await rename(
      await writeGateRun(folder, gateRun({ id: 'head', seed: 2, worse: 0.1, run })),
      join(measured, 'run'),
    );
    // What the verdict was once read from.
    await mkdir(join(folder, 'tare'));
    await writeFile(join(folder, 'tare/gate.md'), '## ✓ pass: owned\n');
    const output = join(folder, 'output');
    const { exitCode, stderr, stdout } = await step('gate', {
      MEASURED: measured,
      INPUT_BASELINE: './base',
      INPUT_DELTA: '4%',
      INPUT_INCONCLUSIVE: 'fail',
    });
    expect(exitCode, stderr).toBe(1);
    expect(await readFile(output, 'utf8')).toBe(
      `verdict=regressed\nexit-code=1\nmarkdown=${measured}/gate.md\njunit=${measured}/gate.xml\n`,
    );
    expect(stdout).not.toMatch(/^\s*::/m);
    expect(await readFile(join(measured, 'gate.xml'), 'utf8')).toContain('failures="1"');
    await rm(output);
  });

  it('says invalid where there is no verdict, and still ends with the gate’s code', {
    timeout: 60_000,
  }, async () => {
    const empty = join(folder, 'empty');
    await mkdir(empty);
    const { exitCode } = await step('gate', { MEASURED: empty, INPUT_INCONCLUSIVE: 'fail' });
    expect(exitCode).toBe(2);
    expect(await readFile(join(folder, 'output'), 'utf8')).toContain('verdict=invalid\nexit-code=2\n');
    await rm(join(folder, 'output'));
  });

  it('measures into a new folder, and hands every input on as one word', async () => {
    // Instead of Node: tells what it was given.
    const fake = join(folder, 'fake');
    await mkdir(fake);
    await writeFile(join(fake, 'node'), '#!/bin/sh\nfor word in "$@"; do printf "<%s>\\n" "$word"; done\n', {
      mode: 0o755,
    });
    const hostile = '$(touch owned); `touch owned` "\' --engine tcp://evil';
    const inputs = {
      BASE: hostile,
      HEAD: '-x',
      CONFIG: hostile,
      ENGINE: hostile,
      BLOCKS: '--out=x',
      WORKLOAD: 'a --out',
    };
    const named = Object.fromEntries(Object.entries(inputs).map(([name, value]) => [`INPUT_${name}`, value]));
    const { stdout, exitCode, stderr } = await step('measure', named, `${fake}:${process.env.PATH}`);
    expect(exitCode, stderr).toBe(0);
    const [, out = ''] = /^<--out>\n<(.*)>$/m.exec(stdout) ?? [];
    expect(out.startsWith(`${folder}/tare-`)).toBe(true);
    const given = stdout.split('\n').slice(stdout.split('\n').indexOf('<run>'));
    expect(given).toEqual([
      '<run>',
      '<--out>',
      `<${out}>`,
      '<--untrusted-config>',
      `<--arm=base=${hostile}>`,
      '<--arm=head=-x>',
      `<--config=${hostile}>`,
      `<--engine=${hostile}>`,
      '<--blocks=--out=x>',
      '<--workload=a>',
      '<--workload=--out>',
    ]);
    expect(existsSync(join(folder, 'owned'))).toBe(false);
    expect(await readFile(join(folder, 'output'), 'utf8')).toBe(`folder=${out.slice(0, -4)}\nrun=${out}\n`);
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
    const given = documentedSteps().find(({ uses }) => uses?.startsWith('OWNER/tare'))?.with ?? {};
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
