import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Engine } from '../../bench/engine/engine.ts';
import { labels } from '../../bench/engine/labels.ts';
import { enginesElsewhere, measureAloneOn } from '../../bench/site/measuring-elsewhere.ts';
import type { MeasuringOptions } from '../../bench/state/measuring.ts';
import { ownOwner } from '../../results/owner.ts';
import { bootId } from '../../results/process-identity.ts';
import { FakeEngine } from '../fixtures/fake-engine.ts';

let folder: string;
let one: FakeEngine;
let two: FakeEngine;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tare-alone-'));
  vi.stubEnv('TARE_STATE', folder);
  [one, two] = await Promise.all([FakeEngine.start(), FakeEngine.start()]);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await Promise.all([one.stop(), two.stop()]);
  rmSync(folder, { recursive: true, force: true });
});

const place = { image: 'toolbox', siteRun: 'site' };
const quick = { lookMillis: 20, stillMillis: 200 };
const deadOwner = () => [...ownOwner().split('.').slice(0, 4), '1'].join('.');
const ownerElsewhere = () => `00000000.${ownOwner().split('.').slice(1).join('.')}`;

function options(change: Partial<MeasuringOptions> = {}) {
  const said: string[] = [];
  const progress = (text: string) => void said.push(text);
  return {
    said,
    options: { run: 'r2', wait: true, progress, signal: new AbortController().signal, ...change },
  };
}

const alone = (engines: readonly Engine[], change: Partial<MeasuringOptions> = {}) =>
  measureAloneOn(engines, place, options(change).options, quick);

/** Another process that measures there until it is killed. */
async function otherRun(fake: FakeEngine) {
  const program = fileURLToPath(new URL('../fixtures/measuring-child.mts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', program, fake.url, 'toolbox'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  return child;
}

/** What a run left there. */
async function leave(fake: FakeEngine, owner: string, state: 'created' | 'running' | 'exited', text = '') {
  const { docker } = fake.engine();
  const made = { ...labels('old'), 'tare.owner': owner, 'tare.measuring': text };
  const { id } = await docker.createContainer({ name: 'tare-measuring', Labels: made });
  const container = fake.containers.get(id);
  if (container) Object.assign(container, { running: state === 'running', hasStarted: state !== 'created' });
  return id;
}

describe('measuring on another machine', () => {
  it('waits for another process, says for whom, and goes on as that is killed', async () => {
    const other = await otherRun(one);
    const { said, options: mine } = options();
    const waiting = measureAloneOn([one.engine()], place, mine, quick);
    const words = new RegExp(
      `run r1 \\(process ${other.pid} of [\\w.-]+ on [\\w.-]+, since \\d\\d:\\d\\d:\\d\\d UTC\\)`,
    );
    await expect(alone([one.engine()], { wait: false })).rejects.toMatchObject({
      kind: 'infrastructure',
      message: expect.stringMatching(words),
    });
    expect(said).toEqual([expect.stringMatching(words)]);
    other.kill('SIGKILL');
    const release = await waiting;
    await expect(alone([one.engine()], { wait: false })).rejects.toThrow(/run r2/);
    await release();
    expect([...one.containers.values()]).toEqual([]);
  });

  it('gives the container nothing to do harm with, and labels that clean knows', async () => {
    const release = await alone([one.engine()]);
    const spec = [...one.containers.values()][0]?.spec;
    expect(spec).toMatchObject({
      StdinOnce: true,
      Labels: { tare: '1', 'tare.run': 'site', 'tare.owner': ownOwner() },
      HostConfig: { AutoRemove: true, NetworkMode: 'none', CapDrop: ['ALL'], CapAdd: [] },
    });
    await release();
  });

  it.each([
    ['a running one of a dead process', deadOwner, 'running'],
    ['one of a dead process that never started', deadOwner, 'created'],
    ['an ended one of a process elsewhere', ownerElsewhere, 'exited'],
    ['one of a process elsewhere that never started', ownerElsewhere, 'created'],
  ] as const)('takes over %s, and only one of many does', async (_, owner, state) => {
    await leave(one, owner(), state);
    let inside = 0;
    let most = 0;
    const turns = Array.from({ length: 6 }, async (_, index) => {
      const release = await alone([one.engine()], { run: `r${index}` });
      most = Math.max(most, ++inside);
      expect([...one.containers.values()].filter(({ running }) => running)).toHaveLength(1);
      await sleep(30);
      inside--;
      await release();
    });
    await Promise.all(turns);
    expect(most).toBe(1);
  });

  it('leaves alone what runs for a process elsewhere, and shows nothing of what it says that Tare would not', async () => {
    const id = await leave(one, ownerElsewhere(), 'running', '\u001b[2Jrun it');
    await expect(alone([one.engine()], { wait: false })).rejects.toThrow(
      /^a run that doesn’t say which is being measured on the machine of fake$/,
    );
    expect(one.containers.get(id)?.running).toBe(true);
  });

  it('takes two machines without waiting crosswise, and gives the first back where the second is refused', async () => {
    const sides = [one, two].map((fake) => ({ engine: fake.engine(), machine: fake.id }));
    const orders = [sides, [...sides].reverse()];
    const turns = orders.map(async (each, index) => {
      const release = await alone(enginesElsewhere(each), { run: `r${index}` });
      await sleep(20);
      await release();
    });
    await Promise.all(turns);
    const [first, second] = enginesElsewhere(sides) as [Engine, Engine];
    const release = await alone([second]);
    await expect(alone([first, second], { wait: false })).rejects.toThrow(/is being measured/);
    await (await alone([first], { wait: false }))();
    await release();
  });

  it('ends the waiting at a signal', async () => {
    const release = await alone([one.engine()]);
    const interruption = new AbortController();
    const progress = () => void setTimeout(() => interruption.abort(), 20);
    await expect(alone([one.engine()], { signal: interruption.signal, progress })).rejects.toMatchObject({
      name: 'AbortError',
    });
    await release();
  });

  it('asks no engine of this kernel, and no lab’s node beside the engine under it', () => {
    const engine = (id: string, ownership: Engine['ownership'] = 'user') =>
      ({ id, ownership, name: id }) as Engine;
    const names = (...sides: { engine: Engine; machine: string }[]) =>
      enginesElsewhere(sides).map(({ id }) => id);
    expect(names({ engine: engine('here'), machine: bootId() })).toEqual([]);
    expect(names({ engine: engine('b'), machine: 'm1' }, { engine: engine('a'), machine: 'm2' })).toEqual([
      'a',
      'b',
    ]);
    const node = { engine: engine('node', 'lab'), machine: 'm1' };
    expect(names({ engine: engine('b'), machine: 'm1' }, node)).toEqual(['b']);
    expect(names(node)).toEqual(['node']);
  });
});
