import { migrateRunWarnings, migrateTrialWarnings } from './migrate-warnings.ts';
import { trialReasonText } from './reason-text.ts';
import { inWords, type TrialReason } from './reasons.ts';
import type { Hop, Side } from './schema.ts';

/**
 * Turns what an older Tare wrote into today's shape, before the schema sees it. Here alone sentences are read back as
 * data: version 1 kept paths and reasons in words, and version 2 warnings. What is of no shape that any version had is left as it is, for the schema to name.
 */

/** @param json a parsed run.json of any version */
export function migrateRun(json: unknown): unknown {
  if (!isObject(json)) return json;
  if (json.schemaVersion === 1) return migrateRun(fromVersion1(json));
  if (json.schemaVersion !== 2) return json;
  // Version 2 kept warnings in words.
  return { ...json, schemaVersion: 3, warnings: migrateRunWarnings(json.warnings) };
}

type Json = Readonly<Record<string, unknown>>;

function fromVersion1(json: Json): Json {
  const pairs = Array.isArray(json.pairs) ? json.pairs.map(migratePair) : json.pairs;
  const plan = migratePlan(json.plan);
  return { ...withEqualLoad({ ...json, plan }), schemaVersion: 2, pairs };
}

/** Version 1 kept the rate of the trials at equal load in the plan, which was changed for it. */
function withEqualLoad(run: Json): Json {
  if (!isObject(run.plan) || !('equalLoadBitsPerSecond' in run.plan)) return run;
  const { equalLoadBitsPerSecond, ...plan } = run.plan;
  return { ...run, plan, equalLoadBitsPerSecond };
}

/** Nobody decided by why a scenario was not run, so its reason stays in its words, with the remedy beside. */
function migratePlan(plan: unknown): unknown {
  if (!isObject(plan) || !Array.isArray(plan.scenarios)) return plan;
  const scenarios = plan.scenarios.map((scenario: unknown) => {
    if (!isObject(scenario) || scenario.status !== 'unsupported') return scenario;
    const { reason: text, remedy, ...rest } = scenario;
    return { ...rest, reason: { code: 'said', text, remedy } };
  });
  return { ...plan, scenarios };
}

function migratePair(pair: unknown): unknown {
  if (!isObject(pair) || !Array.isArray(pair.path)) return pair;
  const words: unknown[] = pair.path;
  return words.every((word) => typeof word === 'string') ? { ...pair, path: migratePath(words) } : pair;
}

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A path in words, hop by hop, as data; a hop that no driver of version 1 wrote stays in its words. */
export function migratePath(words: readonly string[]): Hop[] {
  const underlay = words.indexOf('underlay');
  const middle = underlay >= 0 ? underlay : (words.length - 1) / 2;
  // On one host a network's bridge joins both ends, unless the client comes by a published port.
  const isShared = underlay < 0 && !words.some((text) => text === 'DNAT' || text === 'docker-proxy');
  return words.map((text, index) => hopOf(text, index < middle ? 'client' : 'server', isShared));
}

/** Hops that version 1 wrote in the same words each time; those that lie on a side, on that which the path puts them. */
const fixed: Readonly<Record<string, (side: Side) => Hop>> = {
  client: () => ({ kind: 'end', side: 'client' }),
  server: () => ({ kind: 'end', side: 'server' }),
  'client process': () => ({ kind: 'end', side: 'client', place: 'process' }),
  'server process': () => ({ kind: 'end', side: 'server', place: 'process' }),
  'client (host namespace)': () => ({ kind: 'end', side: 'client', place: 'host-namespace' }),
  'client eth0': () => ({ kind: 'end', side: 'client', interface: 'eth0' }),
  'eth0 server': () => ({ kind: 'end', side: 'server', interface: 'eth0' }),
  veth: (side) => ({ kind: 'veth', side }),
  'bridge of the overlay': (side) => ({ kind: 'overlay-bridge', side }),
  'bridge of the overlay (one node: not encapsulated)': () => ({ kind: 'overlay-bridge' }),
  vxlan: (side) => ({ kind: 'vxlan', side }),
  'IPsec ESP': (side) => ({ kind: 'esp', side }),
  masquerade: () => ({ kind: 'masquerade', side: 'client' }),
  DNAT: () => ({ kind: 'dnat', side: 'server' }),
  'docker-proxy': () => ({ kind: 'docker-proxy', side: 'server' }),
  lo: () => ({ kind: 'loopback', namespace: 'host' }),
  'lo of the shared namespace': () => ({ kind: 'loopback', namespace: 'shared' }),
  underlay: () => ({ kind: 'underlay' }),
};

function hopOf(text: string, side: Side, isShared: boolean): Hop {
  if (Object.hasOwn(fixed, text)) return fixed[text]?.(side) ?? { kind: 'said', text };
  const bridge = /^bridge (\S+)$/.exec(text)?.[1];
  if (bridge) return { kind: 'bridge', ...(isShared ? {} : { side }), name: bridge };
  const parent = /^(macvlan|ipvlan) on (\S+?)(?: \((client|server)’s host\)(, routed)?)?$/.exec(text);
  if (parent?.[2]) {
    return {
      kind: 'parent',
      ...(parent[3] && { side: parent[3] as Side }),
      driver: parent[1] as 'macvlan' | 'ipvlan',
      name: parent[2],
      ...(parent[4] && { routed: true }),
    };
  }
  const host = /^(\S+) \((client|server)’s host\)$/.exec(text);
  if (host?.[1]) return { kind: 'host-interface', side: host[2] as Side, name: host[1] };
  return { kind: 'said', text };
}

/** @param json a parsed line of trials.ndjson of any version: a run that was gone on with may hold lines of two */
export function migrateTrial(json: unknown): unknown {
  if (!isObject(json)) return json;
  const { reason, scenario, witness } = json;
  return {
    ...json,
    ...(isObject(witness) && { witness: migrateWitness(witness, `${scenario}: `) }),
    ...('warnings' in json && { warnings: migrateTrialWarnings(json.warnings) }),
    ...(typeof reason === 'string' &&
      reason !== '' && { reason: migrateReason(reason, typeof scenario === 'string' ? scenario : '') }),
  };
}

/** Before version 3 a witness began its sentence with its scenario. */
function migrateWitness(witness: Json, start: string): Json {
  const { summary } = witness;
  const hasStart = typeof summary === 'string' && summary.startsWith(start);
  return hasStart ? { ...witness, summary: summary.slice(start.length) } : witness;
}

/** A reason in words as data; it stays in its words where the data would not give the very same ones. */
export function migrateReason(text: string, scenario: string): TrialReason {
  for (const read of [...readers, pathReader(scenario)]) {
    const reason = read(text);
    if (reason && trialReasonText(reason) === text) return reason;
  }
  return inWords(text);
}

type Reader = (text: string) => TrialReason | undefined;

/** @param make from the pattern's groups; one that did not take part is empty */
const reader =
  (pattern: RegExp, make: (...groups: string[]) => TrialReason): Reader =>
  (text) => {
    const match = pattern.exec(text);
    return match ? make(...match.slice(1).map((group: string | undefined) => group ?? '')) : undefined;
  };

const bound = (code: 'machine-slept' | 'stood-still' | 'clock-set') => (seconds: string, most: string) => ({
  code,
  seconds: Number(seconds),
  allowedSeconds: Number(most),
});
const overlong = (code: 'measured-too-long' | 'took-too-long') => (seconds: string, asked: string) => ({
  code,
  seconds: Number(seconds),
  askedSeconds: Number(asked),
});
const share = (percent: string) => Number(percent) / 100;

const readers: readonly Reader[] = [
  reader(
    /^the machine slept for ([\d.]+) s during the trial \(the plan allows ([\d.]+) s\)$/,
    bound('machine-slept'),
  ),
  reader(
    /^Tare stood still for ([\d.]+) s during the trial, stopped or without CPU \(the plan allows ([\d.]+) s\)$/,
    bound('stood-still'),
  ),
  reader(
    /^the clock was set by ([\d.]+) s during the trial \(the plan allows ([\d.]+) s\)$/,
    bound('clock-set'),
  ),
  reader(/^the tool measured for ([\d.]+) s where ([\d.]+) s were asked for/, overlong('measured-too-long')),
  reader(/^the trial took ([\d.]+) s where ([\d.]+) s were asked for/, overlong('took-too-long')),
  reader(/^the hypervisor took ([\d.]+) % of the CPU \(the plan allows ([\d.]+) %\)$/, (taken, most) => ({
    code: 'cpu-stolen',
    share: share(taken),
    allowedShare: share(most),
  })),
  reader(
    /^other programs took ([\d.]+) % of the CPU \(the plan allows ([\d.]+) %\): (.*)$/,
    (taken, most, list) => ({
      code: 'foreign-load',
      share: share(taken),
      allowedShare: share(most),
      programs: list.split(', ').flatMap((each) => {
        const [, name, cores] = /^(.+) ([\d.]+)(?: cores)?$/.exec(each) ?? [];
        return name === undefined ? [] : [{ name, cores: Number(cores) }];
      }),
    }),
  ),
  reader(/^could not be set up: (.*)$/s, (words) => ({ code: 'no-pair', said: words })),
  reader(
    /^the engine (.+?) does not answer since (\d\d:\d\d:\d\d) UTC \((.*?)\)(?:; (.*))?$/s,
    (engine, sinceUtc, words, before) => ({
      code: 'engine-gone',
      engine,
      sinceUtc,
      said: words,
      ...(before && { before }),
    }),
  ),
  reader(/^(.+?) was stopped because (.*)\.$/s, (tool, because) => ({ code: 'tool-stopped', tool, because })),
  reader(/^(.+?) did not end within its ([\d.]+) s and was killed\.$/, (tool, seconds) => ({
    code: 'tool-hung',
    tool,
    deadlineSeconds: Number(seconds),
  })),
  reader(/^(.+?) ended with exit code (-?\d+)(?: and said nothing\.|: (.*))$/s, (tool, exitCode, words) => ({
    code: 'tool-broke',
    tool,
    exitCode: Number(exitCode),
    ...(words && { said: words }),
  })),
];

/** What a witness refuted began with the trial's scenario. */
const pathReader =
  (scenario: string): Reader =>
  (text) =>
    scenario !== '' && text.startsWith(`${scenario}: `)
      ? { code: 'other-path', scenario, meaning: text.slice(scenario.length + 2) }
      : undefined;
