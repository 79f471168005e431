import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { Failure } from '../../results/failure.ts';
import { type RecipeIdentity, recipeIdentitySchema } from '../../results/schema.ts';
import { connectEngine } from '../engine/connect.ts';
import type { Engine } from '../engine/engine.ts';
import { formSwarm } from '../engine/swarm.ts';
import { lastLine } from '../engine/words.ts';
import { loadTar } from '../image/build.ts';
import { buildImages, intactImage } from '../image/builder.ts';
import { requireSpace } from '../image/disk-space.ts';
import { pathOf } from '../image/kept.ts';
import { imageName, toolboxRecipe } from '../image/recipe.ts';
import { withLock } from '../state/lock.ts';
import { stateSubfolder } from '../state/state.ts';
import { compiled, counterPlugin, guestAgentProgram, sourceOf } from './compile.ts';
import { type Emulator, ensureEmulator } from './emulator.ts';
import { GuestAgent } from './guest-agent.ts';
import { type GuestFiles, guestFiles, guestSourceTexts, makeGuestFiles } from './guest-disk.ts';
import { emulatorOptions, type GuestProcess, startGuest } from './guest-process.ts';
import { counterOption, type GuestSurvey, guestSurveySchema, surveyGuest } from './guest-survey.ts';
import { contentOfImage, identityOf } from './identity.ts';
import { InstructionCounter } from './instruction-counter.ts';
import { keptMachines, workFolder } from './machine-folders.ts';
import type { Recipe } from './recipe.ts';
import { SymbolTable } from './symbol-table.ts';

/** Files of a kept machine beside its `guestFiles`. */
const names = {
  ...{ identity: 'recipe.json', survey: 'survey.json', symbols: 'kallsyms' },
  ...{ layer: 'layer.qcow2', memory: 'memory' },
} as const;
const counterSocket = 'counter';
/** Disk, packages while they are unpacked, a snapshot's layer and memory. */
const neededBytes = 3e9;
/** Wall time in which a machine must be up; on an idle host it takes a tenth of that. */
const bootSeconds = 600;

export interface CountedMachineOptions {
  readonly recipe: Recipe;
  /** Which of several guests of one snapshot, from 0. */
  readonly guest: number;
  readonly progress: (text: string) => void;
  readonly signal: AbortSignal;
  /** Count instructions by function, which takes a compiler the first time. */
  readonly accounting?: boolean | undefined;
  /** Boot it anew rather than start from the snapshot: an independent machine of the same recipe. */
  readonly fresh?: boolean | undefined;
  /** Of the run that it is for, by which `tare clean` knows it. */
  readonly runId?: string | undefined;
}

/** An emulated machine whose clock counts instructions, with engines in one swarm, each with the toolbox. */
export interface CountedMachine {
  /** `tcp://127.0.0.1:PORT` of each node's engine; the first is the swarm's manager. */
  readonly engines: readonly string[];
  /** Runs programs in the guest, of all nodes. */
  readonly agent: GuestAgent;
  /** What counts instructions; absent where nobody asked for it. */
  readonly counter: InstructionCounter | undefined;
  /** The kernel's functions, with its modules'. */
  readonly symbols: SymbolTable;
  readonly recipe: RecipeIdentity;
  readonly guest: number;
  /** The emulator and its sockets. */
  readonly process: GuestProcess;
  /** Ends it and removes what it left. */
  stop(): Promise<void>;
}

/**
 * A machine of a recipe: started from its snapshot, which is made the first time.
 * @throws Failure `infrastructure` where it can't be made or does not come up; nothing is left then
 */
export async function openCountedMachine(options: CountedMachineOptions): Promise<CountedMachine> {
  const { recipe, progress, signal, runId } = options;
  const emulator = await ensureEmulator(progress, signal);
  const kept = await ensureKept(recipe, emulator, progress, signal);
  const counter = options.accounting ? await compiled(counterPlugin) : undefined;
  const plugin =
    counter === undefined
      ? undefined
      : (folder: string) => counterOption(counter, join(folder, counterSocket), kept.survey);
  const start = { emulator, files: kept.files, nodes: recipe.nodes, plugin, runId };
  if (options.fresh) {
    progress('Booting a counted machine');
    const process = await startGuest(start, signal);
    return openOrStop(process, async () => {
      await settle(process, (await toolboxFile(progress)).file, signal);
      return machineOf(process, kept, options);
    });
  }
  const state = { layer: join(kept.folder, names.layer), memory: join(kept.folder, names.memory) };
  const process = await startGuest({ ...start, state }, signal);
  return openOrStop(process, async () => {
    await restore(process, state.memory, signal);
    await engineAnswers(process, 0, signal);
    return machineOf(process, kept, options);
  });
}

async function openOrStop<T>(process: GuestProcess, open: () => Promise<T>): Promise<T> {
  try {
    return await open();
  } catch (error) {
    await process.stop();
    throw error;
  }
}

async function machineOf(
  process: GuestProcess,
  kept: KeptMachine,
  { accounting, fresh, guest }: CountedMachineOptions,
): Promise<CountedMachine> {
  const agent = await GuestAgent.connect(process.agentSocket);
  const counter = accounting
    ? await InstructionCounter.connect(join(process.folder, counterSocket))
    : undefined;
  // Modules lie elsewhere in each boot.
  const kallsyms = fresh
    ? await agent.read('/proc/kallsyms')
    : readFileSync(join(kept.folder, names.symbols));
  return {
    engines: process.ports.map(urlOf),
    ...{ agent, counter, guest, process, recipe: kept.identity },
    symbols: new SymbolTable(kallsyms.toString('latin1')),
    async stop() {
      agent.close();
      counter?.close();
      await process.stop();
    },
  };
}

const urlOf = (port: number) => `tcp://127.0.0.1:${port}`;

interface KeptMachine {
  readonly folder: string;
  readonly files: GuestFiles;
  readonly identity: RecipeIdentity;
  /** What its counter must know of it. */
  readonly survey: GuestSurvey;
}

/** The kept machine of a recipe as it is asked for, made where it is not there. */
async function ensureKept(
  recipe: Recipe,
  emulator: Emulator,
  progress: (text: string) => void,
  signal: AbortSignal,
): Promise<KeptMachine> {
  const folder = join(keptMachines(), keyOf(recipe, emulator));
  const make = async () => {
    if (existsSync(folder)) return;
    requireSpace(keptMachines(), neededBytes, 'making a counted machine');
    const toolbox = await toolboxFile(progress);
    const fresh = workFolder();
    try {
      progress(`Making a counted machine: kernel of Debian ${recipe.kernel}, Docker of ${recipe.docker}`);
      const packages = await makeGuestFiles(recipe, emulator, fresh, signal);
      const content = { tools: toolbox.tools, sha256: await contentOfImage(toolbox.file) };
      const identity = identityOf(recipe, { emulator, packages, toolbox: content, sources: ownSources() });
      writeFileSync(join(fresh, names.identity), `${JSON.stringify(identity, null, 2)}\n`);
      progress('Booting it once');
      await makeSnapshot(fresh, recipe, emulator, toolbox.file, signal);
      renameSync(fresh, folder);
    } finally {
      rmSync(fresh, { recursive: true, force: true });
    }
  };
  await withLock('machine', make, { progress, signal });
  const read = (name: string): unknown => JSON.parse(readFileSync(join(folder, name), 'utf8'));
  const identity = recipeIdentitySchema.parse(read(names.identity));
  return { folder, files: filesIn(folder), identity, survey: guestSurveySchema.parse(read(names.survey)) };
}

/** What of Tare's own runs in a guest or counts it, but the guest's scripts. */
const ownSources = () =>
  Object.fromEntries([counterPlugin, guestAgentProgram].map((each) => [each.name, sourceOf(each)]));

const filesIn = (folder: string): GuestFiles => ({
  kernel: join(folder, guestFiles.kernel),
  initrd: join(folder, guestFiles.initrd),
  disk: join(folder, guestFiles.disk),
});

/** By what is asked for and by what Tare itself puts in; the packages' versions are those of when it was made. */
function keyOf(recipe: Recipe, emulator: Emulator): string {
  const parts = [
    recipe,
    emulator.version,
    emulatorOptions,
    guestSourceTexts(),
    ownSources(),
    imageName(toolboxRecipe),
  ];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16);
}

async function toolboxFile(progress: (text: string) => void) {
  await buildImages([toolboxRecipe], progress);
  const kept = await intactImage(toolboxRecipe);
  if (kept) return { file: pathOf(kept), tools: kept.tools };
  throw new Failure(
    'infrastructure',
    `the file of the toolbox image is not what was just written into ${stateSubfolder('images')}`,
    'Check that disk, or set TARE_STATE to a folder on another.',
  );
}

/** Boots a machine once and keeps its disk's layer and its memory as they are with all engines up and idle. */
async function makeSnapshot(
  folder: string,
  recipe: Recipe,
  emulator: Emulator,
  toolbox: string,
  signal: AbortSignal,
): Promise<void> {
  const files = filesIn(folder);
  const layer = join(folder, names.layer);
  const [program, ...words] = emulator.argv(
    ...(['qemu-img', 'create', '-q', '-f', 'qcow2', '-F', 'raw', '-b', guestFiles.disk, layer] as const),
  );
  await execa(program as string, words, { cwd: folder });
  const guest = await startGuest({ emulator, files, nodes: recipe.nodes, layer }, signal);
  try {
    await settle(guest, toolbox, signal);
    await survey(guest, folder);
    const { qmp } = guest;
    await qmp.ask('stop');
    await qmp.ask('migrate-set-capabilities', {
      capabilities: [{ capability: 'mapped-ram', state: true }],
    });
    await qmp.ask('migrate', { uri: `file:${join(folder, names.memory)}` });
    await migrated(guest, signal);
    await qmp.ask('quit');
    await guest.ended;
  } finally {
    await guest.stop();
  }
}

async function survey(guest: GuestProcess, folder: string): Promise<void> {
  const agent = await GuestAgent.connect(guest.agentSocket);
  try {
    // What is written back later would be in somebody's trial.
    await agent.run(['sync'], 60);
    const { survey, kallsyms } = await surveyGuest(agent);
    writeFileSync(join(folder, names.survey), `${JSON.stringify(survey, null, 2)}\n`);
    writeFileSync(join(folder, names.symbols), kallsyms);
  } finally {
    agent.close();
  }
}

/** Brings the kept memory back and lets the machine go on. */
async function restore(guest: GuestProcess, memory: string, signal: AbortSignal): Promise<void> {
  const { qmp } = guest;
  await qmp.ask('migrate-set-capabilities', { capabilities: [{ capability: 'mapped-ram', state: true }] });
  await qmp.ask('migrate-incoming', { uri: `file:${memory}` });
  await migrated(guest, signal);
  await qmp.ask('cont');
}

async function migrated(guest: GuestProcess, signal: AbortSignal): Promise<void> {
  for (;;) {
    signal.throwIfAborted();
    const { status } = (await guest.qmp.ask('query-migrate')) as { status?: string };
    if (status === 'completed') return;
    if (status === 'failed' || status === 'cancelled') {
      throw new Failure(
        'infrastructure',
        `the counted machine’s memory can’t be kept or brought back: ${guest.console()}`,
        'Remove it with `tare clean --all`: it is made anew.',
      );
    }
    await sleep(20);
  }
}

/** Waits until all engines answer, gives them the toolbox and the swarm, and lets them come to rest. */
async function settle(guest: GuestProcess, toolbox: string, signal: AbortSignal): Promise<void> {
  const engines = await Promise.all(guest.ports.map((_, index) => engineAnswers(guest, index, signal)));
  for (const engine of engines) await loadTar(engine, toolbox);
  await formSwarm(engines.map((engine, index) => ({ engine, underlayAddress: `198.18.255.${11 + index}` })));
  // Kept-alive connections would be dead ends in every machine that starts from here.
  await sleep(3000, undefined, { signal });
}

async function engineAnswers(guest: GuestProcess, index: number, signal: AbortSignal): Promise<Engine> {
  const deadline = Date.now() + bootSeconds * 1000;
  for (;;) {
    signal.throwIfAborted();
    try {
      const url = urlOf(guest.ports[index] as number);
      return await connectEngine(url, {
        ...{ name: `node-${index + 1}`, ownership: 'lab', hostName: `node-${index + 1}`, tls: 'none' },
        timeoutSeconds: 20,
      });
    } catch (error) {
      if (guest.hasEnded()) throw died(guest);
      if (Date.now() > deadline) throw hangs(guest, error);
      await sleep(200, undefined, { signal });
    }
  }
}

function died(guest: GuestProcess): Failure {
  return new Failure(
    'infrastructure',
    `the counted machine ended before its engines were up: ${guest.console() || 'it said nothing'}`,
    'Choose another recipe (--machine counted:SUITE), or leave daemon and sysctls away to see whether they do it.',
  );
}

function hangs(guest: GuestProcess, cause: unknown): Failure {
  return new Failure(
    'infrastructure',
    `the counted machine’s engines do not answer within ${bootSeconds} s: ${lastLine(guest.console()) || 'its console says nothing'}`,
    'Try again when this machine is less busy, or choose another recipe.',
    { cause },
  );
}
