import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { z } from 'zod';
import { Failure } from '../../results/failure.ts';
import { gateConfigSchema } from './gate-config.ts';
import { profileNames } from './profiles.ts';
import { sweepKinds } from './sweep-kinds.ts';

/** What a run may be told, by flags or by a bench.yaml; flags go before the file. */
export const configSchema = z.strictObject({
  profile: z.enum(profileNames as [string, ...string[]]).optional(),
  scenarios: z.array(z.string().min(1)).min(1).optional(),
  workloads: z.array(z.string().min(1)).min(1).optional(),
  /** Measured in one block of each generation of containers only. */
  occasional: z.array(z.string().min(1)).optional(),
  engines: z.array(z.string().min(1)).min(1).max(2).optional(),
  lab: z.number().int().min(2).max(8).optional(),
  blocks: z.number().int().min(1).max(1000).optional(),
  /** Vary one setting over its points: message size, MTU or number of streams. */
  sweep: z.enum(sweepKinds).optional(),
  /** Also measure the CPU time of a gigabyte at one rate on all networks. */
  equalLoad: z.boolean().optional(),
  /** Measured seconds of each trial. */
  duration: z.number().int().min(1).max(600).optional(),
  /** Seconds at the start of each trial that the tools leave out. */
  omit: z.number().int().min(0).max(60).optional(),
  seed: z
    .number()
    .int()
    .min(0)
    .max(2 ** 32 - 1)
    .optional(),
  label: z.string().max(200).optional(),
  out: z.string().min(1).optional(),
  /** Scenario ids that stand in for `host` as the baseline of their topology. */
  baselines: z
    .strictObject({ 'same-host': z.string().optional(), 'cross-host': z.string().optional() })
    .optional(),
  /** Bit/s that fixed-load workloads offer. */
  offeredBitsPerSecond: z.number().positive().optional(),
  /** Share of CPU time (0 to 1) that a hypervisor may take before a trial is invalid. */
  maxStealShare: z.number().min(0).max(1).optional(),
  /**
   * Share of a machine's CPU time (0 to 1) that other programs may take before a trial is invalid. Where nothing is
   * declared a trial counts whatever else ran, with a warning: a busy machine would else end its run with no figure.
   */
  maxForeignCpuShare: z.number().min(0).max(1).optional(),
  /** How `tare gate` judges. */
  gate: gateConfigSchema.optional(),
});
export type Config = z.infer<typeof configSchema>;

/**
 * Reads and validates a bench.yaml.
 * @throws Failure `usage` that names the file, the path in it, and what is allowed
 */
export async function readConfig(path: string): Promise<Config> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw new Failure(
      'usage',
      `${path} can't be read: ${(cause as Error).message}`,
      'Check the path given to --config.',
      {
        cause,
      },
    );
  }
  let value: unknown;
  try {
    value = parse(text) ?? {};
  } catch (cause) {
    throw new Failure(
      'usage',
      `${path} is not YAML: ${(cause as Error).message.split('\n')[0]}`,
      'Mend it at the place named.',
      {
        cause,
      },
    );
  }
  return checkConfig(value, path);
}

/** Validates a configuration; `source` names it in messages (a file, or "the command line"). */
export function checkConfig(value: unknown, source: string): Config {
  const result = configSchema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0] as z.core.$ZodIssue;
  const path = issue.path.join('.');
  if (issue.code === 'unrecognized_keys') {
    const where = path ? `${path}.` : '';
    throw new Failure(
      'usage',
      `${source}: unknown key ${issue.keys.map((key) => `"${where}${key}"`).join(', ')}`,
      `Known keys are ${Object.keys(configSchema.shape).join(', ')}.`,
    );
  }
  const given = issue.path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown>)?.[key], value);
  throw new Failure(
    'usage',
    `${source}: ${path || 'the whole'} is ${JSON.stringify(given)}`,
    `${issue.message}.`,
  );
}
