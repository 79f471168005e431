import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  lchownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Leases } from '../../bench/state/leases.ts';
import { withLock } from '../../bench/state/lock.ts';
import { stateFolder, stateTag } from '../../bench/state/state.ts';
import { identityOf, isRunning } from '../../results/process-identity.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tare-unit-'));
  vi.stubEnv('TARE_STATE', join(folder, 'state'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

describe('state folder', () => {
  test('is made for the owner only, and found again', () => {
    const path = stateFolder();
    expect(statSync(path).mode & 0o777).toBe(0o700);
    expect(stateFolder()).toBe(path);
  });

  test('follows XDG_STATE_HOME where TARE_STATE is not set', () => {
    vi.stubEnv('TARE_STATE', '');
    vi.stubEnv('XDG_STATE_HOME', folder);
    expect(stateFolder()).toBe(join(folder, 'tare'));
  });

  test('is refused where its path leaves no room for a socket', () => {
    vi.stubEnv('TARE_STATE', join(folder, 'x'.repeat(90)));
    expect(() => stateFolder()).toThrowError(/too long/);
  });

  describe('that somebody else has a hand in', () => {
    const state = () => join(folder, 'state');

    test.each([0o777, 0o770, 0o720, 0o702])('is refused: mode %o', (mode) => {
      mkdirSync(state());
      chmodSync(state(), mode);
      expect(() => stateFolder()).toThrowError(/not safe: others may write to it/);
      chmodSync(state(), 0o755);
      expect(stateFolder()).toBe(state());
    });

    test('is refused: below a folder in which everybody may replace it', () => {
      const open = join(folder, 'open');
      mkdirSync(open);
      chmodSync(open, 0o777);
      vi.stubEnv('TARE_STATE', join(open, 'state'));
      expect(() => stateFolder()).toThrowError(/everybody may write to/);
      // As in /tmp, nobody can then.
      chmodSync(open, 0o1777);
      expect(stateFolder()).toBe(join(open, 'state'));
    });

    const needsRoot = process.getuid?.() === 0 ? false : 'only root can give files to others';
    test('is refused: another owner, a link of another, a folder above of another', ({ skip }) => {
      skip(needsRoot !== false, String(needsRoot));
      mkdirSync(state());
      chownSync(state(), 4242, 4242);
      expect(() => stateFolder()).toThrowError(/belongs to user 4242, not to you/);

      const own = join(folder, 'own');
      const link = join(folder, 'link');
      mkdirSync(own, { mode: 0o700 });
      symlinkSync(own, link);
      vi.stubEnv('TARE_STATE', link);
      expect(stateFolder()).toBe(own);
      lchownSync(link, 4242, 4242);
      expect(() => stateFolder()).toThrowError(/link belongs to user 4242/);

      const theirs = join(folder, 'theirs');
      mkdirSync(theirs);
      chownSync(theirs, 4242, 4242);
      vi.stubEnv('TARE_STATE', join(theirs, 'state'));
      expect(() => stateFolder()).toThrowError(
        /theirs belongs to user 4242, who can put another in its place/,
      );
      vi.stubEnv('SUDO_UID', '4242');
      expect(stateFolder()).toBe(join(theirs, 'state'));
    });
  });

  test('has a tag that differs from folder to folder', () => {
    const tag = stateTag();
    expect(tag).toMatch(/^[0-9a-f]{8}$/);
    vi.stubEnv('TARE_STATE', join(folder, 'other'));
    expect(stateTag()).not.toBe(tag);
  });
});

describe('processes', () => {
  test('are told from others with the same number by their start', async () => {
    const own = identityOf(process.pid);
    if (!own) throw new Error('no identity');
    expect(isRunning(own)).toBe(true);
    expect(isRunning({ ...own, startTicks: own.startTicks - 1 })).toBe(false);
    expect(isRunning({ ...own, bootId: 'another boot' })).toBe(false);
    const child = spawn('sleep', ['60']);
    const identity = identityOf(child.pid as number);
    if (!identity) throw new Error('no identity');
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(isRunning(identity)).toBe(false);
  });
});

describe('leases', () => {
  test('hold while one is taken, and no longer', () => {
    const leases = new Leases('thing');
    expect(leases.anyHeld()).toBe(false);
    const [first, second] = [leases.take(), leases.take()];
    first.release();
    expect(leases.anyHeld()).toBe(true);
    second.release();
    expect(leases.anyHeld()).toBe(false);
  });

  test('of a dead process do not count; a kept thing is held by nobody', async () => {
    const leases = new Leases('thing');
    const script = `import { Leases } from '${process.cwd()}/bench/state/leases.ts'; new Leases('thing').take(); console.log('taken'); setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: process.env,
    });
    await once(child.stdout, 'data');
    expect(leases.anyHeld()).toBe(true);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(leases.anyHeld()).toBe(false);
    leases.keep(true);
    expect(leases.anyHeld()).toBe(true);
    expect(leases.holder()).toBe('kept');
    const lease = leases.take();
    expect(leases.holder()).toBe('process');
    lease.release();
    leases.keep(false);
    expect(leases.anyHeld()).toBe(false);
  });
});

describe('a lease of another boot', () => {
  test('does not count, though a process with its number and start may run now', () => {
    const leases = new Leases('thing');
    leases.take();
    const leaseFolder = join(folder, 'state', 'thing');
    const [name] = readdirSync(leaseFolder);
    const { bootId } = identityOf(process.pid) ?? { bootId: '' };
    renameSync(
      join(leaseFolder, name as string),
      join(leaseFolder, (name as string).replace(bootId, 'other')),
    );
    expect(leases.anyHeld()).toBe(false);
  });
});

describe('lock', () => {
  test('lets one in at a time, and the next one after a failure', async () => {
    let inside = 0;
    let most = 0;
    const action = async () => {
      most = Math.max(most, ++inside);
      await new Promise((resolve) => setTimeout(resolve, 20));
      inside--;
    };
    await expect(withLock('door', () => Promise.reject(new Error('fell')))).rejects.toThrow('fell');
    await Promise.all([withLock('door', action), withLock('door', action), withLock('door', action)]);
    expect(most).toBe(1);
  });

  test('is free again when its holder is killed', async () => {
    const script = `import { withLock } from '${process.cwd()}/bench/state/lock.ts'; await withLock('door', async () => { console.log('in'); await new Promise(() => setInterval(() => {}, 1000)); });`;
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: process.env,
    });
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    expect(await withLock('door', async () => 'got it')).toBe('got it');
    expect(existsSync(join(folder, 'state', 'locks', 'door'))).toBe(true);
  });

  test('says for whom it waits, and ends the waiting at a signal', async () => {
    const said: string[] = [];
    const interruption = new AbortController();
    const first = withLock('door', () => new Promise<void>((resolve) => setTimeout(resolve, 2600)));
    await vi.waitFor(() => expect(existsSync(join(folder, 'state', 'locks', 'door.holder'))).toBe(true));
    const progress = (text: string) => {
      said.push(text);
      interruption.abort();
    };
    const second = withLock('door', async () => 'in', { progress, signal: interruption.signal });
    await expect(second).rejects.toMatchObject({ name: 'AbortError' });
    expect(said).toEqual([
      expect.stringMatching(
        new RegExp(
          `^Waiting for the lock “door”, held by process ${process.pid} \\(.*\\) since \\d\\d:\\d\\d:\\d\\d UTC$`,
        ),
      ),
    ]);
    await first;
    expect(await withLock('door', async () => 'free')).toBe('free');
  });

  test('gives up no waiting for a signal that came before, where none is given: clean-up is done', async () => {
    const before = AbortSignal.abort();
    await expect(withLock('door', async () => 'in', { signal: before })).rejects.toThrow();
    expect(await withLock('door', async () => 'in')).toBe('in');
  });

  test('is a failure with a remedy where flock is not installed', async () => {
    vi.stubEnv('PATH', '/nowhere');
    await expect(withLock('door', async () => 'in')).rejects.toMatchObject({
      kind: 'infrastructure',
      remedy: expect.stringContaining('util-linux'),
    });
  });
});
