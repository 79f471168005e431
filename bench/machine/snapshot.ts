import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { Failure } from '../../results/failure.ts';
import { formSwarm } from '../engine/swarm.ts';
import { loadTar } from '../image/build.ts';
import { withLock } from '../state/lock.ts';
import { GuestAgent } from './guest-agent.ts';
import { guestFiles } from './guest-disk.ts';
import { enginesOf, underlayAddress } from './guest-engines.ts';
import { type GuestProcess, type GuestRequest, startGuest } from './guest-process.ts';
import { type GuestSurvey, guestSurveySchema, surveyGuest } from './guest-survey.ts';
import { type KeptGuest, type MakingOptions, toolboxFile } from './kept-guest.ts';
import { workFolder } from './machine-folders.ts';
import { makingFault } from './making-fault.ts';
import { pause } from './pause.ts';

/**
 * A machine as it stood when all its engines were up, in one swarm and at rest. It is never written to, so any number of
 * machines start from it at once.
 */
export interface Snapshot {
  /** What was written to the disk until then, over the kept guest's. */
  readonly layer: string;
  /** Memory and devices. */
  readonly memory: string;
  /** What a counter must know of it. */
  readonly survey: GuestSurvey;
  /** The kernel's table of its functions. */
  readonly kallsyms: string;
}

const names = {
  layer: 'layer.qcow2',
  memory: 'memory',
  survey: 'survey.json',
  kallsyms: 'kallsyms',
} as const;

/** How a guest of counted machines is started. */
export const countedStart = ({ emulator, files, recipe }: KeptGuest): GuestRequest => ({
  ...{ emulator, files, clock: 'instructions' },
  nodes: { first: 1, last: recipe.nodes },
});

/** The snapshot of a guest, made where it is not there. @throws Failure `infrastructure`; nothing is left then */
export async function ensureSnapshot(
  kept: KeptGuest,
  { progress, signal }: MakingOptions,
): Promise<Snapshot> {
  const folder = join(kept.folder, 'snapshot');
  const make = async () => {
    if (existsSync(folder)) return;
    progress('Booting the machine once, to start from there ever after');
    const toolbox = await toolboxFile(progress);
    const fresh = workFolder();
    try {
      await makeSnapshot(kept, toolbox.file, fresh, signal);
      renameSync(fresh, folder);
    } catch (error) {
      throw makingFault(error, kept.folder, signal);
    } finally {
      rmSync(fresh, { recursive: true, force: true });
    }
  };
  if (!existsSync(folder)) await withLock('machine', make, { progress, signal });
  const survey = guestSurveySchema.parse(JSON.parse(readFileSync(join(folder, names.survey), 'utf8')));
  const kallsyms = readFileSync(join(folder, names.kallsyms), 'latin1');
  return { layer: join(folder, names.layer), memory: join(folder, names.memory), survey, kallsyms };
}

async function makeSnapshot(
  kept: KeptGuest,
  toolbox: string,
  folder: string,
  signal: AbortSignal,
): Promise<void> {
  const layer = join(folder, names.layer);
  const { emulator, files } = kept;
  await emulator.run('qemu-img', 'create', '-q', '-f', 'qcow2', '-F', 'qcow2', '-b', files.disk, layer);
  const guest = await startGuest({ ...countedStart(kept), layer }, signal);
  try {
    await settleEngines(guest, toolbox, signal);
    await survey(guest, folder);
    const { qmp } = guest;
    await qmp.ask('stop');
    await qmp.ask('migrate', { uri: `file:${join(folder, names.memory)}` });
    await moved(guest, signal);
    await qmp.ask('quit');
    await guest.ended;
    // As seen from where it will lie, so that all may be carried to another computer.
    await emulator.run(
      'qemu-img',
      'rebase',
      '-q',
      '-u',
      '-F',
      'qcow2',
      '-b',
      join('..', guestFiles.disk),
      layer,
    );
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
    writeFileSync(join(folder, names.kallsyms), kallsyms);
  } finally {
    agent.close();
  }
}

/** Brings a snapshot's memory back into a guest that was started for it, and lets it go on. */
export async function restore(guest: GuestProcess, { memory }: Snapshot, signal: AbortSignal): Promise<void> {
  await guest.qmp.ask('migrate-incoming', { uri: `file:${memory}` });
  await moved(guest, signal);
  await guest.qmp.ask('cont');
}

const movingSchema = z.object({ status: z.string().max(100).optional() });

async function moved(guest: GuestProcess, signal: AbortSignal): Promise<void> {
  for (;;) {
    signal.throwIfAborted();
    const { status } = movingSchema.parse(await guest.qmp.ask('query-migrate'));
    if (status === 'completed') return;
    if (status === 'failed' || status === 'cancelled') {
      throw new Failure(
        'infrastructure',
        `the machine’s memory can’t be kept or brought back: ${guest.console()}`,
        'See that the state folder’s disk has room, and remove the machine with `tare clean --all`: it is made anew.',
      );
    }
    await pause(20, signal);
  }
}

/** Waits until all engines answer, gives them the toolbox and the swarm, and lets them come to rest. */
export async function settleEngines(
  guest: GuestProcess,
  toolbox: string,
  signal: AbortSignal,
): Promise<void> {
  const engines = await enginesOf(guest, signal);
  for (const engine of engines) await loadTar(engine, toolbox);
  await formSwarm(
    engines.map((engine, index) => ({ engine, underlayAddress: underlayAddress(guest.firstNode + index) })),
  );
  // Kept-alive connections would be dead ends in every machine that starts from here.
  for (const { docker } of engines) (docker.modem as { agent?: { destroy?(): void } }).agent?.destroy?.();
  await pause(3000, signal);
}
