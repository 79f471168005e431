export const topologies = ['same-host', 'cross-host'] as const;
export type Topology = (typeof topologies)[number];

/** Options a scenario may carry beside its driver; in its id as `@key=value,key=value`. */
export type ScenarioOptions = Readonly<Record<string, string>>;

/** Driver + options + topology: what one row of a report is about. */
export interface Scenario {
  /** `cross-host/overlay-encrypted`, `same-host/bridge@mtu=9000`. */
  readonly id: string;
  readonly topology: Topology;
  readonly driver: string;
  readonly options: ScenarioOptions;
}

/** The stable id of a scenario; options are sorted by key so that equal scenarios have equal ids. */
export function scenarioId(topology: Topology, driver: string, options: ScenarioOptions = {}): string {
  const pairs = Object.entries(options)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => (value === 'true' ? key : `${key}=${value}`));
  return `${topology}/${driver}${pairs.length > 0 ? `@${pairs.join(',')}` : ''}`;
}

/**
 * Reads a scenario id back into its parts.
 * @returns undefined where the text is not an id (`topology/driver[@key[=value],…]`).
 */
export function parseScenarioId(id: string): Scenario | undefined {
  const match = /^(same-host|cross-host)\/([a-z0-9-]+)(?:@(.+))?$/.exec(id);
  if (!match) return undefined;
  const [, topology, driver, optionText] = match as unknown as [string, Topology, string, string | undefined];
  const options: Record<string, string> = {};
  for (const part of optionText?.split(',') ?? []) {
    const [key, value] = part.split(/=(.*)/s);
    if (!key) return undefined;
    options[key] = value ?? 'true';
  }
  return { id: scenarioId(topology, driver, options), topology, driver, options };
}
