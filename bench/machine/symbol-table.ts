import { Failure } from '../../results/failure.ts';

/** A function of the kernel or of one of its modules. */
export interface KernelFunction {
  readonly name: string;
  /** `kernel`, or the module's name. */
  readonly module: string;
}

/** Symbols have no length; the longest function of a kernel has some 20,000 bytes. */
const longestFunctionBytes = 0x8000n;
/** A kernel with all of its modules has some 250,000 symbols. */
const mostSymbols = 2_000_000;
const lineForm = /^([0-9a-f]{16}) ([A-Za-z]) ([\x21-\x7e]{1,256})(?:\t\[([\x21-\x7e]{1,64})\])?$/;

/** Names for addresses of one running kernel, as its /proc/kallsyms tells them. */
export class SymbolTable {
  readonly #addresses: BigUint64Array;
  readonly #functions: readonly KernelFunction[];
  readonly #byName: ReadonlyMap<string, bigint>;

  /**
   * @param text of /proc/kallsyms, as its root reads it
   * @throws Failure `infrastructure` where it is none, or hides its addresses
   */
  constructor(text: string) {
    const entries: { readonly address: bigint; readonly of: KernelFunction }[] = [];
    const byName = new Map<string, bigint>();
    for (const line of text.split('\n')) {
      if (line === '') continue;
      const match = lineForm.exec(line);
      if (!match || entries.length > mostSymbols) throw noTable('a line of it is no symbol’s');
      const [, address, kind, name, module] = match as unknown as [string, string, string, string, string?];
      const at = BigInt(`0x${address}`);
      if (!byName.has(name)) byName.set(name, at);
      // Code; the other kinds are data, and per-processor ones have no address of their own.
      if (/[tTwW]/.test(kind)) entries.push({ address: at, of: { name, module: module ?? 'kernel' } });
    }
    entries.sort((a, b) => (a.address < b.address ? -1 : a.address > b.address ? 1 : 0));
    if (!entries.some(({ address }) => address > 0n)) throw noTable('it hides the addresses');
    // Of several names for one address the first in the kernel's own order stays, and is the same on every boot.
    const distinct = entries.filter(({ address }, i) => address !== entries[i - 1]?.address);
    this.#addresses = BigUint64Array.from(distinct, ({ address }) => address);
    this.#functions = distinct.map(({ of }) => of);
    this.#byName = byName;
  }

  /**
   * The function that an address lies in; undefined for one before the first, or so far behind the last one before it
   * that it is code which the kernel made as it ran, such as a filter.
   */
  at(address: bigint): KernelFunction | undefined {
    let [low, high] = [0, this.#addresses.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#addresses[middle] as bigint) <= address) low = middle + 1;
      else high = middle;
    }
    const start = this.#addresses[low - 1];
    return start !== undefined && address - start < longestFunctionBytes
      ? this.#functions[low - 1]
      : undefined;
  }

  /** Where a symbol lies, or, of a per-processor one, how far from its processor's own; undefined where there is none. */
  address(name: string): bigint | undefined {
    return this.#byName.get(name);
  }
}

function noTable(why: string): Failure {
  return new Failure(
    'infrastructure',
    `the guest's table of symbols can't be used: ${why}`,
    'Choose another kernel in the machine’s recipe.',
  );
}
