import { findUserEngine } from '../engine/acquire-engine.ts';
import { describeLeftover, removeLabelled, type Swept } from '../engine/clean-labelled.ts';
import { killNativePrograms } from '../engine/clean-processes.ts';
import { connectEngine } from '../engine/connect.ts';
import type { Engine } from '../engine/engine.ts';
import { findPrivateEngine, stopPrivateEngine } from '../engine/private-engine.ts';
import { labDown } from '../lab/lab.ts';
import { removeInterfaces } from '../site/clean-interfaces.ts';
import { type CommandContext, exitCodes } from './command.ts';

export interface CleanOptions {
  readonly engine: readonly string[];
  readonly json?: boolean;
}

/** `tare clean`: removes whatever carries Tare's labels, and only that. */
export async function clean(options: CleanOptions, context: CommandContext): Promise<number> {
  const programs = await killNativePrograms();
  const engines = await enginesToClean(options.engine);
  const swept: Record<string, Swept & { interfaces: readonly string[] }> = {};
  const interfaces: (readonly string[])[] = [];
  for (const engine of engines) {
    await labDown(engine);
    interfaces.push(await removeInterfaces(engine));
  }
  for (const [index, objects] of (await removeLabelled(engines)).entries()) {
    const name = engines[index]?.name ?? '';
    swept[name] = { ...objects, interfaces: interfaces[index] ?? [] };
  }
  const leftovers = Object.values(swept).flatMap((each) => each.leftovers);
  for (const leftover of leftovers) context.stderr.write(`warning: ${describeLeftover(leftover)}\n`);
  const code = leftovers.length > 0 ? exitCodes.infrastructure : exitCodes.ok;
  const stopped = options.engine.length === 0 && (await stopPrivateEngine());
  if (options.json) {
    context.stdout.write(
      `${JSON.stringify({ engines: swept, programs, privateEngineStopped: stopped }, null, 2)}\n`,
    );
    return code;
  }
  for (const [name, { containers, networks, volumes, interfaces }] of Object.entries(swept)) {
    context.stdout.write(
      `${name}: ${count(containers, 'container')}, ${count(networks, 'network')}, ${count(volumes, 'volume')}, ${count(interfaces, 'interface')} removed\n`,
    );
  }
  if (programs.length > 0) context.stdout.write(`${count(programs, 'program')} ended\n`);
  if (stopped) context.stdout.write('private engine stopped\n');
  if (engines.length === 0 && !stopped && programs.length === 0)
    context.stdout.write('no engine runs: nothing to clean\n');
  return code;
}

async function enginesToClean(urls: readonly string[]): Promise<Engine[]> {
  if (urls.length > 0) return Promise.all(urls.map((url) => connectEngine(url, { ownership: 'user' })));
  const found = [await findUserEngine(), await findPrivateEngine()].filter((engine) => engine !== undefined);
  return [...new Map(found.map((engine) => [engine.id, engine])).values()];
}

function count(items: readonly unknown[], noun: string): string {
  return `${items.length} ${noun}${items.length === 1 ? '' : 's'}`;
}
