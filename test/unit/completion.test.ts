import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gateRun, writeGateRun } from '../fixtures/gate-runs.ts';

const cli = resolve(import.meta.dirname, '../../bench/cli/cli.ts');
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tare-shell-'));
  await writeGateRun(join(folder, 'results', 'runs'), gateRun({ id: 'night-1', seed: 1 }));
  for (const shell of ['bash', 'zsh', 'fish'])
    await writeFile(join(folder, shell), (await tare('completion', shell)).stdout);
}, 60_000);
afterAll(() => rm(folder, { recursive: true }));

const tare = (...words: string[]) =>
  execa(process.execPath, ['--import', import.meta.resolve('tsx'), cli, ...words], { cwd: folder });

/** What stands behind the cursor's word once its shell has completed it, for a line whose last word is not whole. */
const cases = [
  ['tare doc', 'doctor'],
  ['tare lab sta', 'status'],
  ['tare run --prof', '--profile'],
  ['tare run --profile sta', 'standard'],
  ['tare run --scenario same-host/host cross-host/overlay-e', 'cross-host/overlay-encrypted'],
  ['tare run --scenario same-host/host --workload udp-capacity-6', 'udp-capacity-64'],
  ['tare report night', 'night-1'],
  ['tare gate --baseline night', 'night-1'],
  ['tare completion fi', 'fish'],
] as const;

/** Not every machine has every shell. */
const isHere = async (shell: string) =>
  (await execa(shell, ['-c', 'true'], { reject: false })).exitCode === 0;
const absent = {
  zsh: (await isHere('zsh')) ? undefined : 'zsh is not installed here',
  fish: (await isHere('fish')) ? undefined : 'fish is not installed here',
};

describe('a shell completes', () => {
  it.each(cases)('in bash %s', async (line, wanted) => {
    const words = line.split(' ');
    const script = 'source ./bash; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _tare; declare -p COMPREPLY';
    const { stdout } = await execa('bash', ['--norc', '-c', script, 'bash', ...words], { cwd: folder });
    expect(stdout).toBe(`declare -a COMPREPLY=([0]="${wanted}")`);
  });

  it('in fish the same', async (test) => {
    if (absent.fish) test.skip(absent.fish);
    for (const [line, wanted] of cases) {
      const script = 'source ./fish; complete -C "$argv[1]"';
      const { stdout } = await execa('fish', ['--no-config', '-c', script, line], {
        cwd: folder,
        env: { HOME: folder },
      });
      expect(stdout.split('\n').map((each) => each.split('\t')[0])).toEqual([wanted]);
    }
  });

  it('in zsh the same', { timeout: 60_000 }, async (test) => {
    if (absent.zsh) test.skip(absent.zsh);
    // A shell at a terminal of its own: it is sent each line, a tab, and a key that writes down what stands there then.
    const script = `
      zmodload zsh/zpty
      zpty shell zsh -f -i
      settings='PS1=; autoload -U compinit; compinit -D -u; source ./zsh
        note() { print -r -- "$BUFFER" > noted.new; mv noted.new noted }; zle -N note; bindkey "^X" note'
      zpty -w shell "$settings"
      for line in "$@"; do
        rm -f noted
        zpty -w -n shell $'\\C-u'"$line"$'\\t\\C-x'
        until [[ -e noted ]]; do zpty -r -t shell seen; sleep 0.02; done
        cat noted
      done
      zpty -d shell`;
    const lines = cases.map(([line]) => line);
    const { stdout } = await execa('zsh', ['-f', '-c', script, 'zsh', ...lines], {
      cwd: folder,
      env: { HOME: folder, TERM: 'xterm' },
      timeout: 50_000,
    });
    expect(stdout.split('\n').map((line) => line.trimEnd().split(' ').at(-1))).toEqual(
      cases.map(([, wanted]) => wanted),
    );
  });
});

describe('the manual page', () => {
  it('tells of every command and option that --help tells of, and nothing in it is taken for a command', async () => {
    const { stdout: page } = await tare('man');
    const { stdout: help } = await tare('run', '--help');
    const plain = page.replaceAll('\\-', '-');
    for (const [flag] of help.matchAll(/--[a-z-]+/g)) expect(plain).toContain(flag);
    for (const name of ['check', 'doctor', 'lab up', 'lab down', 'completion', 'man'])
      expect(plain).toMatch(new RegExp(`^\\.SS "tare ${name}\\b`, 'm'));
    expect(page).toMatch(/^[\x20-\x7e\n]+$/);
    const requests = [...page.matchAll(/^\.(\S+)/gm)].map(([, name]) => name);
    expect(new Set(requests)).toEqual(new Set(['TH', 'SH', 'SS', 'B', 'TP', 'PP', 'nf', 'fi']));
  });

  it('is read by groff without a warning', async (test) => {
    const { exitCode } = await execa('groff', ['--version'], { reject: false });
    if (exitCode !== 0) test.skip('groff is not installed here');
    const { stdout: page } = await tare('man');
    const { stdout, stderr } = await execa('groff', ['-man', '-Tascii', '-P-cbou', '-ww'], { input: page });
    expect(stderr).toBe('');
    expect(stdout).toContain('COMMANDS');
  });
});
