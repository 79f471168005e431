import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, readFileSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { Failure } from '../../results/failure.ts';
import { wordsOfFileFault } from '../../results/file-fault.ts';
import { machineTag } from '../../results/owner.ts';
import { shellWord } from '../../results/shell-word.ts';

/** Engine sockets lie up to 26 bytes below the state folder, and the kernel takes socket paths of at most 107. */
const longestStatePath = 80;

/**
 * The folder that keeps what Tare makes for itself between runs: the private engine, images, the lab's sockets.
 * `TARE_STATE`, else `tare` below `XDG_STATE_HOME`, else `~/.local/state/tare`. Made where absent, for the owner only.
 * What lies there runs as its owner, often as root, so nobody else may have a hand in it.
 * @throws Failure `usage` where no engine's socket could lie there, or where another user could change what does
 */
export function stateFolder(): string {
  const { TARE_STATE, XDG_STATE_HOME } = process.env;
  const wanted = TARE_STATE
    ? resolve(TARE_STATE)
    : join(XDG_STATE_HOME || join(homedir(), '.local', 'state'), 'tare');
  try {
    mkdirSync(wanted, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new Failure(
      'usage',
      `the state folder ${wanted} can't be made: ${wordsOfFileFault(error)}`,
      'Set TARE_STATE to a folder that you may write to.',
      { cause: error },
    );
  }
  const folder = realpathSync(wanted);
  refuseForeign(wanted, folder);
  if (folder.length > longestStatePath) {
    throw new Failure(
      'usage',
      `the path of the state folder is too long for a socket in it: ${folder}`,
      `Set TARE_STATE to a folder whose path has at most ${longestStatePath} characters.`,
    );
  }
  return folder;
}

function refuseForeign(wanted: string, folder: string): void {
  const refuse = (what: string, remedy: string) => {
    throw new Failure('usage', `the state folder ${wanted} is not safe: ${what}`, remedy);
  };
  const elsewhere = 'Set TARE_STATE to a folder that you alone may write to.';
  const own = process.getuid?.() ?? 0;
  const trusted = trustedUsers(own);
  // A link that somebody else laid leads where they want it to.
  const link = lstatSync(wanted);
  if (link.isSymbolicLink() && !trusted.has(link.uid))
    refuse(`${wanted} belongs to user ${link.uid}`, elsewhere);
  const { uid, mode } = lstatSync(folder);
  if (uid !== own) refuse(`${folder} belongs to user ${uid}, not to you`, elsewhere);
  if (mode & 0o022)
    refuse(
      `others may write to it (mode ${(mode & 0o777).toString(8)})`,
      `Run \`chmod go-w ${shellWord(folder)}\`.`,
    );
  for (let above = dirname(folder); ; above = dirname(above)) {
    const { uid, mode } = lstatSync(above);
    if (!trusted.has(uid))
      refuse(`${above} belongs to user ${uid}, who can put another in its place`, elsewhere);
    if (mode & 0o002 && !(mode & 0o1000))
      refuse(`everybody may write to ${above}, and so put another in its place`, elsewhere);
    if (above === dirname(above)) return;
  }
}

/** Who may own the folders above: this user, root, who used sudo, and whom a user namespace can't name. */
function trustedUsers(own: number): ReadonlySet<number> {
  const sudo = own === 0 ? process.env.SUDO_UID : undefined;
  return new Set([own, 0, ...(sudo === undefined ? [] : [Number(sudo)]), ...unnamedUsers()]);
}

/** In a user namespace everybody of outside, root too, is shown as one: nobody. */
function unnamedUsers(): number[] {
  try {
    const isWhole = /^\s*0\s+0\s+4294967295\s*$/.test(readFileSync('/proc/self/uid_map', 'utf8'));
    return isWhole ? [] : [Number(readFileSync('/proc/sys/kernel/overflowuid', 'utf8'))];
  } catch {
    return [];
  }
}

/** A folder inside the state folder, for the owner only; made where absent. */
export function stateSubfolder(name: string): string {
  const folder = join(stateFolder(), name);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
}

/**
 * Eight hexadecimal digits that tell one state folder's objects from another's on a shared engine or kernel; folders of
 * one path on two machines are two.
 */
export function stateTag(): string {
  return createHash('sha256').update(`${machineTag()} ${stateFolder()}`).digest('hex').slice(0, 8);
}
