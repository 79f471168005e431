import type { Machine, RecipeIdentity } from './schema.ts';

/** One thing that two counted machines are made of and that is not the same in both; absent where one has none. */
export interface RecipeDifference {
  readonly part: 'package' | 'file' | 'option';
  readonly name: string;
  readonly base?: string;
  readonly head?: string;
}

const parts = [
  ['package', 'packages'],
  ['file', 'files'],
  ['option', 'options'],
] as const;

/**
 * What differs between two recipes, packages first, each sorted by name. Empty where and only where figures of both are
 * comparable to the last instruction; recipes whose digests alone differ are told apart by an option `digest`.
 */
export function recipeDifferences(base: RecipeIdentity, head: RecipeIdentity): RecipeDifference[] {
  if (base.digest === head.digest) return [];
  const found = parts.flatMap(([part, key]) => {
    const names = new Set([...Object.keys(base[key]), ...Object.keys(head[key])]);
    return [...names].sort().flatMap((name): RecipeDifference[] => {
      const [was, is] = [base[key][name], head[key][name]];
      if (was === is) return [];
      return [{ part, name, ...(was !== undefined && { base: was }), ...(is !== undefined && { head: is }) }];
    });
  });
  return found.length > 0
    ? found
    : [{ part: 'option', name: 'digest', base: base.digest, head: head.digest }];
}

/** In one line: `package linux-image-cloud-amd64: 6.12.57-1 → 6.12.63-1`; of files, that their content differs. */
export function recipeDifferenceText({ part, name, base, head }: RecipeDifference): string {
  if (part === 'file' && base !== undefined && head !== undefined) return `file ${name}: another content`;
  const text = (value: string | undefined): string =>
    value === undefined ? 'none' : part === 'file' ? 'some' : value;
  return `${part} ${name}: ${text(base)} → ${text(head)}`;
}

/** By what a run's machine is known in one line: kernel and engine as their packages name them, and the digest's start. */
export function machineText({ recipe }: Machine): string {
  const { suite, tables } = recipe.options;
  const versions = ['linux-image-cloud-amd64', 'docker.io'].flatMap((name) => {
    const version = recipe.packages[name];
    return version === undefined ? [] : [`${name} ${version}`];
  });
  const named = [suite, ...versions, tables && `${tables} tables`].filter(Boolean).join(', ');
  return `${named || 'recipe'} (${recipe.digest.replace(/^sha256:/, '').slice(0, 12)})`;
}
