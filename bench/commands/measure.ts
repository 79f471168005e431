import { cpus } from 'node:os';
import type { GateOptions } from '../../results/gate.ts';
import type { Exposure, Run, Trial } from '../../results/schema.ts';
import type { RunWriter } from '../../results/store.ts';
import { exposureOf } from '../pair/exposure.ts';
import { CpuMeter } from '../run/cpu-meter.ts';
import { isDecided } from '../run/decided.ts';
import { loadBefore } from '../run/load-before.ts';
import { carryOut } from '../run/runner.ts';
import type { OpenSite } from '../site/open-site.ts';
import { allEngines } from '../site/site.ts';
import { PathWatcher } from '../witness/path-watcher.ts';
import { workloadById } from '../workloads/registry.ts';
import type { CommandContext } from './command.ts';
import type { Progress } from './progress.ts';

/**
 * Carries the plan of an open run out, which stays open, and notes in its record how that ended.
 * @param rules by which a live comparison may end early
 */
export async function measure(
  site: OpenSite,
  writer: RunWriter,
  earlier: readonly Trial[],
  rules: GateOptions,
  progress: Progress,
  context: CommandContext,
): Promise<void> {
  const before = writer.run;
  const startedMillis = Date.now();
  // Counted from the trials, since a part that was killed noted nothing.
  let measuredSeconds = earlier.reduce((sum, trial) => sum + trial.measuredSeconds, 0);
  const note = async (state: Run['state']) => {
    const wallSeconds = before.wallSeconds + (Date.now() - startedMillis) / 1000;
    const finishedAt = state === 'finished' ? { finishedAt: new Date().toISOString() } : {};
    await writer.update({ state, measuredSeconds, wallSeconds, ...finishedAt });
  };
  const exposed = exposureOf(site, before.plan);
  tellExposed(site, exposed, progress);
  const watcher = new PathWatcher(writer.directory);
  const meter = await CpuMeter.create(site.runId);
  // While the pairs come up, and so in no time of its own; what can't be read is no reason not to measure.
  const looking = loadBefore(meter, allEngines(site)).then(
    (loads) => {
      for (const { warning } of loads) if (warning) progress.listen({ type: 'warning', text: warning });
    },
    () => undefined,
  );
  try {
    await writer.update({ exposed });
    const state = await carryOut({
      site,
      plan: before.plan,
      workloads: before.plan.workloads.flatMap(({ id }) => workloadById(id) ?? []),
      writer,
      meter,
      cores: coresOf(before),
      listener: (event) => {
        if (event.type === 'trial-ended') measuredSeconds += event.trial.measuredSeconds;
        progress.listen(event);
      },
      signal: context.signal,
      earlier,
      watch: watcher.watch,
      machine: site.machine,
      canaryOf: (pair) => watcher.canaryOf(pair),
      isDecided: (trials, blocks) => isDecided(before, trials, blocks, rules),
    });
    await note(state);
  } catch (error) {
    // What ended the run is what is told: noting it may fail for the same reason, such as a full disk.
    await note(context.signal.aborted ? 'interrupted' : 'failed').catch(() => undefined);
    throw error;
  } finally {
    await looking;
  }
}

/** Says what is open on hosts that are not Tare's own; its engines and labs are cut off from everybody. */
function tellExposed(site: OpenSite, exposed: readonly Exposure[], progress: Progress): void {
  const theirs = allEngines(site).filter(({ engine }) => engine.ownership === 'user');
  for (const { engine, address, firstPort, lastPort } of exposed) {
    if (!theirs.some((side) => side.engine.name === engine)) continue;
    progress.listen({
      type: 'notice',
      text: `Until the run ends test servers take anybody’s connections at ${address}, ports ${firstPort} to ${lastPort} (${engine}); --underlay chooses another address.`,
    });
  }
}

function coresOf(run: Run): number {
  const cores = run.fingerprints.map((each) => Number(each.facts['cpu/cores'])).filter((count) => count > 0);
  return cores.length > 0 ? Math.min(...cores) : cpus().length;
}
