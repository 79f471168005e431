/**
 * The averages (x + y)/2 of all pairs of some values, each with itself too, asked for one by one: of n values there are
 * n(n + 1)/2, and a run of a hundred thousand trials has hundreds of figures with a thousand values each. All take O(n)
 * time for each question, by two pointers over the sorted values. Johnson & Mizoguchi 1978, SIAM J. Comput. 7.
 */
export class PairAverages {
  readonly #sorted: Float64Array;

  /** @param values at least one, all finite */
  constructor(values: readonly number[]) {
    this.#sorted = Float64Array.from(values).sort();
  }

  get least(): number {
    return this.#sorted[0] as number;
  }

  get greatest(): number {
    return this.#sorted.at(-1) as number;
  }

  /** How many averages are `threshold` or less, equal ones each for itself. */
  countAtMost(threshold: number): number {
    let count = 0;
    this.#walk(threshold, (first, last) => {
      count += last - first + 1;
    });
    return count;
  }

  /** The greatest average that is `threshold` or less; undefined where all are above. */
  greatestAtMost(threshold: number): number | undefined {
    let found: number | undefined;
    this.#walk(threshold, (first, last) => {
      const average = this.#average(first, last);
      if (last >= first && (found === undefined || average > found)) found = average;
    });
    return found;
  }

  /** The least average above `threshold`; undefined where all are at most that. */
  leastAbove(threshold: number): number | undefined {
    let found: number | undefined;
    const end = this.#sorted.length - 1;
    this.#walk(threshold, (first, last) => {
      const next = Math.max(first, last + 1);
      if (next > end) return;
      const average = this.#average(first, next);
      if (found === undefined || average < found) found = average;
    });
    return found;
  }

  /**
   * The least average of which, and of those below it, there are at least `rank`, by halving.
   * @param countAtMost of which averages it is asked; those of `countAtMost` or fewer
   */
  ranked(rank: number, countAtMost: (threshold: number) => number): number {
    if (countAtMost(this.least) >= rank) return this.least;
    let [below, enough] = [this.least, this.greatest];
    for (;;) {
      const middle = below + (enough - below) / 2;
      const next = this.leastAbove(below);
      // Two averages may be next to one another in binary, so that nothing lies between them.
      if (next === undefined || next >= enough || middle <= below || middle >= enough) return enough;
      if (countAtMost(next) >= rank) return next;
      if (countAtMost(middle) >= rank) enough = this.greatestAtMost(middle) ?? enough;
      else below = middle;
    }
  }

  /** Tells for each value, by its place, the last place whose average with it is at most `threshold`; it may lie before. */
  #walk(threshold: number, tell: (first: number, last: number) => void): void {
    const sorted = this.#sorted;
    let last = sorted.length - 1;
    for (let first = 0; first < sorted.length; first += 1) {
      while (last >= first && this.#average(first, last) > threshold) last -= 1;
      tell(first, Math.max(last, first - 1));
    }
  }

  #average(first: number, second: number): number {
    return ((this.#sorted[first] as number) + (this.#sorted[second] as number)) / 2;
  }
}
