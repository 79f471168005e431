import type { Engine } from '../engine/engine.ts';
import { interfacePrefix } from '../engine/labels.ts';
import { imagesOf } from '../image/image.ts';
import { Probe } from './probe.ts';

/**
 * Removes the interfaces that Tare made on an engine's host for macvlan and ipvlan to stand on. They are known by
 * their name's prefix and by the alias `tare.run=…`.
 * @returns their names; none where the engine has no toolbox image, because then Tare never made any
 */
export async function removeInterfaces(engine: Engine): Promise<string[]> {
  const image = (await imagesOf(engine))[0];
  if (!image) return [];
  const probe = await Probe.start(engine, image, `clean-${process.pid}`);
  try {
    const links = JSON.parse(await probe.shell('ip -j link')) as { ifname: string; ifalias?: string }[];
    const ours = links.filter(
      (link) => link.ifname.startsWith(interfacePrefix) && link.ifalias?.startsWith('tare.run='),
    );
    for (const link of ours) await probe.shell('ip link del "$1"', 20, [link.ifname]);
    return ours.map((link) => link.ifname);
  } finally {
    await probe.remove();
  }
}
