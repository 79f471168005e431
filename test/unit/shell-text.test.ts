import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Probe } from '../../bench/site/probe.ts';

const bench = join(import.meta.dirname, '../../bench');

/** The template text given right behind a call that runs shell, or behind `-c`. */
const shellText = /(?:\.(?:shell|tryShell|read|script)\(\s*|'-c',\s*)`((?:[^`\\]|\\.)*)`/g;

// Constants of this code, numbers that were matched as such, quoted words, and a file's name, which goes into no shell.
const harmless = new Set([
  'claims/stage.ts: attempt',
  'site/machine-reader.ts: files',
  'site/site-engine.ts: Probe.swarmState',
  'witness/wire-tap.ts: pid',
  "engine/container-executor.ts: argv.map(quoted).join(' ')",
  'workloads/tools/nginx.ts: folder',
  'run/counted-trial.ts: inGuest',
  'run/counted-trial.ts: name',
]);

describe('a shell’s text', () => {
  test('holds no value that an engine or a file gave: these are words of their own', () => {
    const pasted: string[] = [];
    for (const name of readdirSync(bench, { recursive: true, encoding: 'utf8' })) {
      if (!name.endsWith('.ts')) continue;
      for (const [, text] of readFileSync(join(bench, name), 'utf8').matchAll(shellText))
        for (const [, value] of (text as string).matchAll(/\$\{([^}]*)\}/g))
          if (!harmless.has(`${name}: ${value}`)) pasted.push(`${name}: ${value}`);
    }
    expect(pasted).toEqual([]);
  });

  test('gets a probe’s words as words, whatever they hold', async () => {
    const seen: (readonly string[])[] = [];
    const probe = Object.create(Probe.prototype) as { executor: unknown; engine: unknown } & Probe;
    const run = async (argv: readonly string[]) => {
      seen.push(argv);
      return { exitCode: 0, stdout: '', stderr: '', timedOut: false };
    };
    Object.assign(probe, { executor: { run }, engine: { name: 'one' } });
    await probe.shell('nc "$1"', 5, ['10.0.0.1; touch x #']);
    expect(seen).toEqual([['sh', '-c', 'nc "$1"', 'sh', '10.0.0.1; touch x #']]);
  });
});
