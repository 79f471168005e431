import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '../../results/failure.ts';
import { connectEngine } from '../engine/connect.ts';
import { ContainerExecutor } from '../engine/container-executor.ts';
import { quoted } from '../engine/container-shell.ts';
import { demultiplexer } from '../engine/demultiplex.ts';
import type { Engine } from '../engine/engine.ts';
import { said } from '../engine/words.ts';
import { stateSubfolder } from '../state/state.ts';

/** One container of the lab with an engine in it, as the outer engine sees it. */
export interface LabNode {
  /** `node-1`, `node-2`, … */
  readonly name: string;
  readonly containerId: string;
  /** Docker's word for it: `running`, `exited`, … */
  readonly state: string;
  /** Where its engine listens. */
  readonly url: string;
  readonly underlayAddress: string;
}

/** Of what a node's engine said before it ended so many characters are told. */
const mostOfLog = 1000;

/** The folder that all nodes share for their engines' sockets. */
export const socketFolder = () => stateSubfolder('lab/sockets');

/** Nodes of a lab, up or not, in the order of their numbers. */
export async function findNodes(outer: Engine, project: string): Promise<LabNode[]> {
  const containers = await outer.docker.listContainers({
    all: true,
    filters: { label: [`tare.lab=${project}`] },
  });
  const numbered = containers.map((container) => ({
    number: Number(container.Labels['com.docker.compose.container-number']),
    container,
  }));
  return numbered
    .sort((a, b) => a.number - b.number)
    .map(({ number, container }) => ({
      name: `node-${number}`,
      containerId: container.Id,
      state: container.State,
      // Inside, a node is called after its container, as every node of one service gets the same settings.
      url: `unix://${join(socketFolder(), `${container.Id.slice(0, 12)}.sock`)}`,
      underlayAddress: container.NetworkSettings.Networks[`${project}_underlay`]?.IPAddress ?? '',
    }));
}

/** @throws Failure where the node's engine does not answer */
export function connectNode(node: LabNode): Promise<Engine> {
  // A node's engine calls its host as its container is called: nothing else is taken for it.
  const hostName = node.containerId.slice(0, 12);
  return connectEngine(node.url, { name: node.name, ownership: 'lab', timeoutSeconds: 20, hostName });
}

/**
 * Waits until a node's engine answers.
 * @throws Failure `infrastructure` where its container ends, or after two minutes (an emulated kernel needs one)
 */
export async function awaitNode(outer: Engine, node: LabNode): Promise<Engine> {
  const deadline = Date.now() + 120_000;
  for (;;) {
    try {
      return await connectNode(node);
    } catch (error) {
      const container = outer.docker.getContainer(node.containerId);
      const running = (await container.inspect()).State.Running;
      if (running && Date.now() < deadline) {
        await sleep(100);
        continue;
      }
      const log = await container.logs({ stdout: true, stderr: true, tail: 3 });
      throw new Failure(
        'infrastructure',
        `the engine of ${node.name} ${running ? 'does not answer' : 'ended'}: ${logWords(log)}`,
        'A node needs overlay mounts and network namespaces: the kernel, a security profile or the outer engine’s settings may refuse them.',
        { cause: error },
      );
    }
  }
}

/**
 * Gives a node an IPv6 address on the underlay, 2001:2:0:ff00::/64 of RFC 5180's benchmark range. The outer engine turns
 * IPv6 off in containers whose network has none, and asking it for one could fail the whole lab; so this comes after.
 * Without IPv6 in the kernel nothing happens, and preflight says of each scenario that needs it what is lacking.
 */
export async function giveIpv6(outer: Engine, node: LabNode): Promise<void> {
  const number = Number(node.name.slice('node-'.length)).toString(16);
  const script =
    'cd /proc/sys/net/ipv6/conf && for i in all default lo eth0; do echo 0 >$i/disable_ipv6; done && ' +
    `ip -6 addr add ${quoted(`2001:2:0:ff00::${number}/64`)} dev eth0 nodad`;
  const inside = new ContainerExecutor(outer.docker, { id: node.containerId, name: node.name }, outer.name);
  // As a script of the image's own shell: started by busybox, a shell would run busybox's `ip`, which knows no `nodad`.
  await inside.script(script, 20);
  inside.close();
}

/** The last lines of a container's log, whose frames are taken off. */
function logWords(log: Buffer): string {
  let text = '';
  const feed = demultiplexer(
    (_, bytes) => {
      text += bytes.toString('utf8');
    },
    () => undefined,
  );
  feed(log);
  return said(text, mostOfLog) || 'no message';
}
