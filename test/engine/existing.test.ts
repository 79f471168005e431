import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { acquireEngine } from '../../bench/engine/acquire-engine.ts';
import { readRun } from '../../results/stored-run.ts';
import { tare, workFolder } from './rig.ts';

type Acquired = NonNullable<Awaited<ReturnType<typeof acquireEngine>>>;

let acquired: Acquired;
let folder: string;
const made: { remove(): Promise<unknown> }[] = [];

/** A network as a user would have made it: no label of Tare's is on it. */
async function userNetwork(name: string, options: object): Promise<void> {
  made.push(await acquired.engine.docker.createNetwork({ Name: name, ...options }));
}

const pool = (subnet: string) => ({ IPAM: { Driver: 'default', Config: [{ Subnet: subnet }] } });

beforeAll(async () => {
  folder = await workFolder();
  const found = await acquireEngine({ progress: () => undefined });
  if (!found) throw new Error('no engine');
  acquired = found;
  await userNetwork('theirs', pool('198.18.10.0/24'));
  await userNetwork('shop', { Driver: 'overlay', Attachable: true, ...pool('198.18.11.0/24') });
  await userNetwork('closed', { Driver: 'overlay', ...pool('198.18.12.0/24') });
  await userNetwork('tiny', pool('198.18.13.0/30'));
});
afterAll(async () => {
  for (const network of made) await network.remove();
  await acquired.release();
  await rm(folder, { recursive: true, force: true });
});

const checkSchema = z.object({
  scenarios: z.array(z.object({ id: z.string(), status: z.string(), reason: z.string().optional() })),
});

describe('networks that are there already', () => {
  it('are measured and proven, told what they are, and left as they were', async () => {
    const before = await acquired.engine.docker.getNetwork('theirs').inspect();
    const scenarios = [
      'same-host/host',
      'same-host/existing@network=theirs',
      'same-host/existing@network=shop',
    ];
    const out = `${folder}/run`;
    const { exitCode, stdout, stderr } = await tare(
      [
        ...['run', '--scenario', ...scenarios, '--workload', 'tcp-rr', '--blocks', '1', '--duration', '1'],
        ...['--explain', '--out', out],
      ],
      folder,
    );
    expect(exitCode, stderr).toBe(0);
    const { trials, run } = await readRun(out);
    const theirs = trials.filter(({ scenario }) => scenario.includes('existing'));
    expect(new Set(theirs.map(({ scenario }) => scenario)).size).toBe(2);
    for (const trial of theirs) expect(trial).toMatchObject({ status: 'ok', witness: { verdict: 'proven' } });
    expect(run.pairs.find(({ scenario }) => scenario.endsWith('=theirs'))?.joined).toEqual({
      driver: 'bridge',
      isInternal: false,
      isEncrypted: false,
      others: 0,
    });
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain(
      'A bridge network that was there already, MTU 1,500 B, with no other container',
    );
    expect(await acquired.engine.docker.getNetwork('theirs').inspect()).toEqual(before);
  });

  it('are refused with the true reason where no pair can stand on them', async () => {
    const names = ['closed', 'tiny', 'gone', 'host'];
    const { stdout } = await tare(
      ['check', '--json', '--scenario', ...names.map((name) => `same-host/existing@network=${name}`)],
      folder,
    );
    const reasons = checkSchema
      .parse(JSON.parse(stdout))
      .scenarios.flatMap(({ id, reason }) => (id.includes('existing') ? [reason] : []));
    expect(reasons).toEqual([
      expect.stringContaining('lets no container join "closed"'),
      expect.stringContaining('"tiny" of local has 1 of the 2 addresses left'),
      expect.stringContaining('has no network "gone"'),
      expect.stringContaining('is a host network'),
    ]);
  });
});
