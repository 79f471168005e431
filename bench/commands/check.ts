import { jsonText, line } from '../../reports/text.ts';
import { unsupportedRemedy, unsupportedText } from '../../results/unsupported-text.ts';
import { resolveConfig } from '../config/config.ts';
import type { Flags } from '../config/flags.ts';
import { describeLeftover } from '../engine/clean-labelled.ts';
import { makeWish } from '../plan/make-plan.ts';
import { CpuMeter } from '../run/cpu-meter.ts';
import { loadBefore } from '../run/load-before.ts';
import { newRunId, openSite } from '../site/open-site.ts';
import { Preflight } from '../site/preflight.ts';
import { allEngines } from '../site/site.ts';
import { ensureRoom, neededByEngines } from '../state/room.ts';
import { type CommandContext, exitCodes } from './command.ts';
import { Progress } from './progress.ts';

export interface CheckOptions {
  readonly json?: boolean;
  /** Make images anew from today's packages. */
  readonly rebuildImages?: boolean;
  /** A flag only, so that no file can turn it on. */
  readonly labOnUserEngine?: boolean;
  /** Whether an engine may be spoken to in clear over a network. */
  readonly insecureTcp?: boolean;
  readonly flags: Flags;
}

/** `tare check`: what is ready here and what is not, and why; nothing stays behind. */
export async function check(options: CheckOptions, context: CommandContext): Promise<number> {
  const config = resolveConfig(options.flags);
  const wish = makeWish(config);
  const progress = new Progress(context.stderr);
  const across = wish.scenarios.some((scenario) => scenario.topology === 'cross-host');
  const labNodes = config.lab ?? (across && config.engines.length === 0 ? 2 : undefined);
  ensureRoom(neededByEngines());
  const site = await openSite(
    {
      engines: config.engines,
      insecureTcp: options.insecureTcp,
      subnets: config.subnets,
      underlay: config.underlay,
      labNodes,
      isLabOptional: config.lab === undefined,
      labOnUserEngine: options.labOnUserEngine,
      rebuildImages: options.rebuildImages === true,
      listener: progress.listen,
      signal: context.signal,
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
      ...preflight.warnings(wish.scenarios),
      ...loads.flatMap(({ warning }) => warning ?? []),
    ];
    const engines = allEngines(site).map(({ engine, underlayAddress, underlayInterface, swarm }) => ({
      name: engine.name,
      url: engine.url,
      version: engine.version,
      apiVersion: engine.apiVersion,
      underlay: `${underlayAddress} on ${underlayInterface}`,
      swarm: swarm ? (swarm.manager ? 'manager' : 'worker') : 'none',
    }));
    progress.end();
    if (options.json) {
      const rows = scenarios.map(({ type, ...rest }) => ({
        ...rest,
        status: type,
        ...('reason' in rest && {
          code: rest.reason.code,
          reason: unsupportedText(rest.reason),
          remedy: unsupportedRemedy(rest.reason),
        }),
      }));
      const json = { engines, tools: site.toolbox.tools, scenarios: rows, foreignLoad: loads, warnings };
      context.stdout.write(jsonText(json));
      return exitCodes.ok;
    }
    for (const each of engines) {
      context.stdout.write(
        line`${each.name}: Docker ${each.version} (API ${each.apiVersion}), ${each.underlay}, swarm: ${each.swarm}`,
      );
    }
    context.stdout.write('\n');
    const width = Math.max(...scenarios.map((scenario) => scenario.id.length));
    for (const scenario of scenarios) {
      const name = scenario.id.padEnd(width);
      context.stdout.write(
        scenario.type === 'ready'
          ? line`${name}  ready`
          : line`${name}  unsupported: ${unsupportedText(scenario.reason)}` +
              line`${' '.repeat(width)}  → ${unsupportedRemedy(scenario.reason)}`,
      );
    }
    if (warnings.length > 0) context.stdout.write('\n');
    for (const warning of warnings) context.stdout.write(line`warning: ${warning}`);
    return scenarios.some((scenario) => scenario.type === 'ready') ? exitCodes.ok : exitCodes.infrastructure;
  } finally {
    for (const left of await site.close()) context.stderr.write(line`warning: ${describeLeftover(left)}`);
  }
}
