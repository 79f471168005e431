import { z } from 'zod';
import type { Immutable } from '../../results/immutable.ts';

/** Suites of Debian whose kernel and Docker Engine a machine can have. */
export const suites = ['bookworm', 'trixie', 'trixie-backports', 'sid'] as const;
export type Suite = (typeof suites)[number];

/** trixie-backports has a kernel of its own, and no Docker. */
const dockerSuites = ['bookworm', 'trixie', 'sid'] as const;

const path = /^(net|kernel|vm)(\.[A-Za-z0-9_*-]{1,64}){1,8}$/;

/** As deep as any of an engine's settings goes, but for those of proxies and runtimes, which a guest has no use for. */
const scalar = z.union([z.string().max(1000), z.number(), z.boolean()]);
const setting = z.union([scalar, z.array(scalar).max(100), z.record(z.string().max(100), scalar)]);

/** What is inside a counted machine, as it is asked for. Which versions that comes to, its identity says. */
export const recipeSchema = z.strictObject({
  kernel: z.enum(suites).default('trixie'),
  docker: z.enum(dockerSuites).default('trixie'),
  /** Which tables iptables writes to: those of before nf_tables, or nf_tables. */
  tables: z.enum(['legacy', 'nft']).default('nft'),
  /** The engines' daemon.json. */
  daemon: z.record(z.string().max(100), setting).default({}),
  /** Set in each node before its engine starts. */
  sysctls: z
    .record(
      z.string().regex(path, 'A sysctl is called such as net.ipv4.tcp_congestion_control'),
      z.string().regex(/^[\x20-\x7e]{1,200}$/),
    )
    .default({}),
  /** How many engines, in one swarm. */
  nodes: z.number().int().min(2).max(8).default(2),
});
export type Recipe = Immutable<z.infer<typeof recipeSchema>>;

/**
 * What `counted` or `counted:SUITE` means: a suite's kernel and its Docker.
 * @returns undefined for another word
 */
export function recipeOfWord(word: string): Recipe | undefined {
  const suite = word === 'counted' ? 'trixie' : word.replace(/^counted:/, '');
  return suites.some((each) => each === suite) && word.startsWith('counted')
    ? recipeOf(suite as Suite)
    : undefined;
}

function recipeOf(suite: Suite): Recipe {
  return recipeSchema.parse({ kernel: suite, docker: suite === 'trixie-backports' ? 'trixie' : suite });
}
