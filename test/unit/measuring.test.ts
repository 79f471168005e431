import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { type MeasuringOptions, measureAlone } from '../../bench/state/measuring.ts';

const socketName = () => `\0tare-test-${randomBytes(6).toString('hex')}`;

function options(change: Partial<MeasuringOptions> = {}) {
  const said: string[] = [];
  const progress = (text: string) => void said.push(text);
  return {
    said,
    options: { run: 'r2', wait: true, progress, signal: new AbortController().signal, ...change },
  };
}

/** Another process that measures until it is killed. */
async function otherRun(socket: string) {
  const code = `import { measureAlone } from '${process.cwd()}/bench/state/measuring.ts'; await measureAlone({ run: 'r1', wait: true, progress: () => {}, signal: new AbortController().signal }, ${JSON.stringify(socket)}); console.log('measuring'); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, TARE_STATE: `/tmp/other-state-${process.pid}` },
  });
  await once(child.stdout, 'data');
  return child;
}

describe('measuring on a machine', () => {
  it('waits for another process, whatever its state folder, says for whom, and goes on as that is killed', async () => {
    const socket = socketName();
    const other = await otherRun(socket);
    const { said, options: mine } = options();
    const waiting = measureAlone(mine, socket);
    const refused = measureAlone(options({ wait: false }).options, socket);
    const words = new RegExp(`run r1 \\(process ${other.pid} of [\\w.-]+, since \\d\\d:\\d\\d:\\d\\d UTC\\)`);
    await expect(refused).rejects.toMatchObject({
      kind: 'infrastructure',
      message: expect.stringMatching(words),
    });
    expect(said).toEqual([expect.stringMatching(words)]);
    other.kill('SIGKILL');
    const release = await waiting;
    await expect(measureAlone(options({ wait: false }).options, socket)).rejects.toThrow(/run r2/);
    release();
    (await measureAlone(options({ wait: false }).options, socket))();
  });

  it('lets those who wait go one by one', async () => {
    const socket = socketName();
    let inside = 0;
    let most = 0;
    const turns = Array.from({ length: 5 }, async (_, index) => {
      const release = await measureAlone(options({ run: `r${index}` }).options, socket);
      most = Math.max(most, ++inside);
      await new Promise((resolve) => setTimeout(resolve, 20));
      inside--;
      release();
    });
    await Promise.all(turns);
    expect(most).toBe(1);
  });

  it('ends the waiting at a signal', async () => {
    const socket = socketName();
    const release = await measureAlone(options().options, socket);
    const interruption = new AbortController();
    const { options: mine } = options({
      signal: interruption.signal,
      progress: () => setTimeout(() => interruption.abort(), 20),
    });
    await expect(measureAlone(mine, socket)).rejects.toMatchObject({ name: 'AbortError' });
    release();
  });

  it('prints nothing that a stranger on the socket says', async () => {
    const socket = socketName();
    const stranger = createServer((line) =>
      line.on('error', () => undefined).write(`\u001b[2J${'x'.repeat(1e6)}\n`),
    );
    await once(stranger.listen(socket), 'listening');
    const refused = measureAlone(options({ wait: false }).options, socket);
    await expect(refused).rejects.toThrow(/^a run that doesn’t say which is being measured on this machine$/);
    stranger.close();
  });
});
