import { z } from 'zod';
import { Failure } from '../../results/failure.ts';
import { defaultGateOptions, type GateOptions } from '../../results/gate.ts';
import { gating } from '../../results/gating.ts';

/** `3%`, `3 %` or 0.03; anything else is given back as it is, for the schema to refuse. */
function ratioOf(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  const percent = /^\s*(\d+(?:\.\d+)?)\s*%\s*$/.exec(value);
  if (percent) return Number(percent[1]) / 100;
  return value.trim() === '' ? value : Number(value);
}

const ratio = z.preprocess(
  ratioOf,
  z.number('Write 3% or 0.03').gt(0).lt(1, 'Write 3% or 0.03: less than 100 %'),
);

/** The `gate` part of a bench.yaml. */
export const gateConfigSchema = z.strictObject({
  /** Smallest change that matters. */
  delta: ratio.optional(),
  alpha: z.number().gt(0).max(0.5).optional(),
  /** The gating metrics: `workload:metric` or `scenario:workload:metric`, with `*`. */
  metrics: z.array(z.string().min(1).max(500)).min(1).max(500).optional(),
  /** Other deltas for some of them; the first that fits counts. */
  deltas: z
    .array(z.strictObject({ metrics: z.string().min(1).max(500), delta: ratio }))
    .max(500)
    .optional(),
  /** How far the host itself may have moved between two stored runs. */
  hostTolerance: z.number().positive().max(10).optional(),
});
export type GateConfig = z.infer<typeof gateConfigSchema>;

export interface GateFlags {
  readonly metric?: readonly string[];
  readonly delta?: string;
  readonly alpha?: number;
}

/**
 * What is judged and how: flags go before the file, the file before the defaults. A delta given as a flag holds for all.
 * @param defaults Tare's own for the kind of run that is judged
 * @throws Failure `usage` for a delta, an alpha or a pattern that means nothing
 */
export function gateOptions(
  flags: GateFlags,
  file: GateConfig | GateOptions = {},
  defaults: GateOptions = defaultGateOptions,
): GateOptions {
  const delta = flags.delta === undefined ? undefined : checked('--delta', flags.delta, ratio);
  const alpha =
    flags.alpha === undefined ? undefined : checked('--alpha', flags.alpha, z.number().gt(0).max(0.5));
  const metrics = flags.metric ?? file.metrics ?? defaults.metrics;
  const deltas = delta === undefined ? (file.deltas ?? []) : [];
  gating([...metrics, ...deltas.map((each) => each.metrics)]);
  return {
    delta: delta ?? file.delta ?? defaults.delta,
    deltas,
    alpha: alpha ?? file.alpha ?? defaults.alpha,
    metrics,
    hostTolerance: file.hostTolerance ?? defaults.hostTolerance,
  };
}

function checked<T>(flag: string, value: unknown, schema: z.ZodType<T>): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new Failure(
    'usage',
    `${flag} is "${value}"`,
    `${result.error.issues[0]?.message ?? 'It means nothing'}.`,
  );
}
