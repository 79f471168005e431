import { Failure } from './failure.ts';

// A kernel with all of its modules has some 150,000 functions; a path passes through 3,000.
const maxFunctions = 200_000;

/** What one function took on the path of a counted trial. */
export interface FunctionCount {
  /** As the kernel's symbol table has it; a program's name where `module` is `user`. */
  readonly name: string;
  /** `kernel`, a module's name, or `user`: user space counts as one entry a program. */
  readonly module: string;
  /** Difference of the trial's two windows, per unit of work; what ran in the first only is negative. */
  readonly instructionsPerUnit: number;
}

/** `NAME\tMODULE\tINSTRUCTIONS`: what names, written by foreign kernels and programs, must not break. */
const nameForm = /^[\x21-\x7e]{1,256}$/;
const lineForm = /^([\x21-\x7e]{1,256})\t([\x21-\x7e]{1,256})\t(-?\d{1,15}(?:\.\d{1,4})?)$/;

/**
 * A trial's functions as its file holds them: one a line, sorted by name and module, four decimals at most. Functions
 * of one name in one module are one line, as nothing could tell a reader which is which; those of no count have none.
 * @throws Error where a name is not printable ASCII without blanks, or a count is not finite
 */
export function functionCountsText(counts: readonly FunctionCount[]): string {
  const sums = new Map<string, number>();
  for (const { name, module, instructionsPerUnit } of counts) {
    if (!nameForm.test(name) || !nameForm.test(module) || !Number.isFinite(instructionsPerUnit)) {
      throw new Error(`no function's count: ${JSON.stringify({ name, module, instructionsPerUnit })}`);
    }
    const key = `${name}\t${module}`;
    sums.set(key, (sums.get(key) ?? 0) + instructionsPerUnit);
  }
  return [...sums]
    .map(([key, sum]) => [key, Number(sum.toFixed(4))] as const)
    .filter(([, sum]) => sum !== 0)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, sum]) => `${key}\t${plain(sum)}\n`)
    .join('');
}

/** Without an exponent, which small and large numbers would have. */
const plain = (value: number): string => value.toFixed(4).replace(/\.?0+$/, '');

/** @throws Failure (usage) that names the line which is none of a function's */
export function parseFunctionCounts(text: string, path: string): FunctionCount[] {
  const lines = text.split('\n');
  if (lines.pop() !== '') throw damagedFunctions(path, 'its last line is cut off');
  if (lines.length > maxFunctions) throw damagedFunctions(path, `it has more than ${maxFunctions} lines`);
  return lines.map((line, i) => {
    const [, name, module, count] = lineForm.exec(line) ?? [];
    if (name === undefined || module === undefined) {
      throw damagedFunctions(
        path,
        `line ${i + 1} is not a name, a module and a number with tabs between them`,
      );
    }
    return { name, module, instructionsPerUnit: Number(count) };
  });
}

/** A file of functions that is none. */
export function damagedFunctions(path: string, why: string, cause?: unknown): Failure {
  return new Failure('usage', `${path}: ${why}.`, 'Restore the file from a copy, or measure again.', {
    ...(cause !== undefined && { cause }),
  });
}
