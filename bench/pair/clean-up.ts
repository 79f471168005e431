/** Remembers how to take back what was done on engines and hosts, and does it when it is no longer wanted. */
export class CleanUp {
  readonly #steps: (() => Promise<void>)[] = [];

  /** Remembers a step; those that are remembered later are taken first. */
  add(step: () => Promise<void>): void {
    this.#steps.push(step);
  }

  /** Remembers a step that is taken behind all others, whenever they were remembered. */
  addLast(step: () => Promise<void>): void {
    this.#steps.unshift(step);
  }

  /**
   * Takes every step, once.
   * @throws what failed first, after all of them were taken
   */
  async run(): Promise<void> {
    let failure: { readonly error: unknown } | undefined;
    for (const step of this.#steps.splice(0).reverse()) {
      await step().catch((error: unknown) => {
        failure ??= { error };
      });
    }
    if (failure) throw failure.error;
  }
}
