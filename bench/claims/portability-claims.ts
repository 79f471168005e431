import type Docker from 'dockerode';
import { bridge } from '../../drivers/bridge.ts';
import type { EngineRef, Network, ProvisionContext } from '../../drivers/driver.ts';
import { type Evidence, evidenceOf, type Finding, notTested } from '../../results/evidence.ts';
import { parseScenarioId, type Scenario } from '../../results/scenario.ts';
import { otherwise, type Stage } from './stage.ts';

/** A scenario as it stands in a bench.yaml, with settings that a recreated network could lose. */
const exported = 'same-host/bridge@internal,mtu=1400';

/**
 * Claim 17: a network that is written down comes out the same elsewhere. The engine has no export of its own, so what
 * is written down is a scenario; its network is made from that text on two engines, and what they inspect is compared.
 */
export async function recreatedElsewhere(stage: Stage): Promise<Evidence> {
  if (!stage.site.crossHost) return notTested(17, 'It takes two engines.');
  return stage.with('cross-host', async (context) => {
    const subnet = await context.allocateSubnet();
    const scenario = parseScenarioId(exported) as Scenario;
    const inspected: Docker.NetworkInspectInfo[] = [];
    for (const engine of [context.serverEngine, context.clientEngine]) {
      const { networks } = await bridge.provision(onEngine(context, scenario, engine, subnet));
      const [made] = networks as [Network];
      inspected.push(await engine.docker.getNetwork(made.id).inspect());
    }
    const [first, second] = inspected.map(specOf);
    if (!first || !second) throw new Error('both engines must have made a network');
    const differences = differencesBetween(first, second);
    const asked: Finding = {
      text: `The scenario ${exported} made on the first engine a network with MTU ${first['option com.docker.network.driver.mtu'] ?? '(none)'}, internal: ${first.internal}.`,
      agrees: first['option com.docker.network.driver.mtu'] === '1400' && first.internal === 'true',
    };
    return evidenceOf(17, [
      asked,
      {
        text:
          differences.length === 0
            ? `From the same text the second engine made one that is equal in all ${Object.keys(first).length} settings that were inspected.`
            : `From the same text the second engine made another: ${differences.join('; ')}.`,
        agrees: differences.length === 0,
      },
    ]);
  });
}

/** The same context for one engine alone, with the scenario and the subnet that were written down. */
function onEngine(
  context: ProvisionContext,
  scenario: Scenario,
  engine: EngineRef,
  subnet: string,
): ProvisionContext {
  return otherwise(context, {
    scenario,
    serverEngine: engine,
    clientEngine: engine,
    createNetwork: (on, spec) => context.createNetwork(on, { ...spec, subnet }),
  });
}

type InspectedNetwork = Pick<
  Docker.NetworkInspectInfo,
  'Driver' | 'Scope' | 'EnableIPv6' | 'Internal' | 'Attachable' | 'Options' | 'IPAM'
>;

/** What makes a network what it is, as flat text: everything but its name, id, date, labels and members. */
export function specOf(network: InspectedNetwork): Record<string, string> {
  const spec: Record<string, string> = {
    driver: network.Driver,
    scope: network.Scope,
    ipv6: String(network.EnableIPv6),
    internal: String(network.Internal),
    attachable: String(network.Attachable),
    'address management': network.IPAM?.Driver ?? '',
  };
  for (const [key, value] of Object.entries(network.Options ?? {})) spec[`option ${key}`] = String(value);
  for (const [index, config] of (network.IPAM?.Config ?? []).entries()) {
    for (const [key, value] of Object.entries(config)) spec[`pool ${index} ${key}`] = String(value);
  }
  return spec;
}

/** Settings that differ, as `setting: one against other`. */
export function differencesBetween(
  one: Readonly<Record<string, string>>,
  other: Readonly<Record<string, string>>,
): string[] {
  const keys = [...new Set([...Object.keys(one), ...Object.keys(other)])].sort();
  return keys
    .filter((key) => one[key] !== other[key])
    .map((key) => `${key}: ${one[key] ?? '(absent)'} against ${other[key] ?? '(absent)'}`);
}

/** An interface that no host has; names are cut at 15 bytes, so this one is whole. */
const absentInterface = 'tare-absent0';

/** Claim 14: a macvlan network is bound to an interface of its host, and to a kernel and a segment that let it be. */
export async function macvlanIsBound(stage: Stage): Promise<Evidence> {
  const lacking = stage.lacks('same-host/macvlan');
  if (lacking) {
    const without = stage.lacks('same-host/bridge');
    if (without) return notTested(14, without);
    return evidenceOf(14, [{ text: `Here a bridge is ready and macvlan is not: ${lacking}`, agrees: true }]);
  }
  return stage.with('same-host', async (context) => {
    const { serverEngine: engine } = context;
    const parent = await context.parentInterface(engine);
    const present = await refusal(context, engine, parent);
    if (present !== undefined) throw new Error(`no macvlan network on ${parent}: ${present}`);
    const bridgeRefusal = await context.createNetwork(engine, { driver: 'bridge' }).then(
      () => undefined,
      (error: Error) => error.message,
    );
    if (bridgeRefusal !== undefined) throw new Error(bridgeRefusal);
    const absent = await refusal(context, engine, absentInterface);
    return evidenceOf(
      14,
      [
        {
          text: `A macvlan network names an interface of its host; where the host lacks that interface, ${absent === undefined ? 'it was made and started nevertheless' : `the engine refused it (${absent})`}.`,
          agrees: absent !== undefined,
        },
      ],
      [
        `Here it was made on ${parent}; a bridge needs no interface of the host.`,
        'It needs a kernel with macvlan and a segment that takes several MAC addresses from one port; many clouds and wireless networks do not, which one machine cannot show.',
      ],
    );
  });
}

/** Why an engine would not put a container on a macvlan network of that parent; undefined where it did. */
async function refusal(
  context: ProvisionContext,
  engine: EngineRef,
  parent: string,
): Promise<string | undefined> {
  try {
    const network = await context.createNetwork(engine, { driver: 'macvlan', options: { parent } });
    const role = parent === absentInterface ? 'client' : 'server';
    await context.startContainer(engine, { role, network: network.name });
    return undefined;
  } catch (error) {
    return (error as Error).message.replace(/\s+/g, ' ').trim();
  }
}
