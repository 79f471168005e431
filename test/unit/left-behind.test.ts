import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { labels } from '../../bench/engine/labels.ts';
import { Closing } from '../../bench/site/closing.ts';
import { removeLeftBehind } from '../../bench/site/left-behind.ts';
import { FakeEngine } from '../fixtures/fake-engine.ts';

let fake: FakeEngine;
let folder: string;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tare-left-'));
  vi.stubEnv('TARE_STATE', folder);
  fake = await FakeEngine.start();
});
afterEach(async () => {
  await fake.stop();
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

/** The labels of a run whose process has ended. */
async function labelsOfDeadRun(): Promise<Record<string, string>> {
  const code = `import { labels } from '${process.cwd()}/bench/engine/labels.ts'; console.log(JSON.stringify(labels('dead')));`;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const [text] = await once(child.stdout, 'data');
  await ended;
  return JSON.parse(String(text));
}

it('a run begins by removing what killed ones left, and nothing that lives or is a lab’s', async () => {
  const engine = fake.engine();
  const dead = await labelsOfDeadRun();
  const make = (name: string, Labels: Record<string, string>) =>
    engine.docker.createContainer({ name, Image: 'toolbox', Labels });
  await make('dead', dead);
  await make('alive', labels('alive'));
  await make('lab', { ...dead, 'tare.lab': 'tare-lab-1' });
  await make('foreign', {});
  const said: string[] = [];
  await removeLeftBehind([engine], ({ text }) => said.push(text));
  expect([...fake.containers.values()].map(({ name }) => name)).toEqual(['alive', 'lab', 'foreign']);
  expect(said).toEqual(['Removed what killed runs had left (1 things)']);
});

it('closing goes on past what fails, tells of it, and forgets what was on an engine that is no more', async () => {
  const closing = new Closing();
  const order: string[] = [];
  const leftover = (engine: string) => ({
    kind: 'container' as const,
    name: 'c',
    engine,
    reason: 'no answer',
    command: 'docker rm c',
  });
  closing.add('the private engine', async () => void order.push('engine'));
  closing.add('the lab', async () => {
    order.push('lab');
    return { ended: ['node-1'] };
  });
  closing.add('a step', async () => {
    throw new Error('it broke');
  });
  closing.add('what the run made', async () => {
    order.push('objects');
    return { leftovers: [leftover('node-1'), leftover('local')] };
  });
  expect(await closing.run()).toEqual([
    leftover('local'),
    { kind: 'engine', name: 'a step', engine: 'a step', reason: 'it broke', command: 'tare clean' },
  ]);
  expect(order).toEqual(['objects', 'lab', 'engine']);
  expect(await closing.run()).toEqual([]);
});
