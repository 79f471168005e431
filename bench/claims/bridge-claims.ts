import { bridge } from '../../drivers/bridge.ts';
import type { Container } from '../../drivers/driver.ts';
import { type Evidence, evidenceOf, type Finding, notTested } from '../../results/evidence.ts';
import type { Topology } from '../../results/scenario.ts';
import type { StartedContainer } from '../pair/started.ts';
import { answer, executorIn, otherwise, reaches, type Stage } from './stage.ts';

const addressIn = (container: Container) => {
  if (!container.address) throw new Error(`${container.name} has no address`);
  return container.address;
};

const can = (does: boolean) => (does ? 'reaches' : 'does not reach');

/** Claim 2: a bridge encrypts nothing, not even where `--opt encrypted` was given to it. */
export async function bridgeEncryptsNothing(stage: Stage): Promise<Evidence> {
  const look = async (what: string, options: Record<string, string>): Promise<Finding> =>
    stage.withPair(
      'same-host/bridge',
      async (pair) => {
        const { findings } = await stage.canary(pair);
        const clear = findings.server.clearOn;
        return {
          text: `On ${what} 64 random bytes were seen ${clear.length > 0 ? `in clear on ${clear.join(' and ')}` : 'nowhere in clear'}.`,
          agrees: clear.length > 0,
        };
      },
      (context) =>
        bridge.provision(
          otherwise(context, {
            createNetwork: (engine, spec) =>
              context.createNetwork(engine, { ...spec, options: { ...spec.options, ...options } }),
          }),
        ),
    );
  return evidenceOf(2, [
    await look('a user-defined bridge', {}),
    await look('a bridge that was created with --opt encrypted, which the engine accepts', { encrypted: '' }),
  ]);
}

/** Claim 3: a bridge links the containers of one engine only. */
export async function bridgeIsLocal(stage: Stage): Promise<Evidence> {
  if (!stage.site.crossHost) return notTested(3, 'It takes two engines.');
  return stage.with('cross-host', async (context) => {
    const [here, there] = [
      await context.createNetwork(context.serverEngine, { driver: 'bridge' }),
      await context.createNetwork(context.clientEngine, { driver: 'bridge' }),
    ];
    const server = await context.startContainer(context.serverEngine, { role: 'server', network: here.name });
    const far = await context.startContainer(context.clientEngine, { role: 'client', network: there.name });
    await answer(server);
    return stage.with('cross-host', async (other) => {
      const near = await other.startContainer(context.serverEngine, { role: 'client', network: here.name });
      const [nearby, afar] = [
        await reaches(executorIn(near), addressIn(server)),
        await reaches(executorIn(far), addressIn(server)),
      ];
      return evidenceOf(3, [
        { text: `A container on the same bridge ${can(nearby)} the server at its address.`, agrees: nearby },
        {
          text: `A container on a bridge of the other engine ${can(afar)} it at that address.`,
          agrees: !afar,
        },
      ]);
    });
  });
}

/** Claim 15: user-defined networks resolve names, the default bridge does not. */
export async function namesOnCustomNetworks(stage: Stage): Promise<Evidence> {
  const resolves = (network: 'bridge' | 'own'): Promise<boolean> =>
    stage.with('same-host', async (context) => {
      const { serverEngine: engine } = context;
      const name =
        network === 'own' ? (await context.createNetwork(engine, { driver: 'bridge' })).name : 'bridge';
      const server = await context.startContainer(engine, { role: 'server', network: name });
      const client = await context.startContainer(engine, { role: 'client', network: name });
      await answer(server);
      // The control: whatever the name does, the address must work.
      if (!(await reaches(executorIn(client), addressIn(server)))) {
        throw new Error('two containers on one bridge do not reach each other');
      }
      return reaches(executorIn(client), server.name);
    });
  const [own, standard] = [await resolves('own'), await resolves('bridge')];
  return evidenceOf(15, [
    {
      text: `On a user-defined bridge a container ${can(own)} another by its name.`,
      agrees: own,
    },
    {
      text: `On the default bridge it ${can(standard)} it by its name, though it does by its address.`,
      agrees: !standard,
    },
  ]);
}

/** Claim 16: networks segment, `internal` has no way out, `icc=false` keeps neighbours apart. */
export async function networksSegment(stage: Stage): Promise<Evidence> {
  const apart = await stage.with('same-host', async (context) => {
    const { serverEngine: engine } = context;
    const [first, second] = [
      await context.createNetwork(engine, { driver: 'bridge' }),
      await context.createNetwork(engine, { driver: 'bridge' }),
    ];
    const server = await context.startContainer(engine, { role: 'server', network: first.name });
    const client = await context.startContainer(engine, { role: 'client', network: second.name });
    await answer(server);
    return reaches(executorIn(client), addressIn(server));
  });
  const [together, parted] = [await reachesNeighbour(stage, 'true'), await reachesNeighbour(stage, 'false')];
  const home = await reachesHost(stage, 'same-host');
  const noteOnHome = `The host itself is not outside: from an internal network a container ${can(home)} a server on its own host.`;
  return evidenceOf(
    16,
    [
      { text: `A container ${can(apart)} a container on another bridge of the same engine.`, agrees: !apart },
      { text: `With icc=true a container ${can(together)} its neighbour on the bridge.`, agrees: together },
      { text: `With icc=false it ${can(parted)} it.`, agrees: !parted },
      ...(await wayOut(stage)),
    ],
    [
      noteOnHome,
      ...(stage.site.crossHost ? [] : ['The way out of an internal network takes a second engine.']),
    ],
  );
}

async function wayOut(stage: Stage): Promise<Finding[]> {
  if (!stage.site.crossHost) return [];
  const [open, closed] = [
    await reachesHost(stage, 'cross-host', false),
    await reachesHost(stage, 'cross-host'),
  ];
  return [
    { text: `From an ordinary bridge a container ${can(open)} a server on another host.`, agrees: open },
    { text: `From an internal network it ${can(closed)} that server.`, agrees: !closed },
  ];
}

/** Whether a container on a bridge reaches a server in a host's own namespace: its own host's, or the other one's. */
function reachesHost(stage: Stage, topology: Topology, internal = true): Promise<boolean> {
  return stage.with(topology, async (context) => {
    const { serverEngine, clientEngine } = context;
    const network = await context.createNetwork(clientEngine, { driver: 'bridge', internal });
    const server = await context.startContainer(serverEngine, { role: 'server', network: 'host' });
    const client = await context.startContainer(clientEngine, { role: 'client', network: network.name });
    await answer(server);
    return reaches(executorIn(client), await context.underlayAddress(serverEngine));
  });
}

function reachesNeighbour(stage: Stage, icc: 'true' | 'false'): Promise<boolean> {
  return stage.with('same-host', async (context) => {
    const { serverEngine: engine } = context;
    const options = { 'com.docker.network.bridge.enable_icc': icc };
    const network = await context.createNetwork(engine, { driver: 'bridge', options });
    const server = await context.startContainer(engine, { role: 'server', network: network.name });
    const client = await context.startContainer(engine, { role: 'client', network: network.name });
    await answer(server);
    return reaches(executorIn(client), addressIn(server));
  });
}

/** Claim 18: a container may stand on two networks and answer on both; aliases resolve. */
export async function multiHomed(stage: Stage): Promise<Evidence> {
  return stage.with('same-host', async (context) => {
    const { serverEngine: engine } = context;
    const [first, second] = [
      await context.createNetwork(engine, { driver: 'bridge' }),
      await context.createNetwork(engine, { driver: 'bridge' }),
    ];
    const server = await context.startContainer(engine, {
      role: 'server',
      network: first.name,
      networkAliases: ['front'],
    });
    await engine.docker
      .getNetwork(second.id)
      .connect({ Container: server.id, EndpointConfig: { Aliases: ['back'] } });
    try {
      await answer(server);
      const inspected = await engine.docker.getContainer(server.id).inspect();
      const client = await context.startContainer(engine, { role: 'client', network: first.name });
      return await stage.with('same-host', async (other) => {
        const neighbour = await other.startContainer(engine, { role: 'client', network: second.name });
        const findings = async (
          from: StartedContainer,
          network: string,
          alias: string,
        ): Promise<Finding[]> => {
          const address = inspected.NetworkSettings.Networks[network]?.IPAddress ?? '';
          const [direct, named] = [
            await reaches(executorIn(from), address),
            await reaches(executorIn(from), alias),
          ];
          return [
            {
              text: `On ${alias}’s network it answers at ${address}: ${direct ? 'yes' : 'no'}.`,
              agrees: direct,
            },
            { text: `There its alias ${alias} resolves: ${named ? 'yes' : 'no'}.`, agrees: named },
          ];
        };
        const [one, ...rest] = [
          ...(await findings(client, first.name, 'front')),
          ...(await findings(neighbour, second.name, 'back')),
        ];
        return evidenceOf(18, [one as Finding, ...rest]);
      });
    } finally {
      await engine.docker.getNetwork(second.id).disconnect({ Container: server.id, Force: true });
    }
  });
}
