import { parse } from 'yaml';
import { z } from 'zod';
import { Failure } from '../../results/failure.ts';
import { wordsOfFileFault } from '../../results/file-fault.ts';
import { readBounded } from '../../results/read-bounded.ts';
import { parseCidr, twentyFours } from '../engine/cidr.ts';
import { withoutPassword } from '../engine/engine-address.ts';
import { recipeOfWord, recipeSchema, suites } from '../machine/recipe.ts';
import { gateConfigSchema } from './gate-config.ts';
import { profileNames } from './profiles.ts';
import { sweepKinds } from './sweep-kinds.ts';

/** A plan takes a few hundred bytes. */
const maxFileBytes = 256 * 1024;
/** Pairs that are up together have a network or two each. */
const leastNetworks = 16;
const name = z.string().min(1).max(500);
const names = z.array(name).max(500);

/** What a bench.yaml may say. */
export const configSchema = z.strictObject({
  profile: z.enum(profileNames as [string, ...string[]]).optional(),
  scenarios: names.min(1).optional(),
  workloads: names.min(1).optional(),
  /** Measured in one block of each generation of containers only. */
  occasional: names.optional(),
  engines: z
    .array(name)
    .min(1)
    .max(2, 'Give one engine for same-host networks, or two for cross-host ones too')
    .optional(),
  lab: z.number().int().min(2).max(8).optional(),
  /** Measure in an emulated machine whose clock counts instructions, and what is in it. */
  machine: z
    .union(
      [
        z.string().refine((word) => recipeOfWord(word) !== undefined),
        z.strictObject({ counted: recipeSchema }),
      ],
      {
        error: `It must be counted, counted:SUITE (${suites.join(', ')}), or counted with kernel, docker, tables, daemon, sysctls, nodes`,
      },
    )
    .optional(),
  blocks: z.number().int().min(1).max(1000).optional(),
  /** Vary one setting over its points: message size, MTU or number of streams. */
  sweep: z.enum(sweepKinds).optional(),
  /** Also measure the CPU time of a gigabyte at one rate on all networks. */
  equalLoad: z.boolean().optional(),
  /** Measured seconds of each trial. */
  duration: z
    .number()
    .int('Give whole seconds from 1 to 600: the tools count in them')
    .min(1)
    .max(600)
    .optional(),
  /** Seconds at the start of each trial that the tools leave out. */
  omit: z.number().int().min(0).max(60).optional(),
  seed: z
    .number()
    .int()
    .min(0)
    .max(2 ** 32 - 1)
    .optional(),
  /** Address or interface of the engines' hosts at which they are reached, and at which servers are published. */
  underlay: z
    .string()
    .regex(
      /^[A-Za-z0-9][A-Za-z0-9_.@-]{0,14}$/,
      'It must be an IPv4 address or the name of an interface, such as 192.168.1.7 or eth1',
    )
    .optional(),
  /** Range of IPv4 addresses, as CIDR, of which the pairs' networks are made. */
  subnets: z
    .string()
    .refine(
      (text) =>
        text.includes('/') && twentyFours(parseCidr(text) ?? { first: 0, prefix: 32 }) >= leastNetworks,
      {
        message: `It must be a range of IPv4 addresses with at least ${leastNetworks} networks of /24, such as 198.19.0.0/16`,
      },
    )
    .optional(),
  label: z.string().max(200).optional(),
  out: z.string().min(1).max(4096).optional(),
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
export type ConfigFile = z.infer<typeof configSchema>;

/**
 * Reads and validates a bench.yaml.
 * @param trust `untrusted` for a file that a stranger may have written: it chooses what is measured, within bounds
 * @throws Failure `usage` that names the file, the path in it, and what is allowed
 */
export async function readConfig(path: string, trust: Trust = 'own'): Promise<ConfigFile> {
  let text: string;
  try {
    text = await readBounded(path, maxFileBytes);
  } catch (cause) {
    if (cause instanceof Failure) throw cause;
    throw new Failure(
      'usage',
      `${path} can't be read: ${wordsOfFileFault(cause)}`,
      'Check the path given to --config.',
      {
        cause,
      },
    );
  }
  let value: unknown;
  try {
    // Aliases are counted as often as they are written out, so a few lines can't become gigabytes.
    value = parse(text, { maxAliasCount: 100, uniqueKeys: true, stringKeys: true, logLevel: 'error' }) ?? {};
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
  const config = checkConfig(value, path);
  if (trust === 'untrusted') refuseBeyondBounds(config, path);
  return config;
}

/** Whose file it is: one that a stranger may have written (a pull request) may say less. */
export type Trust = 'own' | 'untrusted';

/** The most that an untrusted file may ask for; its arms together may still take as long as the job allows. */
const untrustedMost = { blocks: 60, duration: 10, omit: 5, scenarios: 24, workloads: 24, occasional: 24 };
/** Where things run and what is written is for whoever starts the run to say, by flags. */
const untrustedNever = ['engines', 'lab', 'machine', 'out', 'subnets', 'underlay'] as const;

function refuseBeyondBounds(config: ConfigFile, path: string): void {
  const refuse = (message: string, remedy: string) => {
    throw new Failure('usage', `${path}: ${message}`, remedy);
  };
  for (const key of untrustedNever) {
    if (config[key] !== undefined)
      refuse(
        `an untrusted file may not set "${key}"`,
        'Take it out, and give it as a flag where it is wanted.',
      );
  }
  for (const [key, most] of Object.entries(untrustedMost)) {
    const given = config[key as keyof typeof untrustedMost];
    const amount = Array.isArray(given) ? given.length : given;
    if (amount !== undefined && amount > most)
      refuse(
        `${key} is ${amount}; an untrusted file may ask for ${most} at most`,
        'Ask for less, or give it as a flag.',
      );
  }
}

/** Checks what a bench.yaml says; `source` names the file in messages. @throws Failure `usage` */
export const checkConfig = (value: unknown, source: string): ConfigFile =>
  checkedBy(configSchema, value, source);

/** Checks what was told by the keys of a bench.yaml. @throws Failure `usage` that names `source`, path and what is allowed */
export function checkedBy<S extends z.ZodObject>(schema: S, value: unknown, source: string): z.infer<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0] as z.core.$ZodIssue;
  const path = issue.path.join('.');
  if (issue.code === 'unrecognized_keys') {
    const where = path ? `${path}.` : '';
    throw new Failure(
      'usage',
      `${source}: unknown key ${issue.keys
        .slice(0, 3)
        .map((key) => `"${where}${key.slice(0, 60)}"`)
        .join(', ')}`,
      `Known keys are ${Object.keys(schema.shape).join(', ')}.`,
    );
  }
  const given = issue.path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown>)?.[key], value);
  throw new Failure(
    'usage',
    `${source}: ${path || 'the whole'} is ${shortened(withoutPassword(JSON.stringify(given)))}`,
    `${issue.message}.`,
  );
}

// Undefined is what JSON has no word for.
const shortened = (text: string | undefined): string =>
  text !== undefined && text.length > 120 ? `${text.slice(0, 120)}…` : `${text}`;
