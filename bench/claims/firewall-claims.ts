import { type Evidence, evidenceOf, notTested } from '../../results/evidence.ts';
import { enginesOf } from '../site/site.ts';
import { answer, claimPort, executorIn, reaches, type Stage } from './stage.ts';

/** A second port, which the policy leaves open. */
const openPort = claimPort + 1;

/**
 * Claim 19: a filter rule keeps one container from another's port and leaves the rest alone. The rule goes to
 * DOCKER-USER, the chain that the engine leaves to people, on an engine of Tare's own, and is taken back.
 */
export async function rulesHoldBack(stage: Stage): Promise<Evidence> {
  const side = enginesOf(stage.site, 'same-host')?.server;
  const lacking = stage.lacks('same-host/bridge');
  if (!side || lacking) return notTested(19, lacking ?? 'There is no engine for it.');
  if (side.engine.ownership === 'user') {
    return notTested(
      19,
      'Filter rules are set only on engines that Tare started, and this one is somebody’s.',
    );
  }
  return stage.with('same-host', async (context) => {
    const { serverEngine: engine } = context;
    const network = await context.createNetwork(engine, { driver: 'bridge' });
    const server = await context.startContainer(engine, { role: 'server', network: network.name });
    const client = await context.startContainer(engine, { role: 'client', network: network.name });
    if (!server.address || !client.address) throw new Error('a container has no address');
    await answer(server);
    await answer(server, openPort);
    const asks = (port: number) => reaches(executorIn(client), server.address as string, port);
    const before = await asks(claimPort);
    const match = ['-s', client.address, '-d', server.address, '-p', 'tcp', '--dport', String(claimPort)];
    const run = (action: '-I' | '-D') =>
      side.probe.shell(
        'for t in iptables-nft iptables-legacy; do $t -w -S DOCKER-USER >/dev/null 2>&1 && exec $t -w "$@"; done; echo "no chain DOCKER-USER" >&2; exit 1',
        20,
        [action, 'DOCKER-USER', ...match, '-j', 'DROP'],
      );
    await run('-I');
    let during: boolean;
    let beside: boolean;
    try {
      [during, beside] = [await asks(claimPort), await asks(openPort)];
    } finally {
      await run('-D');
    }
    const after = await asks(claimPort);
    const words = (does: boolean) => (does ? 'reaches' : 'does not reach');
    return evidenceOf(19, [
      { text: `Without a rule a container ${words(before)} its neighbour’s port.`, agrees: before },
      { text: `With a rule that drops it, it ${words(during)} that port.`, agrees: !during },
      { text: `Another port of the same neighbour it ${words(beside)} meanwhile.`, agrees: beside },
      { text: `After the rule was taken back it ${words(after)} the first again.`, agrees: after },
    ]);
  });
}
