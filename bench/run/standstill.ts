import { readFileSync } from 'node:fs';
import type { TrialReason } from '../../results/reasons.ts';
import type { Plan } from '../../results/schema.ts';

/** Three clocks, each in milliseconds since a moment of its own. */
export interface Clocks {
  /** CLOCK_MONOTONIC: never set, and stands still while the machine is suspended. */
  awake(): number;
  /** CLOCK_BOOTTIME: never set, and goes on while the machine is suspended; undefined where it can't be read. */
  sinceBoot(): number | undefined;
  /** CLOCK_REALTIME: goes on while the machine is suspended, and jumps where it is set. */
  ofDay(): number;
}

const ownClocks: Clocks = {
  awake: () => performance.now(),
  sinceBoot: () => {
    try {
      return Number(readFileSync('/proc/uptime', 'latin1').split(' ')[0]) * 1000 || undefined;
    } catch {
      return undefined;
    }
  },
  ofDay: () => Date.now(),
};

/** What did not go on as time did, in seconds. */
export interface Standstill {
  /** The longest time for which this process did nothing though it was to: it was stopped, or got no CPU. */
  readonly pausedSeconds: number;
  /** For how long the machine was suspended. */
  readonly sleptSeconds: number;
  /** By how much the clock was set, forwards or back. */
  readonly clockSetSeconds: number;
}

const beatMillis = 250;

/**
 * Watches that this process and its machine go on during a trial: a timer beats four times a second, and three clocks
 * are held against one another.
 */
export class StandstillWatch {
  readonly #clocks: Clocks;
  readonly #start: { readonly awake: number; readonly boot: number | undefined; readonly day: number };
  readonly #timer: NodeJS.Timeout;
  #lastBeat: number;
  #longestMillis = 0;

  constructor(clocks: Clocks = ownClocks) {
    this.#clocks = clocks;
    this.#start = { awake: clocks.awake(), boot: clocks.sinceBoot(), day: clocks.ofDay() };
    this.#lastBeat = this.#start.awake;
    this.#timer = setInterval(() => this.#beat(), beatMillis);
  }

  /** Ends the watch. */
  stop(): Standstill {
    clearInterval(this.#timer);
    this.#beat();
    const { awake, boot, day } = this.#start;
    const awakeMillis = this.#clocks.awake() - awake;
    const bootNow = this.#clocks.sinceBoot();
    const dayMillis = this.#clocks.ofDay() - day;
    // Without a clock that counts sleep, a jump of the time of day is taken for it: one is as bad as the other.
    const sleptMillis =
      (boot === undefined || bootNow === undefined ? dayMillis : bootNow - boot) - awakeMillis;
    const setMillis = dayMillis - awakeMillis - sleptMillis;
    return {
      pausedSeconds: this.#longestMillis / 1000,
      sleptSeconds: Math.max(0, sleptMillis) / 1000,
      clockSetSeconds: Math.abs(setMillis) / 1000,
    };
  }

  #beat(): void {
    const now = this.#clocks.awake();
    this.#longestMillis = Math.max(this.#longestMillis, now - this.#lastBeat - beatMillis);
    this.#lastBeat = now;
  }
}

/** How long one trial took, by whom one asks. */
export interface TrialTimes {
  readonly standstill: Standstill;
  /** What the tool was asked to measure, warm-up included. */
  readonly askedSeconds: number;
  /** What the tool says that it measured; absent where it does not say. */
  readonly measuredSeconds?: number | undefined;
  /** From the start of the tool to its end. */
  readonly wallSeconds: number;
  /** Its length is not the duration asked for, but that of so many operations. */
  readonly endsByCount: boolean;
}

/**
 * A timed tool ends by its own timer, a fraction of a second late on a machine that is busy several times over. Beyond
 * this it was stopped or its host stood still, and what it gives as a rate is thinned by that time.
 */
const mostMeasured = { share: 1.5, seconds: 1 };
/** Starting and connecting takes a second or so, ten times that under emulation; some tools measure in three phases. */
const mostWall = { share: 3, seconds: 10 };

/**
 * Why a trial's times do not fit its duration, or undefined where they do. Its rates and its CPU time would be spread
 * over time in which nothing was measured.
 */
export function standstillReason(
  { maxStandstillSeconds: most }: Pick<Plan, 'maxStandstillSeconds'>,
  { standstill, askedSeconds, measuredSeconds, wallSeconds, endsByCount }: TrialTimes,
): TrialReason | undefined {
  if (most === undefined) return undefined;
  const { pausedSeconds, sleptSeconds, clockSetSeconds } = standstill;
  const bound = (code: 'machine-slept' | 'stood-still' | 'clock-set', seconds: number): TrialReason => ({
    code,
    seconds,
    allowedSeconds: most,
  });
  if (sleptSeconds > most) return bound('machine-slept', sleptSeconds);
  if (pausedSeconds > most) return bound('stood-still', pausedSeconds);
  if (clockSetSeconds > most) return bound('clock-set', clockSetSeconds);
  if (endsByCount) return undefined;
  if (
    measuredSeconds !== undefined &&
    measuredSeconds > askedSeconds * mostMeasured.share + mostMeasured.seconds
  ) {
    return { code: 'measured-too-long', seconds: measuredSeconds, askedSeconds };
  }
  if (wallSeconds > askedSeconds * mostWall.share + mostWall.seconds) {
    return { code: 'took-too-long', seconds: wallSeconds, askedSeconds };
  }
  return undefined;
}
