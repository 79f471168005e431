import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PlacementWatch } from '../../bench/run/placement.ts';

const ends = { server: 'a'.repeat(64), client: 'b'.repeat(64) };
let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'tare-proc-'));
});
afterEach(() => rm(root, { recursive: true }));

async function process(pid: number, container: string): Promise<void> {
  await mkdir(join(root, String(pid), 'task'), { recursive: true });
  await writeFile(join(root, String(pid), 'cgroup'), `4:cpu:/tare-x/${container}\n`);
}

/** @param ticks in user space since the thread began */
async function thread(pid: number, tid: number, ticks: number, core: number | string): Promise<void> {
  const fields = ['S', ...Array(10).fill('0'), String(ticks), '0', ...Array(23).fill('0'), String(core), '0'];
  await mkdir(join(root, String(pid), 'task', String(tid)), { recursive: true });
  await writeFile(
    join(root, String(pid), 'task', String(tid), 'stat'),
    `${tid} (a (b) c) ${fields.join(' ')}\n`,
  );
}

describe('where the ends of a trial run', () => {
  it('is the core of the thread that is at work in each end’s container, look by look', async () => {
    await process(10, ends.server);
    await process(20, ends.client);
    await process(30, 'c'.repeat(64));
    await thread(10, 10, 0, 3);
    await thread(10, 11, 0, 0);
    await thread(20, 20, 0, 0);
    await thread(30, 30, 0, 1);
    await writeFile(join(root, '20', 'task', '20', 'schedstat'), '0 0 1\n');
    const watch = new PlacementWatch(ends, root);
    for (let look = 1; look <= 8; look += 1) {
      // The server's first thread is idle on core 3; its second works on core 0, and on core 1 in the end.
      await thread(10, 11, look * 5, look <= 6 ? 0 : 1);
      await thread(20, 20, look * 3, 0);
      await thread(30, 30, look * 9, 1);
      // Where the kernel counts nanoseconds, less than a tick is work, too.
      await writeFile(join(root, '20', 'task', '20', 'schedstat'), `${look * 3000} 0 1\n`);
      watch.look();
    }
    const placement = watch.stop();
    expect(placement?.looks).toBe(8);
    expect(placement?.togetherShare).toBe(0.75);
    expect(placement?.serverPerCore).toEqual([0.75, 0.25]);
    expect(placement?.clientPerCore).toEqual([1, 0]);
  });

  it('is not told of ends that are not seen, hardly work, or say what can’t be', async () => {
    expect(new PlacementWatch(ends, root).stop()).toBeUndefined();
    expect(new PlacementWatch(ends, join(root, 'none')).stop()).toBeUndefined();
    await process(10, ends.server);
    await process(20, ends.client);
    await writeFile(join(root, '20', 'task', 'odd'), '');
    const watch = new PlacementWatch(ends, root);
    for (let look = 1; look <= 8; look += 1) {
      await thread(10, 10, look, 0);
      await thread(20, 20, look, look % 2 === 0 ? -1 : '1e9');
      watch.look();
    }
    expect(watch.stop()).toBeUndefined();
  });
});
