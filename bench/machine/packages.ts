import { mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { Failure } from '../../results/failure.ts';
import { lastLine } from '../engine/words.ts';
import { diskFull, isDiskFull, requireSpace } from '../image/disk-space.ts';
import { workFolder } from './machine-folders.ts';
import type { Suite } from './recipe.ts';

/** Where all suites lie. */
const mirror = 'http://deb.debian.org/debian';
/** Keys of the distribution, from its package debian-archive-keyring. */
const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';
/** Lists, packages and trees of the greediest call. */
const neededBytes = 1e9;

/** Package → version, of all that lies in a tree. */
export type PackageVersions = Readonly<Record<string, string>>;

export interface PackageTree {
  readonly folder: string;
  readonly packages: PackageVersions;
}

export interface TreeRequest {
  readonly suite: Suite;
  /** What is wanted; what these depend on comes along. */
  readonly names: readonly string[];
  /** Unpack those alone whose names match; all where absent. */
  readonly only?: RegExp;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Unpacks packages of a suite, with all that they depend on, into a new folder. Nothing of this machine's own packages is
 * looked at or changed, no package's script runs, and root is not needed. Every package is vouched for by the suite's
 * signed Release file. Updates that the suite's archive has not taken in yet are left: its versions can be had for longer.
 * @param folder made by this, in the state folder
 * @throws Failure `infrastructure` where apt is missing or the mirror does not give them; nothing is left then
 */
export async function unpackPackages(request: TreeRequest, folder: string): Promise<PackageTree> {
  const work = workFolder();
  try {
    requireSpace(work, neededBytes, 'unpacking packages');
    await fetchPackages(request, work);
    const files = readdirSync(join(work, 'archives')).filter((name) => name.endsWith('.deb'));
    const wanted = files.filter((file) => request.only?.test(nameOf(file)) ?? true).sort();
    makeMergedRoot(folder);
    for (const file of wanted) {
      await inShell(
        'dpkg-deb --fsys-tarfile "$1" | tar --extract --keep-directory-symlink --no-same-owner --directory "$2"',
        [join(work, 'archives', file), folder],
        request.signal,
      );
    }
    return { folder, packages: Object.fromEntries(wanted.map((file) => [nameOf(file), versionOf(file)])) };
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw wordsOf(error, request, folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** The newest version of a package that a suite has. @throws Failure `infrastructure` where it can't be asked */
async function fetchPackages({ suite, names, signal }: TreeRequest, work: string): Promise<void> {
  for (const name of ['lists/partial', 'archives/partial']) mkdirSync(join(work, name), { recursive: true });
  // As if nothing were installed, so that all that is depended on comes along.
  writeFileSync(join(work, 'status'), '');
  const base = suite.replace(/-backports$/, '');
  const source = `deb [arch=amd64 signed-by=${keyring}] ${mirror}`;
  writeFileSync(
    join(work, 'sources.list'),
    [...new Set([base, suite])].map((each) => `${source} ${each} main\n`).join(''),
  );
  const settings = {
    'Dir::State': work,
    'Dir::State::status': join(work, 'status'),
    'Dir::State::lists': join(work, 'lists'),
    'Dir::Cache': work,
    'Dir::Cache::archives': join(work, 'archives'),
    'Dir::Etc::sourcelist': join(work, 'sources.list'),
    'Dir::Etc::sourceparts': '/dev/null',
    'Dir::Etc::preferences': '/dev/null',
    'Dir::Etc::preferencesparts': '/dev/null',
    'Dir::Log': work,
    'Acquire::Languages': 'none',
    'Acquire::IndexTargets::deb::DEP-11::DefaultEnabled': 'false',
    'APT::Architecture': 'amd64',
    'APT::Install-Recommends': 'false',
    // Its own user may not enter the state folder, which is its owner's alone.
    'APT::Sandbox::User': 'root',
    'APT::Default-Release': suite,
  };
  const configuration = join(work, 'apt.conf');
  writeFileSync(
    configuration,
    [
      ...Object.entries(settings).map(([key, value]) => `${key} "${value}";\n`),
      'APT::Architectures { "amd64"; };\n',
    ].join(''),
  );
  const apt = (argv: readonly string[]) =>
    execa('apt-get', argv, {
      // The machine's own configuration is read before this one, which goes before it.
      env: { APT_CONFIG: configuration, LC_ALL: 'C' },
      stdin: 'ignore',
      all: true,
      ...(signal && { cancelSignal: signal }),
    });
  // A list that can't be had is else a warning only.
  await apt(['update', '-q', '-o', 'APT::Update::Error-Mode=any']);
  await apt(['install', '--download-only', '--yes', '-q', ...names]);
}

/** `/bin` and its like are links into `/usr`, as in every installed system; older packages still lie in them. */
function makeMergedRoot(folder: string): void {
  mkdirSync(folder, { mode: 0o700 });
  for (const name of ['bin', 'sbin', 'lib', 'lib64']) {
    mkdirSync(join(folder, 'usr', name), { recursive: true });
    symlinkSync(`usr/${name}`, join(folder, name));
  }
}

// NAME_VERSION_ARCHITECTURE.deb; a colon in the version is written as %3a.
const nameOf = (file: string) => file.split('_')[0] as string;
const versionOf = (file: string) => decodeURIComponent(file.split('_')[1] ?? '');

/** Runs a few words of shell, of which each command's fault is one. */
export async function inShell(
  script: string,
  words: readonly string[],
  signal?: AbortSignal | undefined,
): Promise<string> {
  const { stdout } = await execa('bash', ['-euo', 'pipefail', '-c', script, 'bash', ...words], {
    stdin: 'ignore',
    all: true,
    ...(signal && { cancelSignal: signal }),
  });
  return stdout;
}

function wordsOf(error: unknown, { suite, names, signal }: TreeRequest, folder: string): unknown {
  if (signal?.aborted) return signal.reason;
  if (error instanceof Failure) return error;
  const { all, code, message } = error as { all?: string; code?: string; message: string };
  if (isDiskFull(`${all} ${message}`)) return diskFull(folder, neededBytes, 'unpacking packages', error);
  if (code === 'ENOENT') {
    return new Failure(
      'infrastructure',
      `Debian’s packages can’t be fetched here: ${lastLine(message)}`,
      'Counted machines are made on Debian or Ubuntu, with apt, dpkg and tar; a machine that is cached runs elsewhere, too.',
      { cause: error },
    );
  }
  const fault = (all ?? '').split('\n').findLast((each) => each.startsWith('E: '));
  return new Failure(
    'infrastructure',
    `${names[0]} of Debian ${suite} can’t be fetched: ${lastLine(fault ?? all ?? message)}`,
    `See that ${mirror} can be reached, that debian-archive-keyring is installed and recent, and try again.`,
    { cause: error },
  );
}
