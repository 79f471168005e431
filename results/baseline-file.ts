import { z } from 'zod';
import type { CountedFigure, CountedFigures } from './counted-figures.ts';
import { Failure } from './failure.ts';
import { type FunctionGroup, functionGroups } from './function-groups.ts';
import { readBounded } from './read-bounded.ts';
import { recipeIdentitySchema } from './schema.ts';

/** Raised with each incompatible change of the file. */
const baselineVersion = 1;

/** The whole matrix with fifty functions for each figure takes 0.3 MB. */
const maxBytes = 8 << 20;

/** Functions that are kept of each figure: the largest. */
const keptFunctions = 50;

const id = z
  .string()
  .max(300)
  .regex(/^[\x21-\x7e]+$/, 'no id');
const count = z.number().nonnegative();
const functionKey = z
  .string()
  .max(520)
  .regex(/^[\x21-\x7e]+ [\x21-\x7e]+$/, 'no function and module');

const functionCount = z.union([z.number(), z.tuple([z.number(), z.number()])]);

const baselineSchema = z.strictObject({
  kind: z.literal('tare-baseline'),
  version: z.literal(baselineVersion),
  /** Tare that wrote it; nothing depends on it. */
  tare: z.string().max(100),
  recipe: recipeIdentitySchema,
  figures: z
    .array(
      z.strictObject({
        scenario: id,
        workload: id,
        /** What `instructions` are counted for. */
        per: z.enum(['transaction', 'connection', 'KiB', 'query']),
        trials: z.number().int().positive(),
        instructions: count,
        /** By how much repeated trials differ, as a share. */
        repeatability: z.number().min(0).max(1),
        groups: z.partialRecord(z.enum(functionGroups), z.number()),
      }),
    )
    .min(1)
    .max(5000),
  /** `SCENARIO WORKLOAD` → `FUNCTION MODULE` → instructions; least and most where its trials differ. */
  functions: z.record(z.string().max(620), z.record(functionKey, functionCount)),
});
type BaselineFile = z.infer<typeof baselineSchema>;

/**
 * Counted figures as the file that a team commits: sorted, rounded, one line a figure and one a function, so that a
 * change of the network is a change of a line.
 */
export function baselineText(figures: CountedFigures, tare: string): string {
  const sorted = [...figures.figures].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  const lines = sorted.map((figure) => {
    const { scenario, workload, unit, n, instructions, repeatability, groups } = figure;
    return JSON.stringify({
      scenario,
      workload,
      per: unit,
      trials: n,
      instructions: rounded(instructions.median, unit),
      repeatability: Number(repeatability.toPrecision(2)),
      groups: Object.fromEntries([...groups].map(([group, sum]) => [group, rounded(sum, unit)])),
    } satisfies BaselineFile['figures'][number]);
  });
  const functions = sorted.flatMap((figure) => {
    const kept = figure.functions.slice(0, keptFunctions).map(({ name, module, low, high }) => {
      const [least, most] = [rounded(low, figure.unit), rounded(high, figure.unit)];
      return [`${name} ${module}`, least === most ? `${least}` : `[${least}, ${most}]`] as const;
    });
    if (kept.length === 0) return [];
    const own = kept
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) => `      ${JSON.stringify(name)}: ${value}`);
    return [`    ${JSON.stringify(keyOf(figure))}: {\n${own.join(',\n')}\n    }`];
  });
  const recipe = JSON.stringify(sortedRecipe(figures.recipe), null, 2).replaceAll('\n', '\n  ');
  return `{
  "kind": "tare-baseline",
  "version": ${baselineVersion},
  "tare": ${JSON.stringify(tare)},
  "recipe": ${recipe},
  "figures": [
${lines.map((line) => `    ${line}`).join(',\n')}
  ],
  "functions": {${functions.length > 0 ? `\n${functions.join(',\n')}\n  ` : ''}}
}
`;
}

const keyOf = ({ scenario, workload }: { scenario: string; workload: string }): string =>
  `${scenario} ${workload}`;

/** Whole instructions; of a KiB, which takes few, hundredths. */
const rounded = (value: number, unit: CountedFigure['unit']): number =>
  Number(value.toFixed(unit === 'KiB' ? 2 : 0));

const sortedRecipe = ({ digest, packages, files, options }: CountedFigures['recipe']) => {
  const sorted = (part: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)));
  return { digest, packages: sorted(packages), files: sorted(files), options: sorted(options) };
};

/**
 * Reads a baseline file, which may come from anywhere.
 * @throws Failure (usage) where it is missing, too large, no baseline, or of another version
 */
export async function readBaselineFile(path: string): Promise<CountedFigures> {
  let text: string;
  try {
    text = await readBounded(path, maxBytes);
  } catch (cause) {
    if (cause instanceof Failure) throw cause;
    throw new Failure(
      'usage',
      `${path} could not be read: ${(cause as Error).message}.`,
      'Name a baseline file or a run.',
      {
        cause,
      },
    );
  }
  return parseBaseline(text, path);
}

const writeAnew = 'Write it anew: tare baseline --machine counted --write FILE.';

/** @throws Failure (usage) as `readBaselineFile` does */
export function parseBaseline(text: string, path: string): CountedFigures {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new Failure('usage', `${path} is not JSON.`, writeAnew, { cause });
  }
  const head = z.looseObject({ kind: z.literal('tare-baseline'), version: z.unknown() }).safeParse(json);
  if (!head.success) throw new Failure('usage', `${path} is no baseline of Tare’s.`, writeAnew);
  if (head.data.version !== baselineVersion) {
    throw new Failure(
      'usage',
      `${path} is a baseline of version ${JSON.stringify(head.data.version)}; this Tare reads version ${baselineVersion}.`,
      `Use the Tare that wrote it, or ${writeAnew.charAt(0).toLowerCase()}${writeAnew.slice(1)}`,
    );
  }
  const parsed = baselineSchema.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new Failure('usage', `${path}: ${issue?.path.join('.')}: ${issue?.message}.`, writeAnew);
  }
  const { recipe, figures, functions } = parsed.data;
  return {
    source: path,
    recipe,
    figures: figures.map(
      ({ scenario, workload, per, trials, instructions, repeatability, groups }): CountedFigure => {
        const kept = Object.entries(functions[keyOf({ scenario, workload })] ?? {});
        return {
          scenario,
          workload,
          unit: per,
          n: trials,
          instructions: between(instructions, instructions),
          repeatability,
          groups: new Map(Object.entries(groups) as [FunctionGroup, number][]),
          functions: kept
            .map(([key, value]) => {
              const [name = '', module = ''] = key.split(' ');
              const [least, most] = typeof value === 'number' ? [value, value] : value;
              return { name, module, ...between(least, most) };
            })
            .sort((a, b) => b.median - a.median || (a.name < b.name ? -1 : 1)),
          // One that kept fewer than it may has them all.
          isWhole: kept.length > 0 && kept.length < keptFunctions,
        };
      },
    ),
  };
}

const between = (low: number, high: number) => ({ median: (low + high) / 2, low, high });
