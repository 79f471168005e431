import { type Evidence, evidenceOf, notTested } from '../../results/evidence.ts';
import { listenerArgv } from '../engine/listener.ts';
import { claimPort, executorIn, type Stage } from './stage.ts';

/** Claim 6: on the host network ports collide; on a bridge each container has its own. */
export async function portsCollideOnHost(stage: Stage): Promise<Evidence> {
  const second = (network: 'host' | 'bridge'): Promise<boolean> =>
    stage.with('same-host', async (context) => {
      const { serverEngine: engine } = context;
      const name =
        network === 'host' ? 'host' : (await context.createNetwork(engine, { driver: 'bridge' })).name;
      const one = await context.startContainer(engine, { role: 'server', network: name });
      const two = await context.startContainer(engine, { role: 'client', network: name });
      const [first, other] = [executorIn(one), executorIn(two)];
      // On the host network that is the host's own, and nobody else's business.
      const place = { address: '127.0.0.1', port: claimPort };
      await first.start(listenerArgv(first, { ...place, folder: await first.folder() }, 60));
      const wait = `for i in $(seq 50); do nc -w 1 ${place.address} ${claimPort} </dev/null && exit 0; sleep 0.1; done; exit 1`;
      if ((await first.run(['sh', '-c', wait], { deadlineSeconds: 60 })).exitCode !== 0)
        throw new Error(`no server came up in ${first.where}`);
      // It ends by itself only where it can't bind; otherwise it is ended, which gives the exit code 124.
      const argv = listenerArgv(other, { ...place, folder: await other.folder() }, 2);
      const outcome = await other.run(argv, { deadlineSeconds: 20 });
      return outcome.exitCode === 124;
    });
  const [host, own] = [await second('host'), await second('bridge')];
  const words = (does: boolean) => (does ? 'could' : 'could not');
  return evidenceOf(6, [
    { text: `On the host network a second container ${words(host)} listen on a port in use.`, agrees: !host },
    { text: `On a bridge a second container ${words(own)} listen on the same port.`, agrees: own },
  ]);
}

/** Claim 7: on the host network a container stands in the host's namespace, and with NET_ADMIN may change it. */
export async function hostIsNotIsolated(stage: Stage): Promise<Evidence> {
  const side = stage.site.sameHost;
  if (!side) return notTested(7, 'There is no engine for it.');
  const names = (json: string) =>
    (JSON.parse(json) as { ifname: string }[]).map((link) => link.ifname.replace(/@.*/, '')).sort();
  const hostLinks = names(await side.probe.shell('ip -j link'));
  const inside = (network: string, capabilities: readonly string[]) =>
    stage.with('same-host', async (context) => {
      const spec = { role: 'server', network, capabilities } as const;
      const executor = executorIn(await context.startContainer(context.serverEngine, spec));
      const links = await executor.run(['ip', '-j', 'link'], { deadlineSeconds: 20 });
      const status = await executor.run(['grep', 'CapEff', '/proc/self/status'], { deadlineSeconds: 20 });
      const mask = BigInt(`0x${/([0-9a-f]{16})/.exec(status.stdout)?.[1] ?? '0'}`);
      // CAP_NET_ADMIN is capability 12 (linux/capability.h).
      return { links: names(links.stdout), mayChange: (mask & (1n << 12n)) !== 0n };
    });
  const [onHost, onBridge] = [await inside('host', ['NET_ADMIN']), await inside('bridge', ['NET_ADMIN'])];
  const seen = hostLinks.filter((name) => onHost.links.includes(name));
  const foreign = onBridge.links.filter(
    (name) => hostLinks.includes(name) && name !== 'lo' && name !== 'eth0',
  );
  return evidenceOf(7, [
    {
      text: `A container on the host network sees ${seen.length} of the host’s ${hostLinks.length} interfaces.`,
      agrees: seen.length === hostLinks.length,
    },
    {
      text: `With NET_ADMIN it ${onHost.mayChange ? 'may' : 'may not'} change them (read from its capabilities, not tried).`,
      agrees: onHost.mayChange,
    },
    {
      text: `A container on a bridge sees ${onBridge.links.join(', ')} and ${foreign.length} of the host’s own.`,
      agrees: foreign.length === 0,
    },
  ]);
}
