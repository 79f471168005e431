// Finds what this machine lacks for a purpose and installs it, then runs a script of Tare's:
//   node bench/setup/setup.mjs --for bench|test [--yes] [--tell] [--then SCRIPT ARGUMENT…]
// With --tell it installs nothing, and prints what is missing as one JSON object.
// Exit codes: 0 all there, 2 wrong usage, 4 something is missing and was not installed; otherwise the script's.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { asRoot, commandsFor, install } from './install.mjs';
import { isCheckout, isOnPath, missingNeeds } from './needs.mjs';

const say = (/** @type {string} */ text) => process.stderr.write(`${text}\n`);

async function main() {
  const purpose = readPurpose();
  if (!purpose) {
    say('usage: node bench/setup/setup.mjs --for bench|test [--yes] [--tell] [--then SCRIPT ARGUMENT…]');
    return 2;
  }
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    say(`Node ${process.versions.node} is too old. Install Node 20.19 or newer, then try again.`);
    return 4;
  }
  const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
  const missing = await missingNeeds(root, purpose.for);
  if (purpose.tell) {
    process.stdout.write(`${JSON.stringify({ missing, commands: commandsFor(missing) })}\n`);
    return 0;
  }
  if (missing.length === 0) return runThen(root, purpose.then);

  const commands = commandsFor(missing);
  const interactive = Boolean(process.stdin.isTTY && process.stderr.isTTY);
  const needsRoot = commands.some(([program]) => program === 'apt-get');
  const prefix = needsRoot ? asRoot(interactive) : [];
  say(`Missing for \`${isCheckout(root) ? `npm run ${purpose.for}` : 'tare run'}\`:`);
  for (const need of missing) say(`  ${need.what}: ${need.why}`);
  say('To be run:');
  for (const command of commands) {
    const isRoots = command[0] === 'apt-get';
    const words = isRoots ? [...(prefix ?? ['sudo']), ...command] : command;
    say(`  ${words.join(' ')}${isRoots ? '   (needs root)' : ''}`);
  }

  if (process.env.TARE_SETUP === 'no') {
    say('Nothing is installed, as TARE_SETUP=no asks. Run these commands, then try again.');
    return 4;
  }
  if (needsRoot && !isOnPath('apt-get')) {
    say('This system has no apt-get. Install the same with its own package manager, then try again.');
    return 4;
  }
  if (prefix === undefined) {
    say('Only root may install packages. Run these commands as root, then try again.');
    return 4;
  }
  if (interactive && !purpose.yes && !(await confirmed())) return 4;

  const failed = install(root, commands, prefix);
  if (failed) {
    say(`This failed: ${failed}\nRun it by hand to see why, then try again.`);
    return 4;
  }
  return runThen(root, purpose.then);
}

/**
 * Runs a script in a process that finds what was installed only now. Signals are its business: this process only waits.
 * @param {string} root
 * @param {string[] | undefined} script
 */
async function runThen(root, script) {
  if (!script) return 0;
  const [file = '', ...rest] = script;
  const child = spawn(process.execPath, ['--import', 'tsx', join(root, file), ...rest], { stdio: 'inherit' });
  // A terminal's Ctrl-C reaches both; what is sent to this process alone is passed on.
  process.on('SIGINT', () => undefined);
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  const [code, signal] = await once(child, 'exit');
  return signal ? 130 : code;
}

/** @returns {{ for: 'bench' | 'test', yes: boolean, tell: boolean, then: string[] | undefined } | undefined} */
function readPurpose() {
  // What npm appends comes last, so `npm run bench -- --yes` puts the answer among the script's own arguments.
  const given = process.argv.slice(2);
  const at = given.indexOf('--then');
  const own = at < 0 ? given : given.slice(0, at);
  const rest = at < 0 ? undefined : given.slice(at + 1);
  const then = rest?.filter((argument) => argument !== '--yes');
  try {
    const { values } = parseArgs({
      args: own,
      options: { for: { type: 'string' }, yes: { type: 'boolean' }, tell: { type: 'boolean' } },
    });
    const yes = values.yes === true || rest?.includes('--yes') === true || process.env.TARE_YES === '1';
    if (then && then.length === 0) return undefined;
    const tell = values.tell === true;
    return values.for === 'bench' || values.for === 'test' ? { for: values.for, yes, tell, then } : undefined;
  } catch {
    return undefined;
  }
}

async function confirmed() {
  const dialogue = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await dialogue.question('Go on? [Y/n] ');
  dialogue.close();
  return /^(y|yes|)$/i.test(answer.trim());
}

process.exitCode = await main();
