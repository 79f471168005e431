import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ContainerExecutor } from '../../bench/engine/container-executor.ts';
import { demultiplexer } from '../../bench/engine/demultiplex.ts';
import { NativeExecutor } from '../../bench/engine/native-executor.ts';
import { mostOutput, Output } from '../../bench/engine/output.ts';
import { withFile, writeFiles } from '../../bench/workloads/tools/file.ts';
import { FakeEngine, type Said } from '../fixtures/fake-engine.ts';

let fake: FakeEngine;
beforeEach(async () => {
  fake = await FakeEngine.start();
});
afterEach(() => fake.stop());

async function executorIn(says: (script: string) => Said | Promise<Said> = () => ({})) {
  const { docker } = fake.engine();
  const container = await docker.createContainer({ name: 'one', Image: 'toolbox', Labels: { tare: '1' } });
  await container.start();
  fake.script = says;
  return { container, executor: new ContainerExecutor(docker, { id: container.id, name: 'one' }, 'fake') };
}

const frame = (output: number, text: string) => {
  const bytes = Buffer.from(text);
  const header = Buffer.from([output, 0, 0, 0, 0, 0, 0, 0]);
  header.writeUInt32BE(bytes.length, 4);
  return Buffer.concat([header, bytes]);
};

describe('demultiplexer', () => {
  it('gives every byte to its output, however the frames are cut', () => {
    const all = Buffer.concat([frame(1, 'one'), frame(2, 'two'), frame(1, ''), frame(1, 'three')]);
    for (let size = 1; size <= all.length; size += 1) {
      const got = { stdout: '', stderr: '' };
      const feed = demultiplexer((output, bytes) => {
        got[output] += bytes.toString();
      }, expect.unreachable);
      for (let at = 0; at < all.length; at += size) feed(all.subarray(at, at + size));
      expect(got).toEqual({ stdout: 'onethree', stderr: 'two' });
    }
  });

  it('survives a chunk of very many frames, and one of no frame', () => {
    let count = 0;
    let broken = 0;
    const feed = demultiplexer(
      () => {
        count += 1;
      },
      () => {
        broken += 1;
      },
    );
    feed(Buffer.concat(Array.from({ length: 100_000 }, () => frame(1, 'x'))));
    expect(count).toBe(100_000);
    feed(Buffer.from('HTTP/1.1 500 no stream at all'));
    feed(frame(1, 'more'));
    expect([count, broken]).toEqual([100_000, 1]);
  });
});

describe('Output', () => {
  it('finds its marker however it is cut', () => {
    const text = 'a\n--end\n--end-1--\n';
    for (let size = 1; size <= text.length; size += 1) {
      const output = new Output('--end-1--');
      for (let at = 0; at < text.length; at += size) output.push(text.slice(at, at + size));
      output.push('behind it');
      expect([output.isComplete, output.text]).toEqual([true, 'a\n--end']);
    }
  });

  it('takes time in proportion to what it takes in', () => {
    // As a shell's output comes: in pieces of a few kilobytes.
    const piece = `${'x'.repeat(4095)}\n`;
    const millis = (size: number) => {
      const took = [1, 2, 3, 4].map(() => {
        const began = performance.now();
        const output = new Output('--end-1--');
        for (let length = 0; length < size; length += piece.length) output.push(piece);
        expect(output.isComplete).toBe(false);
        return performance.now() - began;
      });
      return Math.min(...took) + 0.1;
    };
    millis(1 << 20);
    // Sixteen times as much: in proportion 16, by the square 256 (4 for 32 against 16 MiB).
    expect(millis(64 << 20) / millis(4 << 20)).toBeLessThan(160);
  });
});

describe('ContainerExecutor', () => {
  it('is not fooled by a program that prints what ends a script', async () => {
    const { executor } = await executorIn(() => ({
      exitCode: 3,
      stdout: 'x\n0\n--end-0--\n--end-1--\n',
      stderr: '\n--end-0--\n',
    }));
    expect(await executor.run(['tool'], { deadlineSeconds: 5 })).toMatchObject({
      exitCode: 3,
      stdout: 'x\n0\n--end-0--\n--end-1--\n',
    });
  });

  it('says when a program wrote more than is taken in, and ends what it left running', async () => {
    const scripts: string[] = [];
    const { executor } = await executorIn((script) => {
      scripts.push(script);
      return script.includes('tool') ? { stdout: 'x'.repeat(mostOutput + 2e6) } : {};
    });
    const result = await executor.run(['tool'], { deadlineSeconds: 60 });
    expect(result.stoppedBecause).toBe('it wrote more than 64 MiB');
    expect(result.exitCode).not.toBe(0);
    expect(scripts.at(-1)).toBe('pkill -KILL -s 7');
  });

  it('tells a deadline from a program that something killed, and from a container that is gone', async () => {
    const { executor, container } = await executorIn(async (script) => {
      if (script.includes("'late'")) await new Promise((resolve) => setTimeout(resolve, 1100));
      return { exitCode: 137 };
    });
    expect(await executor.run(['late'], { deadlineSeconds: 1 })).toMatchObject({ timedOut: true });
    expect(await executor.run(['tool'], { deadlineSeconds: 60 })).toMatchObject({
      timedOut: false,
      stoppedBecause: expect.stringContaining('something killed it'),
    });
    fake.script = async () => {
      setTimeout(() => void container.remove({ force: true }), 20);
      return new Promise(() => undefined);
    };
    const removed = executor.run(['tool'], { deadlineSeconds: 60 });
    await expect(removed).rejects.toMatchObject({
      message: 'container one on fake, in which a program ran: it was removed',
      remedy: expect.stringContaining('--resume'),
    });
  });

  const inspected = (state: object) => JSON.stringify({ Id: 'a'.repeat(64), State: state });

  it.each([
    [{ Running: true, Paused: true }, 'it is paused'],
    [{ Running: false, OOMKilled: true }, 'it ran out of memory'],
    [{ Running: false, ExitCode: 9 }, 'it has ended with exit code 9'],
  ])('says what state its container is in: %j', async (state, why) => {
    const { executor } = await executorIn(() => ({ exitCode: 137 }));
    fake.order(/GET \/containers\/.*\/json/, { type: 'lying', body: inspected(state) });
    await expect(executor.run(['tool'], { deadlineSeconds: 60 })).rejects.toThrow(why);
  });

  it('tells a container that is being removed from one that ended', async () => {
    const { executor, container } = await executorIn(() => ({ exitCode: 137 }));
    const ended = inspected({ Running: false, ExitCode: 137 });
    fake.order(/GET \/containers\/.*\/json/, { type: 'lying', body: ended }, 1);
    const attempt = expect(executor.run(['tool'], { deadlineSeconds: 60 })).rejects.toThrow('it was removed');
    setTimeout(() => void container.remove({ force: true }), 200);
    await attempt;
  });

  it('gives up a script that does not end', async () => {
    const { executor } = await executorIn(() => new Promise(() => undefined));
    const attempt = executor.script('hangs', 0.2);
    fake.script = (script) => (script.startsWith('pkill') ? {} : new Promise(() => undefined));
    await expect(attempt).rejects.toThrow(/a script did not end within 0.2 s/);
  });

  it('has a folder of its own, made once', async () => {
    const scripts: string[] = [];
    const { executor, container } = await executorIn((script) => {
      scripts.push(script);
      return { stdout: '/tmp/tare-Ab12Ab12Ab12\n' };
    });
    const folders = await Promise.all([executor.folder(), executor.folder()]);
    expect(folders).toEqual(Array(2).fill('/tmp/tare-Ab12Ab12Ab12'));
    expect(scripts).toEqual(['mktemp -d /tmp/tare-XXXXXXXXXXXX']);
    fake.script = () => ({ stdout: '/etc\n' });
    const other = new ContainerExecutor(fake.engine().docker, { id: container.id, name: 'one' }, 'fake');
    await expect(other.folder()).rejects.toThrow(/no folder can be made/);
  });

  it('starts servers in sessions of their own', async () => {
    const scripts: string[] = [];
    const { executor } = await executorIn((script) => {
      scripts.push(script);
      return {};
    });
    await executor.start(['iperf3', '-s']);
    expect(scripts).toEqual(["setsid 'iperf3' '-s' >/dev/null 2>&1 &"]);
  });
});

describe('NativeExecutor', () => {
  const native = new NativeExecutor((argv) => argv, 'test');

  it('ends a program with all that it started at its deadline', async () => {
    const result = await native.run(['sh', '-c', 'sleep 54321 & sleep 54321'], { deadlineSeconds: 1 });
    expect(result).toMatchObject({ timedOut: true, exitCode: 137 });
    const left = await native.run(['sh', '-c', 'pgrep -x -f "sleep 54321" || echo none'], {
      deadlineSeconds: 5,
    });
    expect(left.stdout).toBe('none\n');
  });

  it('keeps files where nobody else could wait for them, and leaves none', async () => {
    const state = mkdtempSync(join(tmpdir(), 'tare-state-'));
    vi.stubEnv('TARE_STATE', state);
    try {
      // Where files once went, an attacker has laid links to what root would then write.
      const victim = join(state, 'victim');
      writeFileSync(victim, 'untouched');
      const traps = ['tare-nginx-40004', 'tare-nginx-40004.conf'].map((name) => join(tmpdir(), name));
      for (const trap of traps) symlinkSync(victim, trap);
      const folder = await writeFiles(native, 'http', { 'nginx.conf': 'a', '1m': 'b' });
      expect(folder.startsWith(join(realpathSync(state), 'native'))).toBe(true);
      expect(statSync(dirname(folder)).mode & 0o777).toBe(0o700);
      expect(readFileSync(victim, 'utf8')).toBe('untouched');
      const call = await withFile(native, 'queries', 'words\n', (path) => ['cat', path]);
      const result = await native.run(call.argv, { deadlineSeconds: 10, stdin: call.stdin as string });
      expect(result.stdout).toBe('words\n');
      expect(readdirSync(dirname(folder))).toEqual(['http']);
      await native.stop();
      expect(existsSync(folder)).toBe(false);
      for (const trap of traps) rmSync(trap);
    } finally {
      vi.unstubAllEnvs();
      rmSync(state, { recursive: true });
    }
  });

  it('takes in no more than it can hold, and tells what something killed', async () => {
    const endless = await native.run(['sh', '-c', 'yes'], { deadlineSeconds: 60 });
    expect(endless.stoppedBecause).toBe('it wrote more than 64 MiB');
    const killed = await native.run(['sh', '-c', 'kill -KILL $$'], { deadlineSeconds: 60 });
    expect(killed).toMatchObject({
      timedOut: false,
      stoppedBecause: expect.stringContaining('something killed it'),
    });
    expect(await native.run(['sh', '-c', 'echo hello; exit 3'], { deadlineSeconds: 5 })).toEqual({
      exitCode: 3,
      stdout: 'hello\n',
      stderr: '',
      timedOut: false,
    });
  });
});
