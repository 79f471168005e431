import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { changesSince } from '../../bench/commands/going-on.ts';
import { ownOwner } from '../../results/owner.ts';
import { holdRun, isBeingWritten } from '../../results/run-holder.ts';
import { latestAtRest } from '../../results/run-lookup.ts';
import type { Fingerprint } from '../../results/schema.ts';
import { createRun, openRun } from '../../results/store.ts';
import { readRun } from '../../results/stored-run.ts';
import { okTrial, run } from './results-builders.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tare-holder-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const running = (id: string, startedAt = '2026-01-01T12:00:00.000Z') =>
  run({ id, startedAt, state: 'running' });

/** A process that holds the run until it is killed. */
async function otherWriter(directory: string) {
  const code = `import { holdRun } from '${process.cwd()}/results/run-holder.ts'; await holdRun(${JSON.stringify(directory)}); console.log('held'); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  const ended = once(child, 'exit');
  return {
    pid: child.pid,
    kill: () => {
      child.kill('SIGKILL');
      return ended;
    },
  };
}

describe('a run’s folder', () => {
  it('is written by one process at a time, and by the next when that one was killed', async () => {
    const writer = await createRun(folder, running('r'));
    await writer.close();
    const other = await otherWriter(folder);
    await expect(openRun(folder)).rejects.toMatchObject({
      kind: 'usage',
      message: expect.stringContaining(`is being measured by process ${other.pid} since 20`),
    });
    await expect(createRun(folder, running('r'))).rejects.toMatchObject({ kind: 'usage' });
    await other.kill();
    const { writer: next } = await openRun(folder);
    await expect(openRun(folder)).rejects.toThrow(/is being measured/);
    await next.close();
    expect(readdirSync(folder).sort()).toEqual(['run.json', 'trials.ndjson']);
  });

  it.each([
    ['of a process that was killed', () => ownOwner().replace(/\d+$/, '1')],
    [
      'of before the machine was started anew',
      () => ownOwner().replace(/\.[0-9a-f]{32}\./, `.${'0'.repeat(32)}.`),
    ],
  ])('is taken over where the file is %s', async (_, owner) => {
    writeFileSync(
      join(folder, 'writer-1.json'),
      JSON.stringify({ owner: owner(), since: new Date().toISOString() }),
    );
    expect(await isBeingWritten(folder)).toBe(false);
    const takers = await Promise.allSettled(Array.from({ length: 8 }, () => holdRun(folder)));
    expect(takers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(readdirSync(folder)).toEqual(['writer-2.json']);
  });

  it('is left alone where the writer can’t be seen from here', async () => {
    const elsewhere = `00000000${ownOwner().slice(8)}`;
    writeFileSync(
      join(folder, 'writer-1.json'),
      JSON.stringify({ owner: elsewhere, since: new Date().toISOString() }),
    );
    await expect(holdRun(folder)).rejects.toThrow(/another machine or container/);
  });

  it('of a killed run says so, with what it measured', async () => {
    const writer = await createRun(folder, { ...running('r'), measuredSeconds: 0, wallSeconds: 0 });
    await writer.append(
      okTrial({ order: 0, startedAt: '2026-01-01T12:00:10.000Z', wallSeconds: 4, measuredSeconds: 3 }),
    );
    expect((await readRun(folder)).run.state).toBe('running');
    await writer.close();
    const { run: read, warnings } = await readRun(folder);
    expect(read).toMatchObject({ state: 'interrupted', measuredSeconds: 3, wallSeconds: 14 });
    expect(warnings).toEqual([{ code: 'process-gone' }]);
  });

  it('of a killed run is gone on with from what it took, though this process now holds it', async () => {
    const killed = await createRun(folder, { ...running('r'), measuredSeconds: 0, wallSeconds: 0 });
    await killed.append(
      okTrial({ order: 0, startedAt: '2026-01-01T12:00:10.000Z', wallSeconds: 4, measuredSeconds: 3 }),
    );
    await killed.close();
    const { writer, stored } = await openRun(folder);
    await writer.close();
    expect(stored.run).toMatchObject({ state: 'interrupted', measuredSeconds: 3, wallSeconds: 14 });
    expect(writer.run.wallSeconds).toBe(14);
  });

  it('is not what `latest` means to --resume while it is measured', async () => {
    const [older, newer] = [join(folder, 'a'), join(folder, 'b')];
    await (await createRun(older, running('a'))).close();
    const live = await createRun(newer, running('b', '2026-01-02T12:00:00.000Z'));
    expect(await latestAtRest(folder)).toBe(older);
    await live.close();
    expect(await latestAtRest(folder)).toBe(newer);
  });
});

describe('going on with a run', () => {
  const fingerprint = (change: Partial<Fingerprint> = {}): Fingerprint => ({
    engine: 'local',
    role: 'same-host',
    engineVersion: '26.1.5',
    apiVersion: '1.45',
    machine: 'boot-1',
    kernel: '6.12',
    emulated: false,
    imageId: 'sha256:1',
    facts: {
      'cpu/model': 'A',
      'mtu/eth0': '1500',
      'engine/owner': 'user',
      'engine/id': 'one',
      'underlay/interface': 'eth0',
    },
    ...change,
  });
  const begun = run({ fingerprints: [fingerprint()] });
  const ready = () => ({ type: 'ready' as const });

  it('is nothing to speak of where all is as it was', () => {
    expect(changesSince(begun, [fingerprint()], ready)).toEqual([]);
  });

  it.each([
    [{ kernel: '6.18' }, /kernel \(same-host\) was 6\.12 and is 6\.18/],
    [{ engineVersion: '28.5.2' }, /engineVersion \(same-host\) was 26\.1\.5 and is 28\.5\.2/],
    [{ imageId: 'sha256:2' }, /imageId/],
    [{ facts: { 'cpu/model': 'B' } }, /cpu\/model \(same-host\) was A and is B/],
    [{ facts: { 'engine/id': 'two' } }, /engine\/id \(same-host\) was one and is two/],
    [{ facts: { 'engine/owner': 'private' } }, /engine\/owner \(same-host\) was user and is private/],
    [{ facts: { 'underlay/interface': 'tare-ul0' } }, /underlay\/interface \(same-host\) was eth0 and is/],
    [{ engine: 'node-1' }, /engine \(same-host\) was local and is node-1/],
  ])('is refused by name on another: %j', (change, message) => {
    const attempt = () => changesSince(begun, [fingerprint(change)], ready);
    expect(attempt).toThrow(
      expect.objectContaining({ kind: 'usage', message: expect.stringMatching(message) }),
    );
  });

  it('is refused without the second engine, and where something is no longer ready', () => {
    const two = run({
      fingerprints: [fingerprint(), fingerprint({ role: 'cross-host-client', engine: 'node-2' })],
    });
    expect(() => changesSince(two, [fingerprint()], ready)).toThrow(/node-2 and is not known/);
    const unready = () => ({
      type: 'unsupported' as const,
      reason: { code: 'said' as const, text: 'it has no bridge', remedy: 'Load it.' },
    });
    expect(() => changesSince(begun, [fingerprint()], unready)).toThrow(/no longer ready, it has no bridge/);
  });

  it('tells in the record of what else changed', () => {
    const facts = { ...fingerprint().facts, 'mtu/eth0': '9000', 'netfilter/iptables-nft-rules': '44' };
    const now = fingerprint({ machine: 'boot-2', facts });
    const before = fingerprint();
    const rules = { ...before.facts, 'netfilter/iptables-nft-rules': '31' };
    const withRules = run({ fingerprints: [{ ...before, facts: rules }] });
    expect(changesSince(withRules, [now], ready)).toEqual([
      {
        code: 'changed-between',
        restarted: true,
        changes: [{ fact: 'mtu/eth0', role: 'same-host', was: '1500', is: '9000' }],
      },
    ]);
  });
});
