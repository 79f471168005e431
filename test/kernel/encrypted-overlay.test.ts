import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Pair } from '../../bench/pair/pair.ts';
import { trialReasonText } from '../../results/reason-text.ts';
import { parseScenarioId } from '../../results/scenario.ts';
import type { Trial } from '../../results/schema.ts';
import { readRun } from '../../results/stored-run.ts';
import { GuestSite } from './guest-site.ts';
import { bootGuests, type Guests, whyNoGuests } from './guests.ts';
import { countWire } from './wire-recording.ts';

const cli = fileURLToPath(new URL('../../bench/cli/cli.ts', import.meta.url));
const reason = whyNoGuests();

let guests: Guests;
let folder: string;

beforeAll(async () => {
  if (reason !== undefined) return;
  folder = await mkdtemp(join(tmpdir(), 'tare-kernel-'));
  guests = await bootGuests();
});
beforeEach(({ skip }) => {
  if (reason !== undefined) skip(reason);
});
afterAll(async () => {
  await guests?.stop();
  if (folder) await rm(folder, { recursive: true, force: true });
});

// As few and as short trials as a run can have: under emulation each takes ten seconds, and its figures rank nothing.
const smallPlan = `
scenarios: [cross-host/overlay, cross-host/overlay-encrypted, cross-host/ipvlan-l2, cross-host/ipvlan-l3]
baselines: { cross-host: cross-host/overlay }
workloads: [tcp-stream]
blocks: 1
duration: 1
omit: 0
`;

/** Runs Tare's command line on the guests and reads its record. */
async function runTare() {
  const [plan, out] = [join(folder, 'bench.yaml'), join(folder, 'run')];
  await writeFile(plan, smallPlan);
  const engines = guests.engines.flatMap((engine) => ['--engine', engine.url]);
  const command = [cli, 'run', '--json', '--config', plan, '--out', out, ...engines];
  const result = await execa(process.execPath, ['--import', import.meta.resolve('tsx'), ...command], {
    cwd: folder,
    env: { NO_COLOR: '1' },
    reject: false,
    timeout: 840_000,
    forceKillAfterDelay: 20_000,
  });
  if (result.exitCode !== 0) throw new Error(`tare run: ${result.stderr}\n${guests.consoles()}`);
  return readRun(out);
}

it('proves overlay, encrypted overlay and ipvlan by the command line, and marks the record emulated', async () => {
  const { run, trials } = await runTare();
  expect(run.emulated).toBe(true);
  expect(new Set(run.fingerprints.map((fingerprint) => fingerprint.machine)).size).toBe(2);
  expect(run.plan.scenarios).toHaveLength(4);
  for (const scenario of run.plan.scenarios) {
    expect(scenario).toMatchObject({ status: 'ready' });
    const verdicts = trials.filter((trial) => trial.scenario === scenario.id).map(verdictOf);
    // A tool may meet its own deadline in a machine this slow; that says nothing of the path.
    const measured = verdicts.filter((verdict) => !verdict.startsWith('failed: '));
    expect(measured.length, `${scenario.id}: ${verdicts.join('; ')}`).toBeGreaterThan(0);
    expect(new Set(measured), scenario.id).toEqual(new Set(['ok, proven']));
  }
  const canaryOf = (driver: string) => {
    const pair = run.pairs.find((each) => parseScenarioId(each.scenario)?.driver === driver);
    if (!pair?.canary) throw new Error(`${driver} has no canary`);
    return pair.canary;
  };
  const encrypted = canaryOf('overlay-encrypted');
  expect(encrypted.captures).toHaveLength(2);
  for (const capture of encrypted.captures) {
    expect(capture).toMatchObject({ clearOn: [], vxlanPackets: 0 });
    expect(capture.espPackets).toBeGreaterThan(0);
  }
  const plain = canaryOf('overlay');
  for (const capture of plain.captures) {
    expect(capture.clearOn).not.toEqual([]);
    expect(capture.vxlanPackets).toBeGreaterThan(0);
    expect(capture.espPackets).toBe(0);
  }
  for (const driver of ['ipvlan-l2', 'ipvlan-l3']) {
    for (const capture of canaryOf(driver).captures) expect(capture.clearOn).not.toEqual([]);
  }
  // The emulator's own recording of the wire agrees: the encrypted network's identifier never crossed it in clear.
  const wire = await countWire(guests.wireFile);
  expect(wire.espFrames).toBeGreaterThan(100);
  expect([...wire.vxlanFrames.keys()]).toEqual([plain.vni]);
  expect(encrypted.vni).not.toBe(plain.vni);
});

describe('without the command line', () => {
  let site: GuestSite;
  beforeAll(async () => {
    if (reason !== undefined) return;
    site = await GuestSite.open(guests, join(folder, 'site'));
  });
  afterAll(() => site?.close());

  it('refutes an encrypted overlay whose client’s host has lost its policies, so that frames go in clear', async () => {
    const before = await countWire(guests.wireFile);
    const { trial, canary } = await site.measure('cross-host/overlay-encrypted', sabotage);
    expect(trial).toMatchObject({ status: 'invalid', witness: { verdict: 'refuted' } });
    if (trial.status !== 'invalid') throw new Error('unreachable');
    expect(trial.reason).toMatchObject({ code: 'other-path', ...trial.witness?.refutedBy });
    expect(trialReasonText(trial.reason)).toMatch(
      /^cross-host\/overlay-encrypted: \d+ % of the traffic crossed the underlay outside IPsec/,
    );
    const failed = trial.witness?.checks.filter((check) => !check.holds).map((check) => check.name);
    expect(failed).toContain('client-esp-carry');
    expect(canary?.captures.some((capture) => capture.clearOn.length > 0)).toBe(true);
    // It really went in clear, says the wire.
    const after = await countWire(guests.wireFile, before.end);
    expect(after.vxlanFrames.get(canary?.vni as number)).toBeGreaterThan(100);
  });
});

/**
 * Takes the encryption away on one host, and on the other the rule by which Docker drops what comes in clear: with
 * that rule in place nothing would arrive, and a trial without traffic fails before anything could be refuted.
 */
async function sabotage(pair: Pair): Promise<void> {
  await pair.clientSide.probe.shell('ip xfrm policy flush', 60);
  const removed = await pair.serverSide.probe.shell(
    `iptables-legacy -S INPUT | grep -- '--pol none' | sed 's/^-A/-D/' |
     while read -r rule; do eval "iptables-legacy $rule" && echo removed; done`,
    60,
  );
  expect(removed).toContain('removed');
}

function verdictOf(trial: Trial): string {
  if (trial.status === 'failed') return `failed: ${trialReasonText(trial.reason)}`;
  if (trial.status === 'invalid') return `invalid: ${trialReasonText(trial.reason)}`;
  return `ok, ${trial.witness?.verdict ?? 'without a witness'}`;
}
