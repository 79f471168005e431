import { jsonText, plainText } from '../../reports/text.ts';
import { describeFailure, Failure } from '../../results/failure.ts';
import { jsonDocument } from '../../results/json-schema.ts';
import { findUserEngine } from '../engine/acquire-engine.ts';
import { describeLeftover, type Kept, type Leftover, sweepLeftBehind } from '../engine/clean-labelled.ts';
import { endLeftPrograms, type SweptPrograms } from '../engine/clean-processes.ts';
import { connectEngines, type EngineAccess, namedApart } from '../engine/connect.ts';
import type { Engine } from '../engine/engine.ts';
import { labLabel } from '../engine/labels.ts';
import { findPrivateEngine, sweepPrivateEngine } from '../engine/private-engine.ts';
import { standingOfObject } from '../engine/standing.ts';
import { labEngines, labProject, sweepLab } from '../lab/lab.ts';
import { sweepMachines } from '../machine/machine-folders.ts';
import { sweepInterfaces } from '../site/clean-interfaces.ts';
import { type CommandContext, exitCodes } from './command.ts';

export interface CleanOptions {
  readonly engine: readonly string[];
  /** Also what belongs to other state folders, and what may belong to a living process that can't be seen. */
  readonly all?: boolean;
  readonly dryRun?: boolean;
  readonly insecureTcp?: boolean | undefined;
  readonly json?: boolean;
}

interface Cleaned {
  readonly containers: readonly string[];
  readonly networks: readonly string[];
  readonly volumes: readonly string[];
  readonly interfaces: readonly string[];
  /** Whether a lab was taken down there. */
  readonly lab: boolean;
}

type Scope = { readonly all: boolean; readonly dryRun: boolean };

/**
 * `tare clean`: removes what dead runs of this state folder left. What lives is left alone and named. Images stay: they
 * are what the next run starts with.
 * @returns 4 where something could not be removed; it is named with the command that removes it
 */
export async function clean(options: CleanOptions, context: CommandContext): Promise<number> {
  const scope = { all: options.all === true, dryRun: options.dryRun === true };
  const programs = endLeftPrograms(scope.all, scope.dryRun);
  const machines = sweepMachines(scope);
  const kept: Kept[] = [...programs.kept];
  const leftovers: Leftover[] = [...programs.leftovers];
  const engines: Record<string, Cleaned> = {};
  const { found, faults } = await enginesToClean(options.engine, options);
  for (const engine of found) {
    context.signal.throwIfAborted();
    const { removed, nodes } = await cleanLab(engine, scope, kept, leftovers);
    await cleanEngines([engine, ...nodes], scope, engines, kept, leftovers);
    const cleaned = engines[engine.name];
    if (cleaned && removed) engines[engine.name] = { ...cleaned, lab: true };
  }
  const stopped =
    options.engine.length === 0 &&
    (await sweepPrivateEngine(scope.dryRun).catch(notCleaned(leftovers, privateEngine)));
  // One that could not be asked (hung, of another version of Tare) has taken all that was on it along.
  leftovers.push(...faults.filter(({ name }) => !(stopped && name === privateEngine)));
  for (const leftover of leftovers)
    context.stderr.write(`warning: ${plainText(describeLeftover(leftover))}\n`);
  const code = leftovers.length > 0 ? exitCodes.infrastructure : exitCodes.ok;
  if (options.json) {
    const said = {
      engines,
      programs: programs.ended,
      folders: programs.folders,
      sockets: programs.sockets,
      machines,
      privateEngineStopped: stopped === true,
    };
    context.stdout.write(
      jsonText(jsonDocument('clean', { dryRun: scope.dryRun, ...said, kept, notRemoved: leftovers })),
    );
    return code;
  }
  for (const line of asLines(engines, { ...programs, machines }, stopped === true, kept, scope))
    context.stdout.write(`${plainText(line)}\n`);
  return code;
}

const privateEngine = 'the private engine';

/** What a killed run left of the lab. `nodes`: the engines of a lab that is kept, whose own objects may be left over. */
async function cleanLab(
  engine: Engine,
  scope: Scope,
  kept: Kept[],
  leftovers: Leftover[],
): Promise<{ removed: boolean; nodes: Engine[] }> {
  const lab = await sweepLab(engine, scope).catch(
    notCleaned(leftovers, `the lab on ${engine.name}`, 'tare lab down'),
  );
  if (lab !== 'used' && lab !== 'kept') return { removed: lab === 'removed', nodes: [] };
  const down = engine.ownership === 'private' ? 'tare lab down' : 'tare lab down --lab-on-user-engine';
  const reason = lab === 'used' ? 'a living run uses it' : `\`tare lab up\` keeps it, \`${down}\` ends that`;
  kept.push({ kind: 'lab', name: labProject(), engine: engine.name, run: 'lab', reason });
  // Where somebody measures nothing is started; what dead runs left in there goes with the lab.
  return { removed: false, nodes: lab === 'kept' ? await labEngines(engine) : [] };
}

async function cleanEngines(
  found: readonly Engine[],
  scope: Scope,
  engines: Record<string, Cleaned>,
  kept: Kept[],
  leftovers: Leftover[],
): Promise<void> {
  // The lab has been seen to as a whole.
  const judge = (labels: Readonly<Record<string, string>>) =>
    labels[labLabel] === labProject() ? undefined : standingOfObject(labels, scope.all);
  const swept = await sweepLeftBehind(found, judge, scope.dryRun);
  for (const [index, engine] of found.entries()) {
    const objects = swept[index];
    const isAway = objects?.leftovers.some(({ kind }) => kind === 'engine') !== false;
    const onHost = isAway
      ? undefined
      : await sweepInterfaces(engine, scope).catch(notCleaned(leftovers, `the interfaces on ${engine.name}`));
    kept.push(...(objects?.kept ?? []), ...(onHost?.kept ?? []));
    leftovers.push(...(objects?.leftovers ?? []), ...(onHost?.leftovers ?? []));
    engines[engine.name] = {
      containers: objects?.containers ?? [],
      networks: objects?.networks ?? [],
      volumes: objects?.volumes ?? [],
      interfaces: onHost?.interfaces ?? [],
      lab: false,
    };
  }
}

/** Turns a fault into a leftover, so that it hinders nothing else. */
function notCleaned(
  leftovers: Leftover[],
  name: string,
  command = 'tare clean',
): (error: unknown) => undefined {
  return (error) => {
    leftovers.push({ kind: 'engine', name, engine: name, reason: describeFailure(error), command });
    return undefined;
  };
}

/**
 * The engines that were named, which must answer; else the reachable one and Tare's own, and if one of them does not
 * answer the other is cleaned all the same.
 */
async function enginesToClean(
  urls: readonly string[],
  { insecureTcp }: EngineAccess,
): Promise<{ found: Engine[]; faults: Leftover[] }> {
  const faults: Leftover[] = [];
  if (urls.length > 0) {
    return { found: await connectEngines(urls, { insecureTcp }), faults };
  }
  const engines: Engine[] = [];
  for (const [name, find] of [
    ['the engine that Docker’s client would use', () => findUserEngine({ insecureTcp })],
    [privateEngine, findPrivateEngine],
  ] as const) {
    const engine = await find().catch((error: unknown) => {
      if (!(error instanceof Failure)) throw error;
      return notCleaned(faults, name)(error);
    });
    if (engine) engines.push(engine);
  }
  return { found: namedApart([...new Map(engines.map((engine) => [engine.id, engine])).values()]), faults };
}

function asLines(
  engines: Readonly<Record<string, Cleaned>>,
  programs: SweptPrograms & { readonly machines: readonly string[] },
  stopped: boolean,
  kept: readonly Kept[],
  { dryRun }: Scope,
): string[] {
  const would = dryRun ? 'would be ' : '';
  const lines = Object.entries(engines).map(
    ([name, { containers, networks, volumes, interfaces, lab }]) =>
      `${name}: ${lab ? 'the lab, ' : ''}${count(containers, 'container')}, ${count(networks, 'network')}, ${count(volumes, 'volume')}, ${count(interfaces, 'interface')} ${would}removed`,
  );
  if (dryRun) {
    for (const [name, { lab: _, ...cleaned }] of Object.entries(engines)) {
      for (const object of Object.values(cleaned).flat()) lines.push(`  ${name}: ${object}`);
    }
  }
  const { ended, folders, sockets, machines } = programs;
  if (ended.length > 0)
    lines.push(`${count(ended, 'program')} ${would}ended${dryRun ? `: ${ended.join(', ')}` : ''}`);
  if (folders.length > 0) lines.push(`${count(folders, 'folder')} of killed programs ${would}removed`);
  if (sockets.length > 0) lines.push(`${count(sockets, 'socket')} of killed ssh connections ${would}removed`);
  if (machines.length > 0) lines.push(`${count(machines, 'folder')} of counted machines ${would}removed`);
  if (stopped) lines.push(`private engine ${would}stopped`);
  if (lines.length === 0) lines.push('no engine runs: nothing to clean');
  return [...lines, ...keptLines(kept)];
}

/** A line for each run's things on each engine rather than for each thing. */
function keptLines(kept: readonly Kept[]): string[] {
  const groups = new Map<string, Kept[]>();
  for (const each of kept) {
    const key = `${each.engine}: run ${each.run} is left: ${each.reason}`;
    groups.set(key, [...(groups.get(key) ?? []), each]);
  }
  return [...groups].map(
    ([key, things]) => `${key} (${things.map(({ kind, name }) => `${kind} ${name}`).join(', ')})`,
  );
}

function count(items: readonly unknown[], noun: string): string {
  return `${items.length} ${noun}${items.length === 1 ? '' : 's'}`;
}
