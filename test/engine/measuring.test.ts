import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type AcquiredEngine, acquireEngine } from '../../bench/engine/acquire-engine.ts';
import { ensureToolbox } from '../../bench/image/image.ts';
import { measureAloneOn } from '../../bench/site/measuring-elsewhere.ts';

let acquired: AcquiredEngine;
beforeAll(async () => {
  acquired = await acquireEngine({ progress: () => undefined });
}, 1_800_000);
afterAll(() => acquired?.release());

test('an engine lets one process measure on its machine, and the next one as that is killed', {
  timeout: 300_000,
}, async () => {
  const { engine } = acquired;
  const { name: image } = await ensureToolbox(engine, () => undefined);
  const child = fileURLToPath(new URL('../fixtures/measuring-child.mts', import.meta.url));
  // In a process namespace of its own nobody here sees that it is dead: only the engine can tell.
  const hidden =
    process.getuid?.() === 0 ? ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc'] : [];
  const [program = '', ...words] = [...hidden, process.execPath, '--import', 'tsx', child, engine.url, image];
  const other = spawn(program, words, {
    stdio: ['ignore', 'pipe', 'inherit'],
    // Another state folder's, which can't clean up behind the first one.
    env: { ...process.env, TARE_STATE: mkdtempSync(join(tmpdir(), 'tare-other-')) },
  });
  await once(other.stdout, 'data');
  const said: string[] = [];
  const progress = (text: string) => void said.push(text);
  const options = { run: 'r2', wait: true, progress, signal: new AbortController().signal };
  const place = { image, siteRun: 'measuring-test' };
  await expect(measureAloneOn([engine], place, { ...options, wait: false })).rejects.toThrow(
    /run r1 \(process \d+ of /,
  );
  const waiting = measureAloneOn([engine], place, options);
  while (said.length === 0) await new Promise((resolve) => setTimeout(resolve, 50));
  other.kill('SIGKILL');
  const release = await waiting;
  const mine = await engine.docker.getContainer('tare-measuring').inspect();
  expect(mine.Config.Labels['tare.run']).toBe('measuring-test');
  expect(mine.State.Running).toBe(true);
  await release();
  const filters = { name: ['^/tare-measuring$'] };
  expect(await engine.docker.listContainers({ all: true, filters })).toEqual([]);
});
