import { afterAll, beforeAll, expect, it } from 'vitest';
import { triedClaims } from '../../bench/claims/registry.ts';
import { Stage } from '../../bench/claims/stage.ts';
import { newRunId, type OpenSite, openSite } from '../../bench/site/open-site.ts';
import { Preflight } from '../../bench/site/preflight.ts';
import { allEngines } from '../../bench/site/site.ts';
import { SubnetPool } from '../../bench/site/subnets.ts';
import { evidenceSchema } from '../../results/evidence.ts';
import { parseScenarioId, type Scenario } from '../../results/scenario.ts';

let site: OpenSite;
let stage: Stage;
let preflight: Preflight;
beforeAll(async () => {
  site = await openSite({ engines: [], labNodes: 2, listener: () => undefined }, newRunId(new Date()));
  const engines = allEngines(site);
  const pool = await SubnetPool.of(site);
  preflight = await Preflight.of(site, engines);
  stage = new Stage(site, pool, (scenario) => preflight.of(scenario));
});
afterAll(async () => {
  await site.close();
});

/** What a Docker network does, whatever the machine: the guide is right in all of this but the eleventh. */
const verdicts: Readonly<Record<number, 'confirmed' | 'refuted'>> = {
  2: 'confirmed',
  3: 'confirmed',
  6: 'confirmed',
  7: 'confirmed',
  8: 'confirmed',
  10: 'confirmed',
  11: 'refuted',
  12: 'confirmed',
  13: 'confirmed',
  14: 'confirmed',
  15: 'confirmed',
  16: 'confirmed',
  17: 'confirmed',
  18: 'confirmed',
  19: 'confirmed',
};

it.for(triedClaims.map((each) => each.claim))('claim %i is decided by trying', async (claim, { skip }) => {
  const tried = triedClaims.find((each) => each.claim === claim);
  const evidence = evidenceSchema.parse(await tried?.test(stage));
  expect(evidence.claim).toBe(claim);
  if (evidence.verdict === 'not-tested') {
    const encrypted = preflight.of(parseScenarioId('cross-host/overlay-encrypted') as Scenario);
    expect([claim, encrypted.type]).toEqual([10, 'unsupported']);
    // The control must work wherever overlays do: else a forgery that is not delivered would prove nothing.
    expect(evidence.observations.join()).toMatch(
      /forged VXLAN packet \([1-9]\d* reached the host\) was delivered/,
    );
    return skip(evidence.reason);
  }
  expect(evidence.verdict, evidence.observations.join('\n')).toBe(verdicts[claim]);
});
