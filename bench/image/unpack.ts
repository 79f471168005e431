import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { Failure } from '../../results/failure.ts';
import { bytesText } from '../../results/figure-text.ts';
import { writeBounded } from './bounded-file.ts';
import { diskFull, isDiskFull } from './disk-space.ts';

export interface UnpackLimits {
  /** Of the archive, and of all files in it together. */
  readonly mostBytes: number;
  readonly mostEntries: number;
  /** Names the archive in messages. */
  readonly what: string;
}

/**
 * Unpacks an archive that may be anybody's into a new folder: plain files, folders and links only, none with an absolute
 * path or one that leads out, no more and no larger than allowed. Everything in it belongs to this user then, without
 * set-user-id bits.
 * @param parent in which the new folder is made, for the owner only
 * @returns the folder; the caller moves it where it belongs, or removes it
 * @throws Failure `infrastructure` that says what is wrong with the archive; nothing is left then
 */
export async function unpack(
  archive: NodeJS.ReadableStream,
  parent: string,
  limits: UnpackLimits,
): Promise<string> {
  const folder = mkdtempSync(join(parent, '.new-'));
  const file = `${folder}.tar`;
  try {
    await writeBounded(archive, file, limits);
    await inspect(file, limits);
    await tar([
      ...['--extract', '--file', file, '--directory', folder],
      // The mask of this process decides: no set-user-id bits, nothing writable for others.
      ...['--no-same-owner', '--no-same-permissions', '--exclude=dev/*', '--exclude=./dev/*'],
    ]);
    return folder;
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw isDiskFull(error) ? diskFull(parent, limits.mostBytes, limits.what, error) : error;
  } finally {
    rmSync(file, { force: true });
  }
}

/** `-rwxr-xr-x 0/0 1234 2026-11-25 12:00 usr/bin/sh`; a device has two numbers in place of its size. */
const line = /^([-dlhbcpsCDMVLSx])\S* +\S+ +(\d+(?:,\d+)?) +\S+ +\S+ (.*)$/;

/** Has tar itself read the archive, as it is tar that unpacks it: two readers could differ on what is in it. */
async function inspect(file: string, { mostBytes, mostEntries, what }: UnpackLimits): Promise<void> {
  const listing = await tar([
    ...['--list', '--verbose', '--numeric-owner', '--utc', '--quoting-style=escape'],
    ...['--absolute-names', '--file', file],
  ]);
  const lines = listing.split('\n').filter((each) => each !== '');
  if (lines.length > mostEntries) refuse(what, `it has more than ${mostEntries} entries`);
  let bytes = 0;
  for (const text of lines) {
    const [, type, size, names] = line.exec(text) ?? [];
    if (type === undefined || size === undefined || names === undefined) refuse(what, `it lists "${text}"`);
    const link = type === 'h' ? ' link to ' : type === 'l' ? ' -> ' : undefined;
    const cut = link === undefined ? -1 : names.indexOf(link);
    const name = cut < 0 ? names : names.slice(0, cut);
    const isDevice = 'bcp'.includes(type) && /^(\.\/)?dev\//.test(name);
    // The device files of an image's /dev are left out as it is unpacked; there are none elsewhere.
    if (!isDevice && !'-dlh'.includes(type)) refuse(what, `${name} is neither file, folder nor link`);
    if (leadsOut(name)) refuse(what, `${name} leads out of it`);
    // Where a symbolic link points is looked at when it is followed; a hard link would be the file itself.
    if (type === 'h' && link && leadsOut(names.slice(cut + link.length))) {
      refuse(what, `${name} is a hard link that leads out of it`);
    }
    bytes += type === '-' ? Number(size) : 0;
    if (bytes > mostBytes) refuse(what, `its files are larger than ${bytesText(mostBytes)} together`);
  }
}

const leadsOut = (path: string) => path.startsWith('/') || path.split('/').includes('..');

function refuse(what: string, why: string): never {
  throw new Failure(
    'infrastructure',
    `${what} is not unpacked: ${why.slice(0, 300)}`,
    'An engine that sends such a thing is not to be trusted: use another, or one that Tare starts itself.',
  );
}

async function tar(argv: readonly string[]): Promise<string> {
  const result = await execa('tar', argv, {
    reject: false,
    stdin: 'ignore',
    env: { LC_ALL: 'C', TAR_OPTIONS: '' },
    maxBuffer: 16 * 2 ** 20,
  });
  if (result.exitCode === 0) return result.stdout;
  // Its last line only says that there were others before.
  const said = (result.stderr || result.shortMessage || '').trim().split('\n');
  const cause = said.findLast((each) => !/Exiting with failure status|is not recoverable/.test(each)) ?? '';
  throw new Failure(
    'infrastructure',
    `tar can't read an archive: ${cause.slice(0, 300)}`,
    'Try again; if it lasts, make sure that tar is GNU tar and that the engine is the one you mean.',
  );
}
