import { z } from 'zod';
import type { Kept, Leftover } from '../engine/clean-labelled.ts';
import type { Engine } from '../engine/engine.ts';
import { interfacePrefix } from '../engine/labels.ts';
import { standingOf } from '../engine/standing.ts';
import { imagesOf } from '../image/image.ts';
import { Probe } from './probe.ts';

/** What became of the interfaces that runs made on one engine's host. */
export interface SweptInterfaces {
  readonly interfaces: readonly string[];
  readonly kept: readonly Kept[];
  readonly leftovers: readonly Leftover[];
}

// What the engine's host answers is foreign: the kernel's own limits hold for it, too.
const linksSchema = z
  .array(z.object({ ifname: z.string().max(64), ifalias: z.string().max(256).optional() }))
  .max(10_000);
const ownName = /^tare-[0-9a-z]{1,10}$/;

/**
 * Removes the interfaces that killed runs made on an engine's host for macvlan and ipvlan to stand on. They are known by
 * their name's prefix and by their alias, which says the same as a container's labels.
 * @param all also those of other state folders and of an older Tare
 * @returns nothing where the engine has no toolbox image, because then Tare never made any
 */
export async function sweepInterfaces(
  engine: Engine,
  { all, dryRun }: { readonly all: boolean; readonly dryRun: boolean },
): Promise<SweptInterfaces> {
  const image = (await imagesOf(engine))[0];
  if (!image) return { interfaces: [], kept: [], leftovers: [] };
  const probe = await Probe.start(engine, image, `clean-${process.pid}`);
  try {
    const interfaces: string[] = [];
    const kept: Kept[] = [];
    const leftovers: Leftover[] = [];
    for (const { name, ...marks } of marked(await probe.shell('ip -j link'))) {
      const standing = standingOf(marks, all);
      if (!standing.goes) {
        const { run } = marks;
        kept.push({ kind: 'interface', name, engine: engine.name, run, reason: standing.reason });
        continue;
      }
      const removal = dryRun
        ? undefined
        : await probe.executor.run(['ip', 'link', 'del', name], { deadlineSeconds: 20 });
      // A veth pair goes with its first end.
      if (removal === undefined || removal.exitCode === 0 || /Cannot find device/.test(removal.stderr))
        interfaces.push(name);
      else {
        leftovers.push({
          kind: 'interface',
          name,
          engine: engine.name,
          reason: removal.stderr.trim(),
          command: `ip link del ${name}`,
        });
      }
    }
    return { interfaces, kept, leftovers };
  } finally {
    await probe.remove();
  }
}

/** The interfaces that carry Tare's alias, of what `ip -j link` printed. Pure. */
export function marked(printed: string): { name: string; run: string; state?: string; owner?: string }[] {
  return linksSchema.parse(JSON.parse(printed)).flatMap(({ ifname: name, ifalias }) => {
    const [, run, state, owner] =
      /^tare\.run=([\w-]{1,64})(?:,tare\.state=([0-9a-f]{8}),tare\.owner=([0-9a-f.]{1,100}))?$/.exec(
        ifalias ?? '',
      ) ?? [];
    if (run === undefined || !name.startsWith(interfacePrefix) || !ownName.test(name)) return [];
    return [{ name, run, ...(state !== undefined && { state }), ...(owner !== undefined && { owner }) }];
  });
}
