import { shellWord } from '../../results/shell-word.ts';
import type { Engine } from './engine.ts';
import { wordsOfEngine } from './engine-fault.ts';
import { labelFilter, runLabel, tareLabel } from './labels.ts';
import { removeContainer, removeNetwork, removeVolume } from './remove.ts';
import type { Standing } from './standing.ts';

/** Something of Tare's that could not be removed. */
export interface Leftover {
  /** `engine`: not even what is left on it could be read. */
  readonly kind: 'container' | 'network' | 'volume' | 'interface' | 'program' | 'lab' | 'engine';
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

/** Something of Tare's that was not touched, and why. */
export interface Kept {
  readonly kind: 'container' | 'network' | 'volume' | 'interface' | 'program' | 'lab';
  readonly name: string;
  /** Name of the engine that it is on, or `this machine`. */
  readonly engine: string;
  readonly run: string;
  readonly reason: string;
}

/** What a sweep took away, by name, what it left alone, and what it could not remove. */
export interface Swept {
  readonly containers: readonly string[];
  readonly networks: readonly string[];
  readonly volumes: readonly string[];
  readonly kept: readonly Kept[];
  readonly leftovers: readonly Leftover[];
}

type Labels = Readonly<Record<string, string>>;

interface Labelled {
  readonly id: string;
  readonly name: string;
  readonly labels: Labels;
}

/** Which of the labelled objects a sweep takes. */
interface Choice {
  /** For Docker's list calls. */
  readonly filters: { label: string[] };
  /** Undefined leaves an object out without a word. */
  readonly judge: (labels: Labels) => Standing | undefined;
  /** Only tell what would go. */
  readonly dryRun: boolean;
  /** Images whose labels a container may have inherited rather than been given. */
  readonly inheritsFrom: (engine: Engine) => Promise<ReadonlySet<string>>;
}

/**
 * Removes every container, network and volume of one run, and nothing else. Containers go first on all the engines,
 * since those of one may be on an overlay that another has to remove. What can't be removed stops nothing: it is told.
 * @returns what was removed on each engine, in the order given; never rejects
 */
export async function removeLabelled(engines: readonly Engine[], runId: string): Promise<Swept[]> {
  return sweepAll(engines, {
    filters: labelFilter(runId),
    judge: () => ({ goes: true }),
    dryRun: false,
    inheritsFrom: async () => new Set(),
  });
}

/**
 * Removes what runs left behind, as `judge` says of each object's labels. Only labels given at creation count: those
 * that a container has from its image are its image's.
 * @returns what was removed on each engine, in the order given; never rejects
 */
export async function sweepLeftBehind(
  engines: readonly Engine[],
  judge: Choice['judge'],
  dryRun: boolean,
): Promise<Swept[]> {
  return sweepAll(engines, {
    filters: { label: [`${tareLabel}=1`] },
    judge,
    dryRun,
    inheritsFrom: async (engine) => {
      const images = await engine.docker.listImages({ filters: JSON.stringify({ label: [runLabel] }) });
      return new Set(images.map(({ Id }) => Id));
    },
  });
}

async function sweepAll(engines: readonly Engine[], choice: Choice): Promise<Swept[]> {
  const containers = await Promise.all(
    engines.map((engine) =>
      sweep(engine, 'container', choice, {
        list: async () => {
          const inheriting = await choice.inheritsFrom(engine);
          const found = await engine.docker.listContainers({ all: true, filters: choice.filters });
          return found
            .filter(({ ImageID }) => !inheriting.has(ImageID))
            .map(({ Id: id, Names: names, Labels: labels }) => ({
              id,
              name: names[0]?.replace(/^\//, '') ?? id,
              labels,
            }));
        },
        remove: ({ id }) => removeContainer(engine, id),
      }),
    ),
  );
  const swept: Swept[] = [];
  for (const [index, engine] of engines.entries()) {
    const first = containers[index] ?? nothing;
    // An engine that answers nothing is waited for once.
    const isAway = first.leftovers.some(({ kind }) => kind === 'engine');
    const networks = isAway ? nothing : await sweepNetworks(engine, choice);
    const volumes = isAway ? nothing : await sweepVolumes(engine, choice);
    swept.push({
      containers: first.removed,
      networks: networks.removed,
      volumes: volumes.removed,
      kept: [...first.kept, ...networks.kept, ...volumes.kept],
      leftovers: [...first.leftovers, ...networks.leftovers, ...volumes.leftovers],
    });
  }
  return swept;
}

interface Sweep {
  readonly removed: readonly string[];
  readonly kept: readonly Kept[];
  readonly leftovers: readonly Leftover[];
}

const nothing: Sweep = { removed: [], kept: [], leftovers: [] };

function sweepNetworks(engine: Engine, choice: Choice): Promise<Sweep> {
  return sweep(engine, 'network', choice, {
    list: async () =>
      (await engine.docker.listNetworks({ filters: choice.filters })).map(
        ({ Id: id, Name: name, Labels: labels }) => ({ id, name, labels: labels ?? {} }),
      ),
    remove: ({ id }) => removeNetwork(engine, id),
  });
}

function sweepVolumes(engine: Engine, choice: Choice): Promise<Sweep> {
  return sweep(engine, 'volume', choice, {
    list: async () =>
      ((await engine.docker.listVolumes({ filters: choice.filters })).Volumes ?? []).map(
        ({ Name: name, Labels: labels }) => ({ id: name, name, labels }),
      ),
    remove: ({ id }) => removeVolume(engine, id),
  });
}

async function sweep(
  engine: Engine,
  kind: 'container' | 'network' | 'volume',
  { judge, dryRun }: Choice,
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
      reason: wordsOfEngine(error),
      command: `tare clean --engine ${shellWord(engine.url)}`,
    };
    return { removed: [], kept: [], leftovers: [leftover] };
  }
  const going: Labelled[] = [];
  const kept: Kept[] = [];
  for (const object of found) {
    const standing = judge(object.labels);
    if (standing?.goes) going.push(object);
    else if (standing)
      kept.push({
        kind,
        name: object.name,
        engine: engine.name,
        run: object.labels[runLabel] ?? '',
        reason: standing.reason,
      });
  }
  const removed: string[] = [];
  const leftovers: Leftover[] = [];
  const results = await Promise.allSettled(
    going.map((object) => (dryRun ? undefined : actions.remove(object))),
  );
  for (const [index, { name }] of going.entries()) {
    const result = results[index];
    if (result?.status !== 'rejected') removed.push(name);
    else leftovers.push(leftoverOf(engine, kind, name, result.reason));
  }
  return { removed, kept, leftovers };
}

const removal = { container: 'rm -fv', network: 'network rm', volume: 'volume rm -f' };

function leftoverOf(engine: Engine, kind: keyof typeof removal, name: string, error: unknown): Leftover {
  const command = `docker -H ${shellWord(engine.url)} ${removal[kind]} ${shellWord(name)}`;
  return { kind, name, engine: engine.name, reason: wordsOfEngine(error), command };
}
