/** Characters of one output of one program that are taken in: more than any tool writes that is not out of its mind. */
export const mostOutput = 64 << 20;
export const mostOutputText = `${mostOutput >> 20} MiB`;

/** What a program writes, taken in until a marker has come. Every character is looked at once. */
export class Output {
  readonly #pieces: string[] = [];
  readonly #end: string;
  #length = 0;
  /** The last characters of what came, in which the marker may have begun. */
  #tail = '';
  #endsAt: number | undefined;

  /** @param marker on a line of its own */
  constructor(marker: string) {
    this.#end = `\n${marker}\n`;
  }

  /** What comes behind the marker is not looked at. */
  push(text: string): void {
    if (this.isComplete) return;
    const searched = this.#tail + text;
    const found = searched.indexOf(this.#end);
    if (found >= 0) this.#endsAt = this.#length - this.#tail.length + found;
    this.#pieces.push(text);
    this.#length += text.length;
    this.#tail = searched.slice(-(this.#end.length - 1));
  }

  get isComplete(): boolean {
    return this.#endsAt !== undefined;
  }

  get isTooMuch(): boolean {
    return this.#length > mostOutput;
  }

  /** All before the marker, or all so far. */
  get text(): string {
    return this.#pieces.join('').slice(0, this.#endsAt);
  }
}
