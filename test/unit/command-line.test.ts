import { execa } from 'execa';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commandLineOf } from '../../bench/cli/command-line.ts';
import { reproducible } from '../../bench/commands/run.ts';
import { shellWord, shellWords } from '../../results/shell-word.ts';

const hostile = [
  'it’s; $(touch x)',
  "it's; touch /tmp/x #",
  '`id`',
  '"',
  "'",
  "''",
  '',
  '-n',
  '~',
  '*',
  '!!',
  'a\nb',
  '\u001b[2Jgone',
  '\\',
  'a\\',
  '=ls',
  '{a,b}',
  'x y',
  '$HOME',
  '\u202eevil',
  'ümläut 🦊',
  '#no comment',
  'A=b',
  'a&b|c<d>e',
];

/** What bash makes of a pasted line, word by word. */
async function words(line: string): Promise<string[]> {
  const { stdout } = await execa('bash', ['-c', `printf '%s\\0' ${line}`], { stripFinalNewline: false });
  return stdout.split('\0').slice(0, -1);
}

describe('a command line to paste', () => {
  it('is the same words again, whatever they hold', async () => {
    expect(await words(shellWords(hostile))).toEqual(hostile);
    const any = fc.string({ unit: 'binary', maxLength: 20 }).map((text) => text.replaceAll('\0', ''));
    const samples = fc.sample(any, 300);
    expect(await words(shellWords(samples))).toEqual(samples);
  });

  it('shows nothing that a terminal would obey or turn round', () => {
    for (const word of hostile) expect(shellWord(word)).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });

  it('leaves plain words plain', () => {
    for (const word of ['run', '--scenario', 'same-host/bridge@mtu=9000', 'unix:///run/x.sock'])
      expect(shellWord(word)).toBe(word);
  });

  it('gets the seed that was drawn, unless it holds one: a label may look like it', () => {
    const line = "tare run --label '--seed 7'";
    expect(reproducible(line, { label: '--seed 7' }, 5)).toBe(`${line} --seed 5`);
    expect(reproducible('tare run --seed 7', { seed: 7 }, 7)).toBe('tare run --seed 7');
  });

  const given = ['run', '--label', "it's; rm -rf ~", '--scenario', '*overlay*'];
  const quoted = `run --label 'it'\\''s; rm -rf ~' --scenario '*overlay*'`;

  it.each([
    [
      ['node', '/x/bench/cli/cli.ts'],
      ['--import', 'tsx'],
      { npm_lifecycle_event: 'tare' },
      'npm run tare --',
    ],
    [
      ['node', '/x/bench/cli/cli.ts'],
      ['--import', 'tsx'],
      { npm_lifecycle_event: 'bench' },
      'npm run tare --',
    ],
    [['node', '/usr/bin/tare'], [], {}, 'tare'],
    [['node', '/x/dist/bench/cli/cli.js'], [], { npm_lifecycle_event: 'build' }, 'tare'],
    [['node', '/x y/bench/cli/cli.ts'], ['--import', 'tsx'], {}, `node --import tsx '/x y/bench/cli/cli.ts'`],
  ])('begins as it was started: %j', (argv, execArgv, environment, start) => {
    expect(commandLineOf({ argv: [...argv, ...given], execArgv, environment })).toBe(`${start} ${quoted}`);
  });

  it('holds no password', () => {
    const url = 'tcp://me:geheim@one:2376';
    const argv = ['node', '/usr/bin/tare', 'run', '--engine', url];
    expect(commandLineOf({ argv, execArgv: [], environment: {} })).toBe(
      'tare run --engine tcp://me@one:2376',
    );
  });
});
