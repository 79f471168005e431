import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AcquiredEngine, acquireEngine } from '../../bench/engine/acquire-engine.ts';
import { ensureToolbox } from '../../bench/image/image.ts';
import { trialReasonText } from '../../results/reason-text.ts';
import { readRun } from '../../results/stored-run.ts';
import { ownState } from './lab-state.ts';
import { startTare, tare, workFolder } from './rig.ts';

let removeState: () => void;
let acquired: AcquiredEngine;
let folder: string;
beforeAll(async () => {
  removeState = ownState();
  acquired = await acquireEngine({ progress: () => undefined });
  folder = await workFolder();
}, 1_800_000);
afterAll(async () => {
  await acquired.release();
  removeState();
});

const short = ['--workload', 'tcp-stream'];

async function untilMeasured(out: string): Promise<void> {
  const trials = join(folder, out, 'trials.ndjson');
  while (!existsSync(trials) || readFileSync(trials).length === 0) await sleep(200);
}

async function containers(): Promise<string[]> {
  const found = await acquired.engine.docker.listContainers({ all: true });
  return found.map(({ Names }) => Names[0]?.slice(1) ?? '');
}

/** The labels of what a process made that has ended since. */
async function labelsOfTheDead(): Promise<Record<string, string>> {
  const from = JSON.stringify(fileURLToPath(new URL('../../bench/engine/labels.ts', import.meta.url)));
  const script = `import { labels } from ${from}; console.log(JSON.stringify(labels('killed')));`;
  const node = ['--import', 'tsx', '--input-type=module', '--eval', script];
  return JSON.parse((await execa(process.execPath, node)).stdout);
}

describe('tare clean, beside others', () => {
  it('takes what a killed run left, and neither a living run’s nor a stranger’s', {
    timeout: 600_000,
  }, async () => {
    const { docker } = acquired.engine;
    const toolbox = await ensureToolbox(acquired.engine, () => undefined);
    const stranger = await docker.createContainer({
      name: 'stranger',
      Image: toolbox.name,
      Cmd: ['sleep', '600'],
      HostConfig: { NetworkMode: 'none' },
    });
    await stranger.start();

    const living = startTare(
      [
        'run',
        '--scenario',
        'same-host/bridge',
        'same-host/bare',
        ...short,
        '--blocks',
        '12',
        '--out',
        'living',
      ],
      folder,
    );
    await untilMeasured('living');
    // A run begins by removing what killed ones left, so this is left while one measures.
    const Labels = await labelsOfTheDead();
    const network = await docker.createNetwork({ Name: 'tare-left', Labels });
    const left = await docker.createContainer({
      name: 'tare-left',
      Image: toolbox.name,
      Cmd: ['sleep', '600'],
      Labels,
      HostConfig: { NetworkMode: network.id },
    });
    await left.start();

    const told = await tare(['clean', '--dry-run'], folder);
    expect(told.stdout).toContain('would be removed');
    expect(await containers()).toContain('tare-left');

    const cleaned = await tare(['clean', '--json'], folder);
    expect(cleaned.exitCode, cleaned.stderr).toBe(0);
    const said = JSON.parse(cleaned.stdout);
    expect(Object.values(said.engines)).toEqual([
      expect.objectContaining({ containers: ['tare-left'], networks: ['tare-left'], interfaces: [] }),
    ]);
    expect(said.kept.length).toBeGreaterThan(0);
    for (const { reason } of said.kept) expect(reason).toMatch(/lives \(process \d+\)/);
    expect(said.privateEngineStopped).toBe(false);

    const cleanedAt = new Date().toISOString();
    // All that is not seen to live: still not the living run.
    expect((await tare(['clean', '--all'], folder)).exitCode).toBe(0);
    const { exitCode, stderr } = await living;
    expect(exitCode, stderr).toBe(0);
    const { run, trials } = await readRun(join(folder, 'living'));
    expect(run.state).toBe('finished');
    // Both go on: what runs in containers and what runs on this machine itself. A single trial may be invalid for other
    // reasons, such as what else this machine does.
    const after = trials.filter(({ status, startedAt }) => status === 'ok' && startedAt > cleanedAt);
    expect(new Set(after.map(({ scenario }) => scenario))).toEqual(
      new Set(['same-host/host', 'same-host/bridge', 'same-host/bare']),
    );
    for (const trial of trials)
      if (trial.status !== 'ok')
        expect(trialReasonText(trial.reason)).not.toMatch(/removed|killed|no such|went away/i);
    expect(await containers()).toEqual(['stranger']);
    await stranger.remove({ force: true });
  });
});
