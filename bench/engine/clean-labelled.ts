import { quoted } from './container-shell.ts';
import type { Engine } from './engine.ts';
import { labelFilter } from './labels.ts';
import { removeContainer, removeNetwork, removeVolume } from './remove.ts';

/** Something of Tare's that could not be removed. */
export interface Leftover {
  /** `engine`: not even what is left on it could be read. */
  readonly kind: 'container' | 'network' | 'volume' | 'engine';
  readonly name: string;
  /** Name of the engine that it is on. */
  readonly engine: string;
  /** In the engine's own words. */
  readonly reason: string;
  /** The command that removes it. */
  readonly command: string;
}

/** A leftover in one line: what it is, why it is still there, and what removes it. */
export function describeLeftover({ kind, name, engine, reason, command }: Leftover): string {
  const what = kind === 'engine' ? `what is left on ${name}` : `${kind} ${name} on ${engine}`;
  return `${what} could not be removed (${reason}); run \`${command}\``;
}

/** What a sweep took away, by name, and what it could not. */
export interface Swept {
  readonly containers: readonly string[];
  readonly networks: readonly string[];
  readonly volumes: readonly string[];
  readonly leftovers: readonly Leftover[];
}

interface Labelled {
  readonly id: string;
  readonly name: string;
}

/**
 * Removes every container, network and volume that carries Tare's label, and nothing else. Containers go first on all
 * the engines, since those of one may be on an overlay that another has to remove. What can't be removed stops nothing:
 * it is told.
 * @param runId only those of this run, where given
 * @returns what was removed on each engine, in the order given; never rejects
 */
export async function removeLabelled(engines: readonly Engine[], runId?: string): Promise<Swept[]> {
  const filters = labelFilter(runId);
  const containers = await Promise.all(
    engines.map((engine) =>
      sweep(engine, 'container', {
        list: async () =>
          (await engine.docker.listContainers({ all: true, filters })).map(({ Id: id, Names: names }) => ({
            id,
            name: names[0]?.replace(/^\//, '') ?? id,
          })),
        remove: ({ id }) => removeContainer(engine, id),
      }),
    ),
  );
  const swept: Swept[] = [];
  for (const [index, engine] of engines.entries()) {
    const first = containers[index] ?? nothing;
    // An engine that answers nothing is waited for once.
    const isAway = first.leftovers.some(({ kind }) => kind === 'engine');
    const networks = isAway ? nothing : await sweepNetworks(engine, filters);
    const volumes = isAway ? nothing : await sweepVolumes(engine, filters);
    swept.push({
      containers: first.removed,
      networks: networks.removed,
      volumes: volumes.removed,
      leftovers: [...first.leftovers, ...networks.leftovers, ...volumes.leftovers],
    });
  }
  return swept;
}

interface Sweep {
  readonly removed: readonly string[];
  readonly leftovers: readonly Leftover[];
}

const nothing: Sweep = { removed: [], leftovers: [] };

function sweepNetworks(engine: Engine, filters: { label: string[] }): Promise<Sweep> {
  return sweep(engine, 'network', {
    list: async () =>
      (await engine.docker.listNetworks({ filters })).map(({ Id: id, Name: name }) => ({ id, name })),
    remove: ({ id }) => removeNetwork(engine, id),
  });
}

function sweepVolumes(engine: Engine, filters: { label: string[] }): Promise<Sweep> {
  return sweep(engine, 'volume', {
    list: async () =>
      ((await engine.docker.listVolumes({ filters })).Volumes ?? []).map(({ Name: name }) => ({
        id: name,
        name,
      })),
    remove: ({ id }) => removeVolume(engine, id),
  });
}

async function sweep(
  engine: Engine,
  kind: 'container' | 'network' | 'volume',
  actions: { list(): Promise<Labelled[]>; remove(object: Labelled): Promise<void> },
): Promise<Sweep> {
  let found: Labelled[];
  try {
    found = await actions.list();
  } catch (error) {
    const leftover = {
      kind: 'engine' as const,
      name: engine.name,
      engine: engine.name,
      reason: wordsOf(error),
      command: `tare clean --engine ${word(engine.url)}`,
    };
    return { removed: [], leftovers: [leftover] };
  }
  const removed: string[] = [];
  const leftovers: Leftover[] = [];
  const results = await Promise.allSettled(found.map((object) => actions.remove(object)));
  for (const [index, { name }] of found.entries()) {
    const result = results[index];
    if (result?.status !== 'rejected') removed.push(name);
    else leftovers.push(leftoverOf(engine, kind, name, result.reason));
  }
  return { removed, leftovers };
}

const removal = { container: 'rm -fv', network: 'network rm', volume: 'volume rm -f' };

function leftoverOf(engine: Engine, kind: keyof typeof removal, name: string, error: unknown): Leftover {
  const command = `docker -H ${word(engine.url)} ${removal[kind]} ${word(name)}`;
  return { kind, name, engine: engine.name, reason: wordsOf(error), command };
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message.trim() : String(error);
}

/** A word as a person would type it: quoted only where a shell would read something else into it. */
function word(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : quoted(text);
}
