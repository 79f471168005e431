import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { parseSync, Visitor } from 'oxc-parser';

/** One source file: what it imports, types included, as paths from the package's root and as names of packages. */
export interface Module {
  readonly path: string;
  readonly imports: readonly string[];
  readonly packages: readonly string[];
}

/** The rooms from the top down: each may import those after it. */
export const rooms = [
  'cli',
  'commands',
  'claims',
  'reports',
  'fleet',
  'run',
  'witness',
  'pair',
  'plan',
  'workloads',
  'config',
  'site',
  'lab',
  'machine',
  'image',
  'engine',
  'state',
  'drivers',
  'results',
] as const;

/** Rooms of their own: who stands in one may import what it says, and nobody else may import it. */
const apart: Readonly<Record<string, 'everything but test' | 'nothing' | 'everything'>> = {
  build: 'everything but test',
  studies: 'everything but test',
  setup: 'nothing',
  test: 'everything',
};

/** Rooms that know records and text alone: of ours they import `results` at most, and no Docker client. */
const withoutDocker: readonly string[] = ['reports', 'drivers', 'results'];

/** Sources of the package, in the folders that hold any. */
export const folders = ['bench', 'drivers', 'reports', 'results', 'test'] as const;

/** The room that a file stands in: a folder of `bench/`, or a folder at the top; nothing where it lies loose. */
function roomOf(path: string): string | undefined {
  const [top = '', room, ...rest] = path.split('/');
  if (top !== 'bench') return room === undefined ? undefined : top;
  return rest.length === 0 ? undefined : room;
}

/**
 * Reads the imports of every source under a folder, with those that import types alone.
 * @throws Error where a source can't be parsed or imports what is computed as it runs
 */
export function readModules(root: string): Module[] {
  return folders.flatMap((folder) => sourcesIn(join(root, folder))).map((path) => readModule(root, path));
}

function sourcesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.(ts|mts|mjs)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
}

function readModule(root: string, file: string): Module {
  const path = relative(root, file);
  const text = readFileSync(file, 'utf8');
  const { module, program, errors } = parseSync(path, text);
  if (errors.length > 0) throw new Error(`${path}: ${errors[0]?.message}`);
  const named = [
    ...module.staticImports.map(({ moduleRequest }) => moduleRequest.value),
    ...module.staticExports.flatMap(({ entries }) =>
      entries.flatMap((each) => each.moduleRequest?.value ?? []),
    ),
  ];
  const take = (source: { readonly type: string; readonly value?: unknown }) => {
    if (typeof source.value === 'string') named.push(source.value);
    // Only a test may load what it found out as it ran.
    else if (roomOf(path) !== 'test') throw new Error(`${path} imports what can't be told from its text`);
  };
  new Visitor({
    ImportExpression: ({ source }) => take(source),
    TSImportType: ({ source }) => take(source),
  }).visit(program);
  const own = named.filter((name) => name.startsWith('.'));
  return {
    path,
    imports: [...new Set(own.map((name) => normalize(join(dirname(path), name))))],
    packages: [...new Set(named.filter((name) => !name.startsWith('.')))],
  };
}

/** What is wrong with who imports whom: one line each, most general first; none where all is well. */
export function importFaults(modules: readonly Module[]): string[] {
  return [...looseFiles(modules), ...modules.flatMap(wrongImports), ...circles(modules)];
}

function looseFiles(modules: readonly Module[]): string[] {
  return modules
    .filter(({ path }) => rank(path) === undefined && apart[roomOf(path) ?? ''] === undefined)
    .map(
      ({ path }) => `${path} stands in no room: move it into one, or name its room in test/import-graph.ts`,
    );
}

/** Position of a file's room from the top. */
function rank(path: string): number | undefined {
  const index = rooms.indexOf(roomOf(path) as (typeof rooms)[number]);
  return index < 0 ? undefined : index;
}

function wrongImports({ path, imports, packages }: Module): string[] {
  const room = roomOf(path) ?? '';
  const clients = withoutDocker.includes(room) ? packages.filter((name) => name === 'dockerode') : [];
  return [
    ...imports.flatMap((target) => {
      const reason = whyNot(path, target);
      return reason === undefined ? [] : [`${path} imports ${target}: ${reason}`];
    }),
    ...clients.map((name) => `${path} imports ${name}: ${room} knows no Docker client`),
  ];
}

function whyNot(from: string, to: string): string | undefined {
  const [own = '', other = ''] = [roomOf(from), roomOf(to)];
  if (own === other) return undefined;
  const allowed = apart[own];
  if (allowed === 'nothing') return `${own} imports nothing of ours`;
  if (other === 'test' && own !== 'test') return 'only tests import tests';
  if (allowed !== undefined) return undefined;
  if (apart[other] !== undefined) return `${other} is imported by no room`;
  if (withoutDocker.includes(own) && other !== 'results') return `of ours, ${own} imports results alone`;
  const [above, below] = [rank(from), rank(to)];
  // A file in no room is told of by itself.
  if (above === undefined || below === undefined || above < below) return undefined;
  return `imports run down only, and ${own} stands below ${other}`;
}

/** One circle of each group of files that import one another, shortest first found. */
function circles(modules: readonly Module[]): string[] {
  const importsOf = new Map(modules.map(({ path, imports }) => [path, imports]));
  const told = new Set<string>();
  return modules.flatMap(({ path }) => {
    if (told.has(path)) return [];
    const circle = wayBack(path, importsOf);
    if (!circle) return [];
    for (const each of circle) told.add(each);
    return [`a circle of imports: ${[...circle, path].join(' → ')}`];
  });
}

/** The shortest way from a file along imports back to itself. */
function wayBack(start: string, importsOf: ReadonlyMap<string, readonly string[]>): string[] | undefined {
  const ways: string[][] = [[start]];
  const seen = new Set<string>();
  for (let way = ways.shift(); way; way = ways.shift()) {
    for (const next of importsOf.get(way.at(-1) as string) ?? []) {
      if (next === start) return way;
      if (seen.has(next)) continue;
      seen.add(next);
      ways.push([...way, next]);
    }
  }
  return undefined;
}
