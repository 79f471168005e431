import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '../../results/failure.ts';
import { connectEngine } from '../engine/connect.ts';
import type { Engine } from '../engine/engine.ts';
import { stateSubfolder } from '../setup/state.ts';

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
  return connectEngine(node.url, { name: node.name, ownership: 'lab', timeoutSeconds: 20 });
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
      const log = (await container.logs({ stdout: true, stderr: true, tail: 1 })).toString('utf8');
      throw new Failure(
        'infrastructure',
        `the engine of ${node.name} ${running ? 'does not answer' : 'ended'}: ${printable(log)}`,
        'The kernel must allow overlay mounts and network namespaces in containers; `tare lab up` again shows whether it lasts.',
        { cause: error },
      );
    }
  }
}

// Docker's log stream has an 8-byte header in front of every line.
function printable(log: string): string {
  return log.replace(/[^\x20-\x7e]+/g, ' ').trim() || 'no message';
}
