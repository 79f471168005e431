import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import type { RecipeIdentity } from '../../results/schema.ts';
import type { Emulator } from './emulator.ts';
import { guestSourceTexts } from './guest-disk.ts';
import { emulatorOptions } from './guest-process.ts';
import { workFolder } from './machine-folders.ts';
import { inShell, type PackageVersions } from './packages.ts';
import type { Recipe } from './recipe.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/** What an image holds, by its tools' versions and its files' contents. */
export interface ToolboxContent {
  /** Package versions of its tools. */
  readonly tools: PackageVersions;
  /** Of names and contents of all its files; when it was built does not matter. */
  readonly sha256: string;
}

/**
 * What a machine is made of, so that equal ones count equally: versions of packages, digests of contents, options. When
 * it was made, and what digests that gave an image or a disk, is not in it.
 */
export function identityOf(
  recipe: Recipe,
  parts: {
    readonly emulator: Emulator;
    readonly packages: PackageVersions;
    readonly toolbox: ToolboxContent;
    /** Name → text of more that runs in or beside the guest. */
    readonly sources: Readonly<Record<string, string>>;
  },
): RecipeIdentity {
  const prefixed = Object.entries(parts.toolbox.tools).map(([name, version]) => [`toolbox/${name}`, version]);
  const emulatorPackage = 'qemu-system-x86';
  const packages = sorted({
    ...parts.packages,
    ...Object.fromEntries(prefixed),
    [emulatorPackage]: parts.emulator.packages[emulatorPackage] ?? '',
  });
  const texts = Object.entries({ ...guestSourceTexts(), ...parts.sources });
  const files = sorted({
    ...Object.fromEntries(texts.map(([name, text]) => [name, sha256(text)])),
    toolbox: parts.toolbox.sha256,
  });
  const options = sorted({ ...optionsOf(recipe), ...prefixedOptions() });
  return { digest: sha256(JSON.stringify([packages, files, options])), packages, files, options };
}

/** What was asked for, in words. */
function optionsOf({ kernel, docker, tables, daemon, sysctls, nodes }: Recipe): Record<string, string> {
  const set = Object.entries(sysctls).map(([name, value]) => [`sysctl/${name}`, value]);
  return {
    ...{ suite: kernel, docker, tables, nodes: String(nodes), daemon: JSON.stringify(daemon) },
    ...Object.fromEntries(set),
  };
}

const prefixedOptions = () =>
  Object.fromEntries(Object.entries(emulatorOptions).map(([name, value]) => [`emulator/${name}`, value]));

const sorted = (record: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));

/** Digest of the names and contents of all files in a saved image. @param tar Tare's own builder's */
export async function contentOfImage(tar: string): Promise<string> {
  const work = workFolder();
  try {
    const listed = await inShell(
      `mkdir "$2/root"; tar --extract --file "$1" --directory "$2"
       grep -o '"Layers":\\[[^]]*\\]' "$2/manifest.json" | grep -o '[^"]*\\(layer.tar\\|blobs/[^"]*\\)' |
       while read -r layer; do tar --extract --file "$2/$layer" --directory "$2/root" --no-same-owner --exclude='dev/*'; done
       cd "$2/root"; export LC_ALL=C
       find . -type f -print0 | sort --zero-terminated | xargs --null sha256sum
       find . -type l -printf '%p -> %l\\n' | sort`,
      [tar, work],
    );
    return sha256(listed);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
