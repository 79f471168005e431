import type { Scenario } from '../../results/scenario.ts';
import type { Config } from '../config/config.ts';
import type { SiteRequest } from '../site/open-site.ts';
import type { CommandContext } from './command.ts';
import type { Progress } from './progress.ts';

/** What no file may say of a site. */
interface SiteFlags {
  readonly labOnUserEngine?: boolean | undefined;
  readonly insecureTcp?: boolean | undefined;
}

/** The site that scenarios are examined or measured on. The lab comes up unless engines were given or nothing is across hosts. */
export function siteRequest(
  config: Config,
  scenarios: readonly Pick<Scenario, 'topology' | 'options'>[],
  { labOnUserEngine, insecureTcp }: SiteFlags,
  progress: Progress,
  { signal }: CommandContext,
): SiteRequest {
  const { engines, machine, lab, subnets, underlay } = config;
  const across = scenarios.some(({ topology }) => topology === 'cross-host');
  const needsLab = across && engines.length === 0 && !machine;
  return {
    ...{ engines, machine, insecureTcp, subnets, underlay, labOnUserEngine, signal },
    labNodes: lab ?? (needsLab ? 2 : undefined),
    isLabOptional: lab === undefined,
    examine: true,
    joins: [...new Set(scenarios.flatMap(({ options }) => options.network ?? []))],
    listener: progress.listen,
  };
}
