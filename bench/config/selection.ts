import { impairmentsOf } from '../../drivers/impairments.ts';
import { driverById, drivers, networks } from '../../drivers/registry.ts';
import { Failure } from '../../results/failure.ts';
import { glob } from '../../results/glob.ts';
import { parseScenarioId, type Scenario, scenarioId } from '../../results/scenario.ts';

/** Every driver on every topology it knows, without options. */
function everyScenario(): Scenario[] {
  return networks.map(({ topology, driver }) => ({
    id: scenarioId(topology, driver),
    topology,
    driver,
    options: {},
  }));
}

/**
 * The scenarios that patterns name: globs over ids (`*overlay*`, `same-host/*`), or ids with options
 * (`same-host/bridge@mtu=9000`). Without patterns, all but those that are measured only by name.
 * @throws Failure `usage` where a pattern names nothing, or an option that the driver doesn't take
 */
export function selectScenarios(patterns: readonly string[]): Scenario[] {
  const universe = everyScenario();
  if (patterns.length === 0) return universe.filter(({ driver }) => !driverById(driver)?.onlyByName);
  const chosen = patterns.flatMap((pattern) => {
    const exact = parseScenarioId(pattern);
    if (exact && (Object.keys(exact.options).length > 0 || driverById(exact.driver)?.joins))
      return [withKnownOptions(exact)];
    const fits = glob(pattern);
    const matches = universe.filter(({ id, driver }) => fits(id) && !driverById(driver)?.joins);
    if (matches.length === 0)
      throw unknown(
        'scenario',
        pattern,
        universe.map((scenario) => scenario.id),
      );
    return matches;
  });
  return [...new Map(chosen.map((scenario) => [scenario.id, scenario])).values()];
}

function withKnownOptions(scenario: Scenario): Scenario {
  const driver = drivers.find(
    (each) => each.id === scenario.driver && each.topologies.includes(scenario.topology),
  );
  if (!driver)
    throw unknown(
      'scenario',
      scenario.id,
      everyScenario().map((each) => each.id),
    );
  const hindrances = impairmentsOf(driver);
  for (const [key, value] of Object.entries(scenario.options)) {
    const own = Object.hasOwn(driver.options, key) ? driver.options[key] : undefined;
    const option = hindrances.find((each) => each.option === key) ?? own;
    if (option && !option.pattern.test(value)) {
      throw new Failure(
        'usage',
        `${scenario.id}: "${value}" is no value for ${key} (${option.meaning})`,
        `Write it as ${option.example}.`,
      );
    }
    if (!option) {
      const known = [...Object.keys(driver.options), ...hindrances.map((each) => each.option)];
      throw new Failure(
        'usage',
        `${scenario.id}: driver ${driver.id} takes no option "${key}"`,
        known.length > 0 ? `It takes ${known.join(', ')}.` : 'It takes none.',
      );
    }
  }
  if (driver.joins && scenario.options.network === undefined) {
    throw new Failure(
      'usage',
      `${scenario.id} does not say which network`,
      `Write it as ${scenarioId(scenario.topology, driver.id, { network: 'NAME' })}.`,
    );
  }
  return scenario;
}

/**
 * The ids among `known` that the patterns match, in the order of `known`.
 * @throws Failure `usage` where a pattern matches none
 */
export function selectIds(what: string, patterns: readonly string[], known: readonly string[]): string[] {
  const globs = patterns.map((pattern) => ({ pattern, fits: glob(pattern) }));
  const none = globs.find(({ fits }) => !known.some(fits));
  if (none) throw unknown(what, none.pattern, known);
  return known.filter((id) => globs.some(({ fits }) => fits(id)));
}

function unknown(what: string, pattern: string, known: readonly string[]): Failure {
  return new Failure(
    'usage',
    `no ${what} is called or matches "${pattern}"`,
    `Choose among ${known.join(', ')}.`,
  );
}
