import { join } from 'node:path';
import type { RecipeIdentity } from '../../results/schema.ts';
import { compiled, counterPlugin } from './compile.ts';
import { GuestAgent } from './guest-agent.ts';
import { enginesOf, engineUrls } from './guest-engines.ts';
import { type GuestProcess, startGuest } from './guest-process.ts';
import { counterOption } from './guest-survey.ts';
import { InstructionCounter } from './instruction-counter.ts';
import { ensureGuest, type KeptGuest, type MakingOptions, toolboxFile } from './kept-guest.ts';
import type { Recipe } from './recipe.ts';
import { countedStart, ensureSnapshot, restore, type Snapshot, settleEngines } from './snapshot.ts';
import { SymbolTable } from './symbol-table.ts';

/** The counter's socket in the folder of a machine that runs. */
const counterSocket = 'counter';

export interface CountedMachineOptions extends MakingOptions {
  readonly recipe: Recipe;
  /** Which of several guests of one snapshot, from 0. */
  readonly guest: number;
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
  const { recipe, progress, signal, runId, fresh } = options;
  const kept = await ensureGuest(recipe, options);
  const snapshot = await ensureSnapshot(kept, options);
  const counter = options.accounting ? await compiled(counterPlugin) : undefined;
  const plugin =
    counter === undefined
      ? undefined
      : (folder: string) => counterOption(counter, join(folder, counterSocket), snapshot.survey);
  const start = { ...countedStart(kept), plugin, runId };
  if (fresh) progress('Booting a counted machine');
  const process = await startGuest(fresh ? start : { ...start, state: snapshot }, signal);
  try {
    if (fresh) await settleEngines(process, (await toolboxFile(progress)).file, signal);
    else {
      await restore(process, snapshot, signal);
      await enginesOf(process, signal);
    }
    return await machineOf(process, kept, snapshot, options);
  } catch (error) {
    await process.stop();
    throw error;
  }
}

async function machineOf(
  process: GuestProcess,
  kept: KeptGuest,
  snapshot: Snapshot,
  { accounting, fresh, guest }: CountedMachineOptions,
): Promise<CountedMachine> {
  const agent = await GuestAgent.connect(process.agentSocket);
  const counter = accounting
    ? await InstructionCounter.connect(join(process.folder, counterSocket))
    : undefined;
  // Modules lie elsewhere in each boot.
  const kallsyms = fresh ? (await agent.read('/proc/kallsyms')).toString('latin1') : snapshot.kallsyms;
  return {
    engines: engineUrls(process),
    ...{ agent, counter, guest, process, recipe: kept.identity },
    symbols: new SymbolTable(kallsyms),
    async stop() {
      agent.close();
      counter?.close();
      await process.stop();
    },
  };
}
