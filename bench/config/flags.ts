import type { z } from 'zod';
import type { Immutable } from '../../results/immutable.ts';
import { checkedBy, configSchema } from './config-file.ts';

/** What a flag may say of that which a bench.yaml says, too, by the file's names. */
const flagsSchema = configSchema.pick({
  profile: true,
  scenarios: true,
  workloads: true,
  occasional: true,
  engines: true,
  lab: true,
  machine: true,
  sweep: true,
  equalLoad: true,
  blocks: true,
  duration: true,
  seed: true,
  subnets: true,
  underlay: true,
  label: true,
  out: true,
});

/** Flags of a command that measures, checked: each goes before what a file says. */
export type Flags = Immutable<z.infer<typeof flagsSchema>>;

/** @throws Failure `usage` that names the flag and what is allowed */
export const checkFlags = (value: unknown): Flags => checkedBy(flagsSchema, value, 'the command line');
