import { describeFailure } from '../../results/failure.ts';
import type { FunctionCount } from '../../results/function-counts.ts';
import { inWords } from '../../results/reasons.ts';
import type { Trial } from '../../results/schema.ts';
import { quoted } from '../engine/container-shell.ts';
import { firstProcess } from '../engine/first-process.ts';
import type { CountedMachine } from '../machine/counted-machine.ts';
import type { InstructionCounter, Mark } from '../machine/instruction-counter.ts';
import type { Pair } from '../pair/pair.ts';
import type { StartedContainer } from '../pair/started.ts';
import type { PlannedTrial } from '../plan/plan.ts';
import type { WatchPath } from '../witness/path-watcher.ts';
import { callsOf } from '../workloads/counted.ts';
import type { CountedWork, Outcome, Workload } from '../workloads/workload.ts';
import { type Account, accountOf } from './instruction-account.ts';
import { refutedReason } from './trial.ts';

/** What a trial is counted with. */
export interface Counting {
  readonly work: CountedWork;
  readonly machine: CountedMachine;
  readonly counter: InstructionCounter;
  /** The client, in which the tool runs. */
  readonly container: StartedContainer;
}

export interface CountedTrialResult {
  readonly trial: Trial;
  /** The tool's own output. */
  readonly raw: string;
  readonly functions: readonly FunctionCount[];
}

/** Stopped while a trial is counted, those of all nodes together. A userland proxy is on the path of what it carries. */
const daemons = ['dockerd', 'containerd', 'containerd-shim', 'containerd-shim-runc-v2'];

/** Rest before the tool starts, in which what its preparation left behind comes to an end. */
const settleMilliseconds = 100;
/** Counted seconds; a trial takes less than two. */
const deadlineSeconds = 60;
/**
 * The guest's clock is read as the scheduler last noted it, which is a timer's tick ago at most (250 a second): a sleep
 * shorter than that can't be told from none.
 */
const tickNanoseconds = 4e6;

/** How a workload is counted on a pair; undefined where it runs by its machine's clock like any other. */
export function countingOf(
  { counted }: Workload,
  pair: Pair,
  machine: CountedMachine | undefined,
): Counting | undefined {
  const counter = machine?.counter;
  const { client } = pair.wiring;
  if (!counted || !counter || client.type !== 'container') return undefined;
  return { work: counted, counter, machine, container: client.container };
}

/**
 * Runs one trial on a counted machine: the tool waits in its container at a named pipe, the daemons are held, the pipe is
 * written to from the guest itself, and marks are made as the tool calls the kernel for the so many-th time. Whatever
 * goes wrong in it becomes part of the record.
 */
export async function runCountedTrial(
  planned: PlannedTrial,
  pair: Pair,
  workload: Workload,
  counting: Counting,
  watch: WatchPath | undefined,
): Promise<CountedTrialResult> {
  const prepared = (await workload.prepare?.(pair)) ?? [];
  const startedAt = new Date().toISOString();
  const startedMillis = performance.now();
  const base = () => ({
    ...planned,
    ...{ generation: pair.generation, startedAt, wallSeconds: (performance.now() - startedMillis) / 1000 },
  });
  const unwatch = await watch?.(pair, workload);
  const failed = async (reason: Extract<Outcome, { type: 'failed' }>['reason'], raw: string) => {
    await unwatch?.({}).catch(() => undefined);
    const trial: Trial = { ...base(), measuredSeconds: 0, warnings: [], status: 'failed', reason };
    return { trial, raw, functions: [] };
  };
  let counted: Counted;
  try {
    counted = await count(planned.order, pair, counting);
  } catch (error) {
    return failed(inWords(describeFailure(error)), '');
  }
  const { outcome, windows, account, secondsPerUnit, measuredSeconds } = counted;
  if (outcome.type === 'failed') return failed(outcome.reason, outcome.raw);
  const witness = await unwatch?.({
    ...(outcome.payloadBytes === undefined ? {} : { payloadBytes: outcome.payloadBytes }),
    ...(outcome.transactions === undefined ? {} : { transactions: outcome.transactions }),
  });
  const { rate, unit } = counting.work;
  const figures = {
    ...base(),
    measuredSeconds,
    warnings: [...prepared, ...outcome.warnings],
    metrics: [
      rate(secondsPerUnit),
      {
        ...({ name: 'instructions', unit: 'instructions', better: 'lower' } as const),
        value: account.instructionsPerUnit,
      },
    ],
    cpu: [],
    counted: {
      ...{ unit, instructionsPerUnit: account.instructionsPerUnit, secondsPerUnit, windows },
      setAside: [...account.setAside],
    },
    ...(outcome.payloadBytes === undefined ? {} : { payloadBytes: outcome.payloadBytes }),
    ...(outcome.transactions === undefined ? {} : { transactions: outcome.transactions }),
    ...(witness ? { witness } : {}),
  };
  const trial: Trial =
    witness?.verdict === 'refuted'
      ? { ...figures, status: 'invalid', reason: refutedReason(planned.scenario, witness) }
      : { ...figures, status: 'ok' };
  return { trial, raw: outcome.raw, functions: account.functions };
}

interface Counted {
  readonly outcome: Outcome;
  readonly windows: NonNullable<Extract<Trial, { status: 'ok' }>['counted']>['windows'];
  readonly account: Account;
  readonly secondsPerUnit: number;
  /** Counted, from the first mark to the last. */
  readonly measuredSeconds: number;
}

async function count(order: number, pair: Pair, counting: Counting): Promise<Counted> {
  const { work, machine, counter, container } = counting;
  const { agent, symbols } = machine;
  const process = await firstProcess(container.engine.docker, container);
  const folder = `${await pair.client.folder()}/counted-${order}`;
  const inGuest = `/proc/${process}/root${folder}`;
  const calls = callsOf(work);
  const made = await pair.client.run(['sh', '-c', 'mkdir "$0" && mkfifo "$0/go" "$0/done"', folder], {
    deadlineSeconds: 10,
  });
  if (made.exitCode !== 0) throw new Error(`no pipe can be made in ${pair.client.where}: ${made.stderr}`);
  const tool = work.argv(pair, calls).map(quoted).join(' ');
  const script = `cd "$0"; exec 3<go 4>done; read -r _ <&3; ${tool} >out 2>err </dev/null 3<&- 4>&-; echo $? >&4`;
  await pair.client.start(['sh', '-c', script, folder]);
  await counter.forget();
  const [first, second] = work.windowCalls;
  const start = work.warmUpCalls;
  await counter.arm({ event: work.call, task: work.task, calls: [start, start + first, start + second] });
  const held = daemons.filter((name) => name !== work.daemonOnPath);
  await agent.hold(held);
  let exitCode: string;
  try {
    const request = { go: `${inGuest}/go`, done: `${inGuest}/done`, lines: ['go'] };
    const [window] = await agent.windows({ ...request, settleMilliseconds, deadlineSeconds });
    exitCode = window?.said ?? '';
  } finally {
    await agent.release(held);
  }
  const [out, err] = (await Promise.all(
    ['out', 'err'].map(async (name) => (await agent.read(`${inGuest}/${name}`)).toString('utf8')),
  )) as [string, string];
  await agent.run(['rm', '-r', inGuest], 10);
  const marks = await counter.marks();
  const at = [0, 1, 2].map((number) => marks.findIndex((mark) => mark.ofEvent === number));
  if (exitCode !== '0' || at.includes(-1)) {
    const why =
      exitCode === '0' ? `called ${work.call} less often than was counted on` : `ended with ${exitCode}`;
    return {
      ...nothing,
      outcome: { type: 'failed', reason: inWords(`${work.task} ${why}: ${err || out}`), raw: out },
    };
  }
  const [begin, middle, end] = at.map((position) => marks[position]) as [Mark, Mark, Mark];
  const units = (second - first) * work.unitsPerCall;
  const account = accountOf(await counter.between(at[1] as number, at[2] as number), symbols, units);
  const windows = [
    windowOf(first * work.unitsPerCall, begin, middle),
    windowOf(second * work.unitsPerCall, begin, end),
  ] as const;
  const asleep = sleptNanoseconds(middle, end);
  return {
    outcome: work.parse(out, calls),
    windows: [...windows],
    account,
    secondsPerUnit: (account.instructionsPerUnit + asleep / units) / 1e9,
    measuredSeconds: windows[1].seconds,
  };
}

const nothing = {
  windows: [
    { units: 0, instructions: 0, seconds: 0 },
    { units: 0, instructions: 0, seconds: 0 },
  ] as Counted['windows'],
  account: { instructionsPerUnit: 0, functions: [], setAside: [] },
  secondsPerUnit: 0,
  measuredSeconds: 0,
};

function windowOf(units: number, from: Mark, to: Mark) {
  const instructions = to.instructions - from.instructions;
  return { units, instructions, seconds: (instructions + sleptNanoseconds(from, to)) / 1e9 };
}

/** What the guest's clock went on by without an instruction, a nanosecond for each of which it goes on otherwise. */
function sleptNanoseconds(from: Mark, to: Mark): number {
  if (from.nanoseconds === undefined || to.nanoseconds === undefined) return 0;
  const asleep = to.nanoseconds - from.nanoseconds - (to.instructions - from.instructions);
  return asleep > tickNanoseconds ? asleep : 0;
}
