import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { compiled, counterPlugin, guestAgentProgram } from '../../bench/machine/compile.ts';
import { GuestAgent } from '../../bench/machine/guest-agent.ts';

const reason =
  process.platform !== 'linux'
    ? 'the agent is a program for Linux'
    : spawnSync('cc', ['--version']).error
      ? 'no C compiler is here'
      : undefined;

let folder: string;
let program: string;
const children: ChildProcess[] = [];

beforeAll(async () => {
  if (reason !== undefined) return;
  folder = mkdtempSync(join(tmpdir(), 'tare-agent-'));
  vi.stubEnv('TARE_STATE', join(folder, 'state'));
  program = await compiled(guestAgentProgram);
}, 60_000);
beforeEach(({ skip }) => {
  if (reason !== undefined) skip(reason);
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});
afterAll(() => {
  vi.unstubAllEnvs();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

/** The agent itself, as a process of this machine. */
function agent(): GuestAgent {
  const child = spawn(program, ['3'], { stdio: ['ignore', 'inherit', 'inherit', 'pipe'] });
  children.push(child);
  return new GuestAgent(child.stdio[3] as Socket);
}

describe('programs in C', () => {
  it('compile without a warning, and once', async () => {
    for (const each of [counterPlugin, guestAgentProgram]) {
      const flags = ['-std=gnu11', '-O2', '-Wall', '-Wextra', '-Werror', ...each.flags];
      execFileSync('cc', [...flags, '-o', join(folder, 'out'), join('bench', 'machine', each.source)]);
      expect(await compiled(each)).toBe(await compiled(each));
    }
  }, 60_000);

  it('say in a line that no compiler is there', async () => {
    const other = { ...guestAgentProgram, flags: ['-static', '-DOTHER'] };
    const path = process.env.PATH;
    vi.stubEnv('PATH', join(folder, 'nothing'));
    await expect(compiled(other)).rejects.toThrow('needs a C compiler for tare-agent');
    vi.stubEnv('PATH', path);
  });
});

describe('the agent', () => {
  it('reads files whole, and says which one it can not', async () => {
    const guest = agent();
    const path = join(folder, 'large');
    writeFileSync(path, Buffer.alloc(3_000_000, 'tare\n'));
    expect((await guest.read(path)).equals(readFileSync(path))).toBe(true);
    await expect(guest.read('/no/such/file')).rejects.toThrow("can't open /no/such/file: No such file");
    // Its size is told as 0.
    expect((await guest.read('/proc/version')).equals(readFileSync('/proc/version'))).toBe(true);
  });

  it('runs programs and tells both outputs and how they ended', async () => {
    const guest = agent();
    const argv = ['sh', '-c', 'echo "$1"; echo bad >&2; exit 7', 'sh', 'two words\nand a line'];
    expect(await guest.run(argv, 10)).toEqual({
      exitCode: 7,
      stdout: 'two words\nand a line\n',
      stderr: 'bad\n',
      timedOut: false,
    });
    expect(await guest.run(['sh', '-c', 'kill -KILL $$'], 10)).toMatchObject({
      exitCode: 137,
      timedOut: false,
    });
    expect(await guest.run(['no-such-program'], 10)).toMatchObject({ exitCode: 127 });
    const many = await guest.run(['sh', '-c', 'head -c 2000000 /dev/zero'], 20);
    expect(many.stdout.length).toBe(2_000_000);
  });

  it('ends what does not end in time, with all that it started', async () => {
    const guest = agent();
    const marker = join(folder, 'late');
    const argv = ['sh', '-c', `(sleep 2; echo late > ${marker}) & sleep 60`];
    expect(await guest.run(argv, 0.2)).toMatchObject({ timedOut: true });
    await sleep(2500);
    expect(existsSync(marker)).toBe(false);
    expect(await guest.run(['true'], 10)).toMatchObject({ exitCode: 0 });
  });

  it('holds processes by name and lets them go on', async () => {
    const guest = agent();
    const name = `t-${process.pid}-held`.slice(0, 15);
    const sleeper = join(folder, name);
    copyFileSync(realSleep(), sleeper);
    execFileSync('chmod', ['+x', sleeper]);
    const child = spawn(sleeper, name.includes('busybox') ? ['sleep', '60'] : ['60'], { stdio: 'ignore' });
    children.push(child);
    const state = () => /^State:\t(\w)/m.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1];
    await expect.poll(() => readFileSync(`/proc/${child.pid}/comm`, 'utf8')).toBe(`${name}\n`);
    expect(await guest.hold([name, 'no-such-daemon'])).toBe(1);
    await expect.poll(state).toBe('T');
    await guest.release([name]);
    await expect.poll(state).toBe('S');
  });

  it('measures windows by the lines of a program that waits at a pipe', async () => {
    const guest = agent();
    const [go, done] = [join(folder, 'go'), join(folder, 'done')];
    execFileSync('mkfifo', [go, done]);
    const script = `exec 3<${go} 4>${done}; while read -r n <&3; do sleep 0.0$n; echo "ended $n" >&4; done`;
    children.push(spawn('sh', ['-c', script], { stdio: 'ignore' }));
    const windows = await guest.windows({
      ...{ go, done, lines: ['1', '5'], settleMilliseconds: 1, deadlineSeconds: 10 },
    });
    expect(windows.map((each) => each.said)).toEqual(['ended 1', 'ended 5']);
    expect(windows[0]?.nanoseconds).toBeGreaterThan(10e6);
    expect(windows[1]?.nanoseconds).toBeGreaterThan(50e6);
  });

  it('gives a window up where nobody waits for it', async () => {
    const guest = agent();
    const go = join(folder, 'go-alone');
    execFileSync('mkfifo', [go]);
    const nobody = { go, done: go, lines: ['1'], settleMilliseconds: 1, deadlineSeconds: 0.5 };
    await expect(guest.windows(nobody)).rejects.toThrow(`can't open ${go}: Interrupted system call`);
  });

  it('tells of its machine’s end, now and afterwards', async () => {
    const guest = agent();
    const asked = guest.run(['sleep', '60'], 60);
    setTimeout(() => children[0]?.kill('SIGKILL'), 200);
    await expect(asked).rejects.toThrow('its machine ended');
    await expect(guest.run(['true'], 1)).rejects.toThrow('its machine ended');
  });
});

function realSleep(): string {
  return execFileSync('sh', ['-c', 'readlink -f "$(command -v sleep)"'], { encoding: 'utf8' }).trim();
}
