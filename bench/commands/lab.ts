import { jsonText, line } from '../../reports/text.ts';
import { jsonDocument } from '../../results/json-schema.ts';
import type { Engine } from '../engine/engine.ts';
import { keepPrivateEngine } from '../engine/private-engine.ts';
import { ensureToolbox } from '../image/image.ts';
import { keepLab, type Lab, labDown, labStatus, labUp } from '../lab/lab.ts';
import { acquireLabHost, findLabHost } from '../lab/lab-host.ts';
import { ensureRoom, neededByEngines } from '../state/room.ts';
import { type CommandContext, exitCodes } from './command.ts';
import { Progress } from './progress.ts';

export interface LabOptions {
  readonly json?: boolean;
  readonly nodes: number;
  /** The engine that Docker's client would use, instead of one of Tare's own. */
  readonly labOnUserEngine?: boolean;
}

/** `tare lab up`: the lab stays until `tare lab down`, and so does a private engine under it. */
export async function labUpCommand(options: LabOptions, context: CommandContext): Promise<number> {
  const progress = new Progress(context.stderr);
  const { signal } = context;
  const step = (text: string) => {
    signal.throwIfAborted();
    progress.listen({ type: 'step', text });
  };
  ensureRoom(neededByEngines());
  const onUserEngine = options.labOnUserEngine;
  const { engine, release } = await acquireLabHost({ onUserEngine, progress: step, signal });
  let lab: Lab;
  try {
    lab = await bringUp(engine, options, step, signal);
  } catch (error) {
    // What was begun is taken down; an engine that was started for it goes, too.
    await release().catch(() => undefined);
    throw error;
  }
  keepLab();
  if (engine.ownership === 'private') keepPrivateEngine(true);
  const nodes = lab.engines.map(({ name, url, version }) => ({ name, url, state: 'ready', version }));
  if (options.json) context.stdout.write(jsonText(jsonDocument('lab', { up: true, nodes })));
  else
    for (const node of nodes) context.stdout.write(line`${node.name}  Docker ${node.version}  ${node.url}`);
  return exitCodes.ok;
}

async function bringUp(
  engine: Engine,
  { nodes, labOnUserEngine: onUserEngine }: LabOptions,
  step: (text: string) => void,
  signal: AbortSignal,
): Promise<Lab> {
  await ensureToolbox(engine, step);
  const lab = await labUp(engine, { nodes, onUserEngine, progress: step, signal });
  if (!signal.aborted) return lab;
  await lab.down();
  throw signal.reason;
}

/** `tare lab status`: exit code 0 whether it is up or not; the output tells. */
export async function labStatusCommand(options: LabOptions, context: CommandContext): Promise<number> {
  const acquired = await findLabHost({ onUserEngine: options.labOnUserEngine });
  const status = acquired && (await labStatus(acquired.engine));
  await acquired?.release();
  if (options.json) context.stdout.write(jsonText(jsonDocument('lab', status ?? noLab)));
  else if (!status?.up) context.stdout.write('the lab is down\n');
  else for (const node of status.nodes) context.stdout.write(line`${node.name}  ${node.state}  ${node.url}`);
  return exitCodes.ok;
}

/** `tare lab down` */
export async function labDownCommand(options: LabOptions, context: CommandContext): Promise<number> {
  const acquired = await findLabHost({ onUserEngine: options.labOnUserEngine });
  if (acquired) {
    await labDown(acquired.engine);
    await acquired.release();
  }
  context.stdout.write(options.json ? jsonText(jsonDocument('lab', noLab)) : 'the lab is down\n');
  return exitCodes.ok;
}

const noLab = { up: false, nodes: [] };
