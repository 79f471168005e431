import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Failure } from '../../results/failure.ts';
import { inWords } from '../../results/reasons.ts';
import { listRuns, resolveRun, runDirectory } from '../../results/run-lookup.ts';
import { schemaVersion, type Trial } from '../../results/schema.ts';
import { createRun, openRun } from '../../results/store.ts';
import { readRaw, readRun } from '../../results/stored-run.ts';
import { cpu, metric, okTrial, run } from './results-builders.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'tare-store-'));
});
afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

const failed: Trial = {
  ...(({ metrics, cpu, status, ...base }) => base)(
    okTrial({
      order: 1,
      warnings: [{ code: 'wrote-beside', tool: 'netperf', said: 'Zähler läuft rückwärts' }],
    }),
  ),
  status: 'failed',
  reason: inWords('iperf3: connection refused – “nobody home”'),
};

async function storedRun(directory: string, trials: readonly Trial[], change = {}): Promise<void> {
  const writer = await createRun(directory, run(change));
  for (const trial of trials) await writer.append(trial);
  await writer.close();
}

async function failureOf(work: Promise<unknown>): Promise<Failure> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(Failure);
  return error as Failure;
}

describe('a stored run', () => {
  it('is read back as it was written', async () => {
    const directory = runDirectory('r', root);
    await storedRun(directory, [okTrial(), failed], { trialsPlanned: 2 });
    expect(await readRun(directory)).toEqual({
      run: run({ trialsPlanned: 2 }),
      trials: [okTrial(), failed],
      directory,
      warnings: [],
    });
  });

  it('keeps overlapping appends in order', async () => {
    const writer = await createRun(join(root, 'r'), run());
    await Promise.all(Array.from({ length: 50 }, (_, order) => writer.append(okTrial({ order }))));
    await writer.close();
    expect((await readRun(join(root, 'r'))).trials.map((trial) => trial.order)).toEqual([
      ...Array(50).keys(),
    ]);
  });

  it('keeps raw output compressed beside the trials', async () => {
    const writer = await createRun(join(root, 'r'), run());
    await writer.keepRaw(3, '{"end": "é"}'.repeat(1000));
    await writer.close();
    expect(await readRaw(join(root, 'r'), 3)).toBe('{"end": "é"}'.repeat(1000));
    expect(await readRaw(join(root, 'r'), 4)).toBeUndefined();
    const [file] = await readdir(join(root, 'r', 'raw'));
    expect((await readFile(join(root, 'r', 'raw', file ?? ''))).length).toBeLessThan(500);
  });

  it('is updated as a whole: no temporary file stays', async () => {
    const writer = await createRun(join(root, 'r'), run({ state: 'running' }));
    await writer.update({ state: 'finished', warnings: [{ code: 'said', text: 'w' }] });
    expect(writer.run.state).toBe('finished');
    await writer.close();
    expect((await readdir(join(root, 'r'))).sort()).toEqual(['run.json', 'trials.ndjson']);
    expect((await readRun(join(root, 'r'))).run.warnings).toEqual([{ code: 'said', text: 'w' }]);
  });

  it('refuses a trial that does not fit the schema, and goes on afterwards', async () => {
    const writer = await createRun(join(root, 'r'), run());
    expect(() => writer.append(okTrial({ metrics: [metric('goodput', Number.NaN)] }))).toThrow();
    await writer.append(okTrial());
    await writer.close();
    expect((await readRun(join(root, 'r'))).trials).toHaveLength(1);
  });

  it('is not overwritten by a new run', async () => {
    await storedRun(join(root, 'r'), [okTrial()]);
    expect((await failureOf(createRun(join(root, 'r'), run()))).message).toContain('already holds a run');
    expect((await readRun(join(root, 'r'))).trials).toHaveLength(1);
  });
});

describe('a run whose writer was killed', () => {
  it('keeps every whole line, wherever the last one was cut', async () => {
    const directory = join(root, 'r');
    await storedRun(directory, [okTrial(), failed]);
    const whole = await readFile(join(directory, 'trials.ndjson'));
    const lastLine = whole.indexOf(10) + 1;
    for (let length = whole.length; length >= lastLine; length -= 1) {
      await truncate(join(directory, 'trials.ndjson'), length);
      const stored = await readRun(directory);
      const isWhole = length >= whole.length - 1;
      expect(stored.trials).toEqual(isWhole ? [okTrial(), failed] : [okTrial()]);
      expect(stored.warnings).toHaveLength(isWhole || length === lastLine ? 0 : 1);
    }
  });

  it('can be resumed wherever the last line was cut', async () => {
    const whole = `${JSON.stringify(okTrial())}\n${JSON.stringify(failed)}\n`;
    const bytes = Buffer.from(whole);
    const lastLine = bytes.indexOf(10) + 1;
    await storedRun(join(root, 'r'), []);
    for (let length = lastLine; length <= bytes.length; length += 7) {
      await writeFile(join(root, 'r', 'trials.ndjson'), bytes.subarray(0, length));
      const { writer, stored } = await openRun(join(root, 'r'));
      await writer.append(okTrial({ order: 2 }));
      await writer.close();
      const again = await readRun(join(root, 'r'));
      expect(again.warnings).toEqual([]);
      expect(again.trials).toEqual([...stored.trials, okTrial({ order: 2 })]);
    }
    await writeFile(join(root, 'r', 'trials.ndjson'), bytes.subarray(0, bytes.length - 1));
    const { writer } = await openRun(join(root, 'r'));
    await writer.append(okTrial({ order: 2 }));
    await writer.close();
    expect((await readRun(join(root, 'r'))).trials).toEqual([okTrial(), failed, okTrial({ order: 2 })]);
  });

  it('of version 1 is gone on with as one of today, whatever of it was written by which', async () => {
    const directory = join(root, 'r');
    const path = ['client', 'lo', 'server'];
    await storedRun(directory, []);
    const pair = { scenario: 'same-host/host', serverAddress: '127.0.0.1', path };
    const old = { ...run(), schemaVersion: 1, state: 'interrupted', pairs: [pair] };
    await writeFile(join(directory, 'run.json'), JSON.stringify(old));
    const broken = { ...failed, reason: 'iperf3 did not end within its 17 s and was killed.' };
    await writeFile(join(directory, 'trials.ndjson'), `${JSON.stringify(broken)}\n`);
    const { writer } = await openRun(directory);
    await writer.append({ ...failed, order: 2 });
    await writer.update({ state: 'finished' });
    await writer.close();
    expect(JSON.parse(await readFile(join(directory, 'run.json'), 'utf8'))).toMatchObject({
      schemaVersion,
      pairs: [{ path: [{ kind: 'end' }, { kind: 'loopback' }, { kind: 'end' }] }],
    });
    expect((await readRun(directory)).trials).toMatchObject([
      { order: 1, reason: { code: 'tool-hung', tool: 'iperf3', deadlineSeconds: 17 } },
      { order: 2, reason: failed.reason },
    ]);
  });
});

describe('a damaged run', () => {
  it('names file and line of a corrupt line in the middle', async () => {
    const directory = join(root, 'r');
    await storedRun(directory, [okTrial()]);
    await appendFile(join(directory, 'trials.ndjson'), `{"block": 0, "or\n${JSON.stringify(failed)}\n`);
    const failure = await failureOf(readRun(directory));
    expect(failure.message).toContain('trials.ndjson:2: corrupt line (not JSON)');
    expect(failure.kind).toBe('usage');
  });

  it('names the field of a line that does not fit', async () => {
    const directory = join(root, 'r');
    await storedRun(directory, []);
    await appendFile(join(directory, 'trials.ndjson'), `${JSON.stringify({ ...failed, block: 'one' })}\n`);
    expect((await failureOf(readRun(directory))).message).toMatch(/trials\.ndjson:1: corrupt line \(block: /);
  });

  it('names a schema version it does not know', async () => {
    const directory = join(root, 'r');
    await mkdir(directory);
    await writeFile(
      join(directory, 'run.json'),
      JSON.stringify({ ...run(), schemaVersion: 7, tareVersion: '3.1.0' }),
    );
    const failure = await failureOf(readRun(directory));
    expect(failure.message).toContain('was made by a newer Tare (3.1.0): it has schema version 7');
    expect(failure.remedy).toContain('3.1.0');
  });

  it('tells a newer Tare’s file by fields that this one can’t know, in each of its files', async () => {
    const directory = join(root, 'r');
    await storedRun(directory, [okTrial()]);
    const newer = { ...run(), tareVersion: '0.9.0', weather: 'fine' };
    await writeFile(join(directory, 'run.json'), JSON.stringify(newer));
    expect((await failureOf(readRun(directory))).message).toContain(
      'was made by a newer Tare (0.9.0): this one does not know "weather"',
    );
    await writeFile(join(directory, 'run.json'), JSON.stringify(run()));
    await appendFile(join(directory, 'trials.ndjson'), `${JSON.stringify({ ...failed, mood: 1 })}\n`);
    expect((await failureOf(readRun(directory))).message).toMatch(
      /trials\.ndjson:2 was made by a newer Tare/,
    );
    // A field that no version could have there is a fault.
    await writeFile(join(directory, 'run.json'), JSON.stringify({ ...newer, state: 'asleep' }));
    expect((await failureOf(readRun(directory))).message).toContain('run.json: state:');
  });

  it('is read with the byte order marks that an editor put before its files', async () => {
    const directory = join(root, 'r');
    await storedRun(directory, [okTrial(), failed]);
    const before = await readRun(directory);
    for (const file of ['run.json', 'trials.ndjson']) {
      const text = await readFile(join(directory, file), 'utf8');
      await writeFile(join(directory, file), `\ufeff${text}`);
    }
    expect(await readRun(directory)).toEqual(before);
  });

  it('is refused with a figure that nothing can have', async () => {
    const directory = join(root, 'r');
    await storedRun(directory, []);
    const absurd = okTrial({ metrics: [metric('goodput', 1.797e308)] });
    await writeFile(join(directory, 'trials.ndjson'), `${JSON.stringify(absurd)}\n`);
    expect((await failureOf(readRun(directory))).message).toMatch(/:1: corrupt line \(metrics\.0\.value: /);
  });

  it('names what is missing', async () => {
    expect((await failureOf(readRun(join(root, 'none')))).message).toContain('There is no run in');
    await storedRun(join(root, 'r'), []);
    await rm(join(root, 'r', 'trials.ndjson'));
    expect((await failureOf(readRun(join(root, 'r')))).message).toContain('trials.ndjson is missing');
    await writeFile(join(root, 'r', 'run.json'), '{"schemaVersion": 1');
    expect((await failureOf(readRun(join(root, 'r')))).message).toContain('is not JSON');
    await writeFile(join(root, 'r', 'run.json'), JSON.stringify({ ...run(), state: 'asleep' }));
    expect((await failureOf(readRun(join(root, 'r')))).message).toContain('run.json: state:');
  });
});

describe('looking up a run', () => {
  beforeEach(async () => {
    await storedRun(join(root, 'a-1'), [], { id: 'a-1', startedAt: '2026-01-02T00:00:00.000Z' });
    await storedRun(join(root, 'a-12'), [], { id: 'a-12', startedAt: '2026-01-01T00:00:00.000Z' });
    await mkdir(join(root, 'broken'));
    await writeFile(join(root, 'broken', 'run.json'), 'x');
    await mkdir(join(root, 'not-a-run'));
  });

  it('lists runs by their start and names the unreadable', async () => {
    const { runs, unreadable } = await listRuns(root);
    expect(runs.map((each) => each.run.id)).toEqual(['a-12', 'a-1']);
    expect(unreadable).toEqual([
      { directory: join(root, 'broken'), reason: expect.stringMatching(/is not JSON\. Restore the file/) },
    ]);
    expect(await listRuns(join(root, 'nowhere'))).toEqual({ runs: [], unreadable: [] });
  });

  it('finds a run by id, unique start, latest and path', async () => {
    expect(await resolveRun('latest', root)).toBe(join(root, 'a-1'));
    expect(await resolveRun('a-1', root)).toBe(join(root, 'a-1'));
    expect(await resolveRun('a-12', root)).toBe(join(root, 'a-12'));
    expect(await resolveRun('b', root)).toBe(join(root, 'broken'));
    expect(await resolveRun(join(root, 'a-1'))).toBe(join(root, 'a-1'));
    expect(await resolveRun(join(root, 'a-1', 'run.json'))).toBe(join(root, 'a-1'));
  });

  it('names the candidates where the start is not unique, and says where there is none', async () => {
    expect((await failureOf(resolveRun('a', root))).message).toContain('a-1, a-12');
    expect((await failureOf(resolveRun('zz', root))).message).toContain('No run “zz”');
    expect((await failureOf(resolveRun('latest', join(root, 'nowhere')))).message).toContain(
      'There is no run',
    );
    expect((await failureOf(resolveRun(join(root, 'nowhere', 'x')))).message).toContain('There is no run');
  });
});

describe('a long run', () => {
  it('of 10,000 trials is read with less than a second of CPU time', async () => {
    const directory = join(root, 'r');
    await storedRun(directory, []);
    const buckets = Array.from({ length: 60 }, (_, i): [number, number] => [i * 1000, i + 1]);
    const histogram = { metric: 'rtt', precisionBits: 7, buckets };
    // One workload in five keeps a histogram.
    const line = (order: number): string =>
      `${JSON.stringify(okTrial({ order, cpu: [cpu()], ...(order % 5 === 0 ? { histogram } : {}) }))}\n`;
    await writeFile(
      join(directory, 'trials.ndjson'),
      Array.from({ length: 10_000 }, (_, i) => line(i)).join(''),
    );
    // CPU time and the best of three: other work on the machine is not what is tested.
    let seconds = Number.POSITIVE_INFINITY;
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const from = process.cpuUsage();
      expect((await readRun(directory)).trials).toHaveLength(10_000);
      const used = process.cpuUsage(from);
      seconds = Math.min(seconds, (used.user + used.system) / 1e6);
    }
    expect(seconds).toBeLessThan(1);
  });
});
