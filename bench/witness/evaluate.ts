import type {
  CaptureExpectation,
  CounterExpectation,
  CounterName,
  Expectation,
  InterfaceExpectation,
} from '../../drivers/expectation.ts';
import type { Topology } from '../../results/scenario.ts';
import type { Witness } from '../../results/schema.ts';
import { type CaptureFinding, judgeCapture } from './judge-capture.ts';
import { judgeCounter, type TrialFacts } from './judge-counter.ts';
import type { Judgement } from './judgement.ts';
import type { Observation } from './observation.ts';
import type { Side } from './places.ts';

/** What is known of one end without counting: where it is and how it is attached. */
export interface EndFacts {
  /** Name of the engine on which this end has to be. */
  readonly wantedOn: string;
  /** Whether it is there. */
  readonly placedRightly: boolean;
  /** Kind of its interface in the pair's network; undefined where it has none, as on host networking. */
  readonly interfaceKind: string | undefined;
  /** What the capture of the canary showed here; undefined where it was not taken. */
  readonly capture: CaptureFinding | undefined;
}

export interface EvidenceOfTrial {
  readonly scenario: string;
  readonly topology: Topology;
  readonly expectations: readonly Expectation[];
  readonly observation: Observation;
  readonly ends: Readonly<Record<Side, EndFacts>>;
  readonly trial: TrialFacts;
}

/** Counters of the host rather than of the end: where both ends are on one host, one look is enough. */
const hostCounters: readonly CounterName[] = [
  'other-ports',
  'parent',
  'underlay',
  'host-loopback',
  'dnat',
  'proxy',
  'esp',
];

/**
 * Judges one trial. Pure.
 * @returns `refuted` where anything contradicts the claimed path, else `unobserved` where anything could not be read,
 *   else `proven`
 */
export function evaluate(evidence: EvidenceOfTrial): Witness {
  const judgements = [
    ...(['server', 'client'] as const).map((side) => judgePlace(side, evidence.ends[side])),
    ...evidence.expectations
      .filter((each) => each.topology === undefined || each.topology === evidence.topology)
      .flatMap((each) =>
        sidesOf(each, evidence.observation.oneHost).map((side) => judge(each, side, evidence)),
      ),
  ];
  const failed = judgements.filter((each) => each.outcome === 'fails');
  const unread = judgements.filter((each) => each.outcome === 'unread');
  const counted = judgements.length - unread.length;
  const refuting = failed.length > 0 ? mostTelling(failed) : undefined;
  const [verdict, summary] =
    refuting !== undefined
      ? (['refuted', refuting.meaning] as const)
      : unread.length > 0
        ? (['unobserved', `not seen: ${unread.map((each) => each.expected).join('; ')}`] as const)
        : (['proven', `the path is proven by ${counted} checks`] as const);
  return {
    verdict,
    summary,
    ...(refuting && { refutedBy: { check: refuting.name, meaning: refuting.meaning } }),
    checks: judgements.map(({ name, expected, observed, outcome }) => ({
      name,
      expected,
      observed,
      holds: outcome === 'holds',
    })),
    counters: flatCounters(evidence.observation),
  };
}

/** Which failed check says most plainly why the path is another one: where a thing is before what a figure shows. */
const telling = [
  /-place$/,
  /-interface-kind$/,
  /-esp-carry$/,
  /-proxy-/,
  /-dnat-/,
  /-own-carry$/,
  /-carry$/,
  /-(hide-canary|lack-vxlan)$/,
];

function mostTelling(failed: readonly Judgement[]): Judgement {
  const rank = ({ name }: Judgement) => {
    const place = telling.findIndex((pattern) => pattern.test(name));
    return place < 0 ? telling.length : place;
  };
  return failed.reduce((best, each) => (rank(each) < rank(best) ? each : best));
}

function sidesOf(expectation: Expectation, oneHost: boolean): Side[] {
  if (expectation.at !== 'both') return [expectation.at];
  const ofHost =
    (expectation.type === 'counter' && hostCounters.includes(expectation.counter)) ||
    (expectation.type === 'capture' && expectation.on !== 'port');
  return oneHost && ofHost ? ['server'] : ['server', 'client'];
}

const goesThroughProxy = (expectation: Expectation): boolean =>
  expectation.type === 'counter' && expectation.counter === 'proxy' && expectation.must === 'rise';

function judge(expectation: Expectation, side: Side, evidence: EvidenceOfTrial): Judgement {
  switch (expectation.type) {
    case 'counter':
      return judgeCounter(
        expectation satisfies CounterExpectation,
        side,
        evidence.observation,
        evidence.trial,
        evidence.expectations.some(goesThroughProxy),
      );
    case 'interface':
      return judgeInterface(expectation, side, evidence.ends[side]);
    case 'capture':
      return judgeCapture(expectation satisfies CaptureExpectation, side, evidence.ends[side].capture);
  }
}

function judgePlace(side: Side, facts: EndFacts): Judgement {
  return {
    name: `${side}-place`,
    expected: `the ${side} is on ${facts.wantedOn}`,
    observed: facts.placedRightly ? facts.wantedOn : 'another engine',
    outcome: facts.placedRightly ? 'holds' : 'fails',
    meaning: `the ${side} is not on ${facts.wantedOn}, where it has to be`,
  };
}

function judgeInterface(expectation: InterfaceExpectation, side: Side, facts: EndFacts): Judgement {
  const kind = facts.interfaceKind;
  return {
    name: `${side}-interface-kind`,
    expected: `the ${side}’s interface is ${article(expectation.kind)}`,
    observed: kind ?? 'not read',
    outcome: kind === undefined ? 'unread' : kind === expectation.kind ? 'holds' : 'fails',
    meaning: `the ${side}’s interface is ${article(kind ?? 'unknown')}, not ${article(expectation.kind)}`,
  };
}

const article = (noun: string) => `${/^[aeiou]/.test(noun) ? 'an' : 'a'} ${noun}`;

/** Every figure read, by name: `server-own-forward-bytes`, `client-proxy-cpu-seconds`. */
function flatCounters(observation: Observation): Record<string, number> {
  const flat: Record<string, number> = { seconds: observation.seconds };
  for (const side of ['server', 'client'] as const) {
    const { traffic, ...figures } = observation[side];
    for (const [counter, each] of Object.entries(traffic)) {
      flat[`${side}-${counter}-forward-bytes`] = each.forwardBytes;
      flat[`${side}-${counter}-forward-packets`] = each.forwardPackets;
      flat[`${side}-${counter}-backward-bytes`] = each.backwardBytes;
      flat[`${side}-${counter}-backward-packets`] = each.backwardPackets;
    }
    for (const [name, value] of Object.entries(figures)) {
      flat[`${side}-${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`] = value;
    }
  }
  return flat;
}
