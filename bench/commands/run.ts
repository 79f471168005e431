import { join } from 'node:path';
import { reportFormats } from '../../reports/formats/registry.ts';
import { jsonText, line } from '../../reports/text.ts';
import { Failure } from '../../results/failure.ts';
import { recipeDifferences, recipeDifferenceText } from '../../results/recipe-differences.ts';
import { latestAtRest, resolveRun, runDirectory } from '../../results/run-lookup.ts';
import { type Run, schemaVersion } from '../../results/schema.ts';
import { shellWord } from '../../results/shell-word.ts';
import { createRun, openRun, type RunWriter, refuseTaken } from '../../results/store.ts';
import type { StoredRun } from '../../results/stored-run.ts';
import { warningText } from '../../results/warning-text.ts';
import { tryClaimsOn, withClaims } from '../claims/claims-run.ts';
import { readArms } from '../config/arms.ts';
import { type Config, resolveConfig } from '../config/config.ts';
import { readConfig, type Trust } from '../config/config-file.ts';
import type { Flags } from '../config/flags.ts';
import { describeLeftover, type Leftover } from '../engine/clean-labelled.ts';
import { parseAddress } from '../engine/engine-address.ts';
import { makeLiveWish, makePlan, makeWish } from '../plan/make-plan.ts';
import { planTrials, readyScenarios } from '../plan/plan.ts';
import type { Wish } from '../plan/wish.ts';
import { isWanting } from '../run/run-state.ts';
import { takeFingerprint } from '../site/fingerprint.ts';
import { newRunId, type OpenSite, openSite } from '../site/open-site.ts';
import { Preflight } from '../site/preflight.ts';
import { allEngines } from '../site/site.ts';
import { measureAlone } from '../state/measuring.ts';
import { ensureRoom, neededByRun } from '../state/room.ts';
import { type CommandContext, exitCodes } from './command.ts';
import { changesSince } from './going-on.ts';
import { measure } from './measure.ts';
import { present } from './present.ts';
import { Progress } from './progress.ts';
import { siteRequest } from './site-request.ts';
import { Unfinished } from './unfinished.ts';
import { tareVersion } from './version.ts';

export interface RunOptions {
  readonly config?: string;
  readonly resume?: string;
  readonly json?: boolean;
  /** The files of `config` and `arms` may have been written by a stranger. */
  readonly untrustedConfig?: boolean;
  /** Print the path of each scenario and what proves it. */
  readonly explain?: boolean;
  /** `base=FILE` and `head=FILE`: the two arms of a live comparison. */
  readonly arms?: readonly string[];
  /** An A/A run: the same scenarios in both arms, and every block measured whatever the looks would say. */
  readonly calibration?: boolean;
  /** Also measure what the guide's claims need, and try those that can be tried. */
  readonly claims?: boolean;
  /** Let a lab stand on somebody's engine; a flag only, so that no file can turn it on. */
  readonly labOnUserEngine?: boolean | undefined;
  /** Whether an engine may be spoken to in clear over a network; a flag only, so that no file can turn it on. */
  readonly insecureTcp?: boolean | undefined;
  /** False refuses where another run is being measured on this machine, rather than to wait for it. */
  readonly wait?: boolean | undefined;
  readonly flags: Flags;
}

/** `tare run`: plan, provision, measure, record, print the table, write the report. */
export async function run(options: RunOptions, context: CommandContext): Promise<number> {
  const progress = new Progress(context.stderr);
  const measured = options.resume
    ? await resume(options.resume, options, progress, context)
    : await measureAnew(options, progress, context);
  progress.end();
  return tell(measured, options, context);
}

/**
 * The end of every run that has a record, whatever ended it: table, report, the record's path, and behind them what went
 * wrong.
 */
async function tell(
  { directory, failure, leftovers }: MeasuredRun,
  options: RunOptions,
  context: CommandContext,
): Promise<number> {
  const out = join(directory, 'report');
  const shape = { json: options.json === true, explain: options.explain === true, formats: reportFormats };
  const { stored, isReported, json } = await present(directory, { out, ...shape }, context);
  if (options.json) context.stdout.write(jsonText(json));
  context.stderr.write(line`${isReported ? 'Record and report' : 'Record'}: ${directory}`);
  for (const each of leftovers) context.stderr.write(line`warning: ${describeLeftover(each)}`);
  if (stored.run.state === 'interrupted' || context.signal.aborted) return exitCodes.interrupted;
  if (failure !== undefined) throw new Unfinished(stored.run.id, failure);
  const wanting = stored.trials.filter(isWanting).length;
  if (wanting > 0) {
    throw new Failure(
      'infrastructure',
      `${wanting} trials are wanting, since an engine stopped answering`,
      `Measure them with \`tare run --resume ${shellWord(stored.run.id)}\`.`,
    );
  }
  const counts = stored.trials.some((trial) => trial.status === 'ok' && trial.block >= 0);
  return counts && isReported ? exitCodes.ok : exitCodes.infrastructure;
}

/** A run with a record: it is rendered whatever ended it. */
export interface MeasuredRun {
  readonly directory: string;
  /** What ended it early. */
  readonly failure?: unknown;
  /** What could not be removed. */
  readonly leftovers: readonly Leftover[];
}

/**
 * Measures on an open site and closes it, whatever happens.
 * @param begin opens the record; while there is none, a failure is thrown
 */
async function onSite(
  site: OpenSite,
  progress: Progress,
  begin: () => Promise<{ writer: RunWriter; go: () => Promise<void> }>,
): Promise<MeasuredRun> {
  let begun: Awaited<ReturnType<typeof begin>>;
  try {
    begun = await begin();
  } catch (error) {
    warnOf(await site.close(), progress);
    throw error;
  }
  const failure = await begun.go().then(
    () => undefined,
    (error: unknown) => error ?? new Error('it failed without a reason'),
  );
  progress.listen({ type: 'step', text: 'Cleaning up' });
  const leftovers = await site.close();
  const { directory } = begun.writer;
  await begun.writer.close().catch(() => undefined);
  return { directory, leftovers, ...(failure !== undefined && { failure }) };
}

function warnOf(leftovers: readonly Leftover[], progress: Progress): void {
  for (const each of leftovers) progress.listen({ type: 'warning', text: describeLeftover(each) });
}

const trustOf = ({ untrustedConfig }: RunOptions): Trust => (untrustedConfig ? 'untrusted' : 'own');

async function mergedConfig(options: RunOptions): Promise<Config> {
  const file = options.config ? await readConfig(options.config, trustOf(options)) : {};
  const config = resolveConfig(options.flags, file);
  if (!options.claims) return config;
  if (options.arms?.length) {
    throw new Failure(
      'usage',
      '--claims is for an ordinary run, not for a live comparison',
      'Leave --arm or --claims away.',
    );
  }
  return withClaims(config);
}

async function wishOf(options: RunOptions, config: Config): Promise<Wish> {
  const { scenarios } = config;
  if (options.calibration) return makeLiveWish(config, { base: scenarios, head: scenarios });
  return options.arms?.length
    ? makeLiveWish(config, await readArms(options.arms, trustOf(options)))
    : makeWish(config);
}

interface Turn {
  readonly run: string;
  readonly config: Config;
  readonly options: RunOptions;
  readonly progress: Progress;
  readonly context: CommandContext;
}

/** Does something while no other run measures on this machine, where it would be measured on this machine. */
async function aloneHere<T>(
  { run, config, options, progress, context }: Turn,
  act: () => Promise<T>,
): Promise<T> {
  const { engines, machine } = config;
  // Counted figures do not mind who else is at work here.
  if (machine || (engines.length > 0 && engines.every(isElsewhere))) return act();
  const release = await measureAlone({
    run,
    wait: options.wait !== false,
    progress: (text) => progress.listen({ type: 'step', text }),
    signal: context.signal,
  });
  try {
    return await act();
  } finally {
    release();
  }
}

/** Whether an engine's address names another machine. */
function isElsewhere(url: string): boolean {
  const address = parseAddress(url);
  return address.type !== 'unix' && !/^(localhost|127\..*|::1)$/.test(address.host);
}

/** Measures a new run to its end. */
export async function measureAnew(
  options: RunOptions,
  progress: Progress,
  context: CommandContext,
): Promise<MeasuredRun> {
  const config = await mergedConfig(options);
  const wish = await wishOf(options, config);
  const rules = config.gate;
  const startedAt = new Date();
  const id = newRunId(startedAt);
  const directory = config.out ?? runDirectory(id);
  await refuseTaken(directory);
  ensureRoom(neededByRun(directory));
  return aloneHere({ run: id, config, options, progress, context }, async () => {
    const site = await openSite(
      {
        ...siteRequest(config, wish.scenarios, options, progress, context),
        measuring: config.machine ? undefined : { run: id, wait: options.wait !== false },
      },
      id,
    );
    return onSite(site, progress, async () => {
      const [preflight, fingerprints] = await Promise.all([
        Preflight.of(site, allEngines(site)),
        fingerprintsOf(site),
      ]);
      const { looks, ...rest } = makePlan(
        wish,
        config,
        (scenario) => preflight.of(scenario),
        config.seed ?? startedAt.getTime() % 2 ** 32,
      );
      const warnings = preflight.warnings(wish.scenarios);
      for (const each of warnings) progress.listen({ type: 'warning', text: warningText(each) });
      const plan = { ...rest, ...(looks && !options.calibration && { looks, gate: rules }) };
      const writer = await createRun(directory, {
        schemaVersion,
        id,
        tareVersion,
        label: config.label,
        startedAt: startedAt.toISOString(),
        state: 'running',
        command: reproducible(context.commandLine, options.flags, plan.seed),
        emulated: fingerprints.some((fingerprint) => fingerprint.emulated),
        ...machineOf(site),
        plan,
        trialsPlanned: planTrials(plan).length,
        fingerprints,
        pairs: [],
        measuredSeconds: 0,
        wallSeconds: 0,
        warnings,
      });
      const go = async () => {
        await measure(site, writer, [], rules, progress, context);
        if (options.claims) await tryClaimsOn(site, directory, progress.listen, context.signal);
      };
      return { writer, go };
    });
  });
}

async function resume(
  reference: string,
  options: RunOptions,
  progress: Progress,
  context: CommandContext,
): Promise<MeasuredRun> {
  const config = await mergedConfig(options);
  const directory = reference === 'latest' ? await latestAtRest() : await resolveRun(reference);
  const { writer, stored } = await openRun(directory);
  try {
    // There is nothing left to measure, but it may have ended before its report was made.
    if (stored.run.state === 'finished' && !options.claims) return { directory, leftovers: [] };
    return await goOn(writer, stored, config, options, progress, context);
  } finally {
    await writer.close().catch(() => undefined);
  }
}

async function goOn(
  writer: RunWriter,
  { run, trials }: StoredRun,
  config: Config,
  options: RunOptions,
  progress: Progress,
  context: CommandContext,
): Promise<MeasuredRun> {
  const rules = run.plan.gate ?? config.gate;
  refuseOtherClock(run, config.machine !== undefined);
  ensureRoom(neededByRun(writer.directory));
  return aloneHere({ run: run.id, config, options, progress, context }, async () => {
    const site = await openSite(
      {
        ...siteRequest(config, readyScenarios(run.plan), options, progress, context),
        // What was measured in it before is wanted of it again.
        isLabOptional: false,
        measuring: config.machine ? undefined : { run: run.id, wait: options.wait !== false },
      },
      newRunId(new Date()),
    );
    return onSite(site, progress, async () => {
      const [preflight, fingerprints] = await Promise.all([
        Preflight.of(site, allEngines(site)),
        fingerprintsOf(site),
      ]);
      refuseOtherRecipe(run, site);
      const changes = changesSince(run, fingerprints, (scenario) => preflight.of(scenario));
      for (const each of changes) progress.listen({ type: 'warning', text: warningText(each) });
      const isMeasured = run.state === 'finished';
      await writer.update({
        warnings: [...run.warnings, ...changes],
        ...(!isMeasured && { state: 'running' }),
      });
      const go = async () => {
        if (!isMeasured) await measure(site, writer, trials, rules, progress, context);
        if (options.claims) await tryClaimsOn(site, writer.directory, progress.listen, context.signal);
      };
      return { writer, go };
    });
  });
}

/** Seconds and instructions never stand in one run. */
function refuseOtherClock(run: Run, counted: boolean): void {
  if ((run.machine !== undefined) === counted) return;
  throw new Failure(
    'usage',
    counted
      ? `run ${run.id} was measured by the clock on the wall`
      : `run ${run.id} was measured in a counted machine`,
    counted ? 'Leave --machine away.' : 'Give --machine as for the run, such as --machine counted.',
  );
}

function refuseOtherRecipe(run: Run, { machine }: OpenSite): void {
  if (!run.machine || !machine) return;
  const [difference] = recipeDifferences(run.machine.recipe, machine.recipe);
  if (!difference) return;
  throw new Failure(
    'usage',
    `run ${run.id} was measured in another counted machine: ${recipeDifferenceText(difference)}`,
    'Give --machine as for the run, or measure a new run.',
  );
}

/** Of the record: where a run was measured by another clock than the wall's. */
function machineOf({ machine }: OpenSite): Pick<Run, 'machine'> {
  if (!machine) return {};
  return { machine: { kind: 'counted', recipe: machine.recipe, guest: machine.guest } };
}

async function fingerprintsOf(site: OpenSite) {
  const image = { id: site.toolbox.id, tools: site.toolbox.tools };
  const roles = [
    ['same-host', site.sameHost],
    ['cross-host-server', site.crossHost?.server],
    ['cross-host-client', site.crossHost?.client],
  ] as const;
  const present = roles.flatMap(([role, side]) => (side ? [{ role, side }] : []));
  return Promise.all(present.map(({ role, side }) => takeFingerprint(side, role, image)));
}

/** The command line with the order of trials that was drawn, where it does not say one itself. */
export function reproducible(commandLine: string, flags: RunOptions['flags'], seed: number): string {
  return flags.seed === undefined ? `${commandLine} --seed ${seed}` : commandLine;
}
