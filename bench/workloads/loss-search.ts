import { setTimeout as delay } from 'node:timers/promises';

/** What one probe of the search saw. */
export type Probe =
  | {
      readonly type: 'measured';
      /** Bit/s that the sender really sent, which may fall short of what it was to offer. */
      readonly sentBitsPerSecond: number;
      readonly receivedBitsPerSecond: number;
      /** Share of datagrams lost, 0 to 1. */
      readonly loss: number;
    }
  | {
      readonly type: 'failed';
      readonly reason: string;
      /** Set where nothing was measured for a reason that passes, so that the probe may be repeated. */
      readonly isHiccup?: true;
    };

export interface SearchOptions {
  /** Loss up to which a rate counts as carried. */
  readonly lossBound: number;
  /** Seconds of the probes that narrow the interval, and of the one that confirms the bound. */
  readonly shortSeconds: number;
  readonly confirmSeconds: number;
  /** Below this rate the search gives up. */
  readonly floorBitsPerSecond: number;
  /** Seconds before a probe is repeated: the first time, and twice as long the second. */
  readonly pauseSeconds?: number;
}

export type SearchResult = {
  readonly probes: number /** Why probes were repeated, one reason for each time. */;
  readonly repeated: readonly string[];
} & (
  | {
      readonly type: 'found';
      readonly bitsPerSecond: number;
      readonly loss: number;
      /** The sender could not offer more than was carried: the path may carry more. */
      readonly limitedBySender: boolean;
    }
  | { readonly type: 'failed'; readonly reason: string }
);

/** A probe that measured nothing is repeated so often. */
const mostRepeats = 2;
/** The interval is narrow enough when its ends differ by this factor; noise is wider than anything finer. */
const narrowFactor = 1.08;
/** After a confirmation that failed, the next is tried this much lower. */
const stepDown = 0.75;
const mostConfirmations = 6;
const mostShortProbes = 14;
/** A sender within this share of its task has offered it. */
const fulfilledShare = 0.95;

/**
 * The highest offered load of which no more than `lossBound` is lost (RFC 2544, section 26.1, in spirit), found as in
 * MLRsearch (draft-ietf-bmwg-mlrsearch): the unlimited rate bounds it from above, what was received of that is the
 * first guess, short probes narrow the interval, and a long one must confirm the lower end.
 * @param probe offers a load, `undefined` for as much as the sender can, for so many seconds
 */
export async function searchLossBound(
  probe: (bitsPerSecond: number | undefined, seconds: number) => Promise<Probe>,
  options: SearchOptions,
): Promise<SearchResult> {
  let probes = 0;
  const repeated: string[] = [];
  const ask = async (rate: number | undefined, seconds: number): Promise<Probe> => {
    probes += 1;
    let seen = await probe(rate, seconds);
    for (let repeat = 1; seen.type === 'failed' && seen.isHiccup && repeat <= mostRepeats; repeat += 1) {
      repeated.push(seen.reason);
      await delay((options.pauseSeconds ?? 0.5) * 1000 * repeat);
      seen = await probe(rate, seconds);
    }
    return seen;
  };
  const fail = (reason: string): SearchResult => ({ type: 'failed', reason, probes, repeated });

  const flood = await ask(undefined, options.shortSeconds);
  if (flood.type === 'failed') return fail(flood.reason);
  let high = flood.sentBitsPerSecond;
  let low = flood.loss <= options.lossBound ? high : 0;
  let guess = Math.min(flood.receivedBitsPerSecond, high / narrowFactor);
  while (probes < mostShortProbes && (low === 0 || high / low > narrowFactor)) {
    if (guess < options.floorBitsPerSecond) break;
    const seen = await ask(guess, options.shortSeconds);
    if (seen.type === 'failed') return fail(seen.reason);
    if (seen.loss <= options.lossBound) low = guess;
    else high = guess;
    guess = low === 0 ? high / 2 : Math.sqrt(low * high);
  }
  let rate = low;
  for (let confirmation = 0; confirmation < mostConfirmations; confirmation += 1) {
    if (rate < options.floorBitsPerSecond) break;
    const seen = await ask(rate, options.confirmSeconds);
    if (seen.type === 'failed') return fail(seen.reason);
    const limitedBySender = flood.loss <= options.lossBound || seen.sentBitsPerSecond < rate * fulfilledShare;
    if (seen.loss <= options.lossBound) {
      return {
        type: 'found',
        bitsPerSecond: seen.receivedBitsPerSecond,
        loss: seen.loss,
        probes,
        repeated,
        limitedBySender,
      };
    }
    rate *= stepDown;
  }
  const bound = options.lossBound * 100;
  return fail(
    `No rate held its loss to ${bound} % in ${probes} probes: the receiver is starved of CPU, or the path drops.`,
  );
}
