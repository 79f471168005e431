import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Leftover } from '../../bench/engine/clean-labelled.ts';
import { newRunId, type OpenSite, openSite } from '../../bench/site/open-site.ts';
import { FakeEngine, type Fault } from '../fixtures/fake-engine.ts';

// A walk is as many tries as there are calls, on a machine that may be busy.
vi.setConfig({ testTimeout: 180_000 });

// So that a hung engine is given up soon.
vi.mock('../../bench/engine/call-limits.ts', () => ({
  limitsOf: () => ({ answerSeconds: 0.3, idleSeconds: 0.3 }),
}));

let folder: string;
let fakes: readonly [FakeEngine, FakeEngine];
let warnings: string[];
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tare-open-'));
  vi.stubEnv('TARE_STATE', folder);
  fakes = [await FakeEngine.start(), await FakeEngine.start()];
  for (const [index, fake] of fakes.entries()) fake.script = (script) => ({ stdout: said(script, index) });
  warnings = [];
});
afterEach(async () => {
  await Promise.all(fakes.map((fake) => fake.stop()));
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

/** What a probe is told on a host with one address, which is not this machine. */
function said(script: string, index: number): string {
  const address = `192.0.2.${index + 1}`;
  if (script.includes('boot_id')) return `00000000-0000-0000-0000-00000000000${index}`;
  if (script.includes('mktemp')) return '/tmp/tare-0123456789ab';
  if (script.includes('ip -j addr')) {
    const info = [{ family: 'inet', local: address, prefixlen: 24, scope: 'global' }];
    return JSON.stringify([{ ifname: 'eth0', mtu: 1500, addr_info: info }]);
  }
  return script.includes('ip -j route') ? JSON.stringify([{ prefsrc: address, dev: 'eth0' }]) : '';
}

const open = (signal?: AbortSignal): Promise<OpenSite> =>
  openSite(
    {
      engines: fakes.map(({ url }) => url),
      labNodes: undefined,
      listener: ({ type, text }) => void (type === 'warning' && warnings.push(text)),
      ...(signal && { signal }),
    },
    newRunId(new Date()),
  );

const left = () => ({
  containers: fakes.flatMap(({ containers }) => [...containers.values()].map(({ name }) => name)),
  networks: fakes.flatMap(({ networks }) => [...networks.values()].map(({ spec }) => spec.Name)),
  files: existsSync(join(folder, 'rootfs')) ? readdirSync(join(folder, 'rootfs')) : [],
});
const nothing = { containers: [], networks: [], files: [] };

const faults: readonly Fault[] = [
  { type: 'refusing', status: 500, message: 'no such luck' },
  { type: 'gone' },
  { type: 'cut' },
  { type: 'hung' },
  { type: 'lying', body: '{"Id": 7}' },
];

describe.each(faults)('a site one of whose engines is $type in one call', (fault) => {
  it.each([0, 1])('leaves nothing, whichever call of engine %i that is', async (index) => {
    const fake = fakes[index as 0 | 1];
    let wasMade = true;
    // The first two answers are waited for ten seconds each; engine-boundary.test.ts has them.
    for (let number = fault.type === 'hung' ? 3 : 1; wasMade; number += 1) {
      fake.calls.length = 0;
      const made = fake.orderAt(number, fault);
      const site = await open().catch((error: Error) => error);
      wasMade = made();
      const call = `${number}: ${fake.calls[number - 1]}`;
      if (site instanceof Error) {
        expect(wasMade, `${call}: ${site.stack}`).toBe(true);
        expect(site, call).toMatchObject({ name: 'Failure', remedy: expect.stringMatching(/.\.$/) });
      } else {
        fake.relent();
        expect(await site.close(), call).toEqual([]);
      }
      // Who says falsely that something was removed is not found out.
      if (fault.type === 'lying' && call.includes('DELETE')) fake.containers.clear();
      expect(left(), call).toEqual(nothing);
      fake.relent();
    }
  });
});

describe('a site', () => {
  it('is told why it could not be opened, and what stayed is told as a warning', async () => {
    const [first] = fakes;
    const refusing = (message: string) => ({ type: 'refusing', status: 500, message }) as const;
    first.order(/^POST \/exec\/[0-9a-f]+\/start/, refusing('no room'));
    first.listener = (call) => {
      if (call.startsWith('POST /exec')) first.order('DELETE /containers/', refusing('no such luck'));
    };
    await expect(open()).rejects.toThrow(/no room/);
    expect(warnings.join('\n')).toMatch(/container \S+ on \S+ could not be removed \(no such luck\)/);
  });

  it('can be interrupted in every call, and leaves nothing', async () => {
    const [first] = fakes;
    let isThere = false;
    for (let number = 1; !isThere; number += 1) {
      first.calls.length = 0;
      const interruption = new AbortController();
      first.listener = () => {
        if (first.calls.length === number) interruption.abort();
      };
      const site = await open(interruption.signal).catch((error: Error) => error);
      isThere = !interruption.signal.aborted;
      first.listener = undefined;
      let leftovers: readonly Leftover[] = [];
      if (!(site instanceof Error)) leftovers = await site.close();
      expect({ leftovers, ...left() }, `${number}: ${first.calls[number - 1]}`).toEqual({
        leftovers: [],
        ...nothing,
      });
    }
  });
});
