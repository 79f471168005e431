import { line } from '../../reports/text.ts';
import { warningText } from '../../results/warning-text.ts';
import { resolveConfig } from '../config/config.ts';
import type { Flags } from '../config/flags.ts';
import { describeLeftover } from '../engine/clean-labelled.ts';
import { makeWish } from '../plan/make-plan.ts';
import { CpuMeter } from '../run/cpu-meter.ts';
import { type LoadBefore, loadBefore } from '../run/load-before.ts';
import { newRunId, type OpenSite, openSite } from '../site/open-site.ts';
import { Preflight, type Readiness } from '../site/preflight.ts';
import { allEngines } from '../site/site.ts';
import { ensureRoom, neededByEngines } from '../state/room.ts';
import type { CommandContext } from './command.ts';
import { Progress } from './progress.ts';
import { siteRequest } from './site-request.ts';

export interface ExaminationOptions {
  readonly json?: boolean;
  /** Make images anew from today's packages. */
  readonly rebuildImages?: boolean;
  /** A flag only, so that no file can turn it on. */
  readonly labOnUserEngine?: boolean;
  /** Whether an engine may be spoken to in clear over a network. */
  readonly insecureTcp?: boolean;
  readonly flags: Flags;
}

/** What was found out about the engines that a run with the same flags would measure on. */
export interface Examination {
  readonly site: OpenSite;
  readonly scenarios: readonly (Readiness & { readonly id: string })[];
  readonly loads: readonly LoadBefore[];
  readonly warnings: readonly string[];
}

/**
 * Opens what a run would measure on, looks what is ready there, tells of it, and closes it again: nothing stays behind.
 * @throws Failure where a run would end before its first trial
 */
export async function examine<T>(
  options: ExaminationOptions,
  context: CommandContext,
  tell: (found: Examination) => T,
): Promise<T> {
  const config = resolveConfig(options.flags);
  const wish = makeWish(config);
  const progress = new Progress(context.stderr);
  ensureRoom(neededByEngines());
  const site = await openSite(
    {
      ...siteRequest(config, wish.scenarios, options, progress, context),
      rebuildImages: options.rebuildImages === true,
    },
    newRunId(new Date()),
  );
  try {
    const [preflight, loads] = await Promise.all([
      Preflight.of(site, allEngines(site)),
      loadBefore(await CpuMeter.create(site.runId), allEngines(site)).catch(() => []),
    ]);
    const scenarios = wish.scenarios.map((scenario) => ({ id: scenario.id, ...preflight.of(scenario) }));
    const warnings = [
      ...preflight.warnings(wish.scenarios).map(warningText),
      ...loads.flatMap(({ warning }) => warning ?? []),
    ];
    progress.end();
    return tell({ site, scenarios, loads, warnings });
  } finally {
    for (const left of await site.close()) context.stderr.write(line`warning: ${describeLeftover(left)}`);
  }
}
