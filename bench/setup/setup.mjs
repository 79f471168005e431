// Finds what this machine lacks for a purpose and installs it: node bench/setup/setup.mjs --for bench|test [--yes]
// Exit codes: 0 all there, 2 wrong usage, 4 something is missing and was not installed.
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { asRoot, commandsFor, install } from './install.mjs';
import { isOnPath, missingNeeds } from './needs.mjs';

const say = (/** @type {string} */ text) => process.stderr.write(`${text}\n`);

async function main() {
  const purpose = readPurpose();
  if (!purpose) {
    say('usage: node bench/setup/setup.mjs --for bench|test [--yes]');
    return 2;
  }
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    say(`Node ${process.versions.node} is too old. Install Node 20.19 or newer, then try again.`);
    return 4;
  }
  const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
  const missing = await missingNeeds(root, purpose.for);
  if (missing.length === 0) return 0;

  const commands = commandsFor(missing);
  const interactive = Boolean(process.stdin.isTTY && process.stderr.isTTY);
  const needsRoot = commands.some(([program]) => program === 'apt-get');
  const prefix = needsRoot ? asRoot(interactive) : [];
  say(`Missing for \`npm run ${purpose.for}\`:`);
  for (const need of missing) say(`  ${need.what}: ${need.why}`);
  say('To be run:');
  const shown = commands.map((command) =>
    command[0] === 'apt-get' ? [...(prefix ?? ['sudo']), ...command] : command,
  );
  for (const command of shown) say(`  ${command.join(' ')}`);

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
  if (failed) say(`This failed: ${failed}\nRun it by hand to see why, then try again.`);
  return failed ? 4 : 0;
}

/** @returns {{ for: 'bench' | 'test', yes: boolean } | undefined} */
function readPurpose() {
  try {
    const { values } = parseArgs({
      options: { for: { type: 'string' }, yes: { type: 'boolean', default: false } },
    });
    const yes = values.yes === true || process.env.TARE_YES === '1';
    return values.for === 'bench' || values.for === 'test' ? { for: values.for, yes } : undefined;
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
