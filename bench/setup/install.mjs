// Installs what needs.mjs found missing.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { canvasMarker, hasCanvas, isOnPath } from './needs.mjs';

/**
 * The commands that bring what is missing, in order.
 * @param {readonly import('./needs.mjs').Need[]} missing
 * @returns {string[][]}
 */
export function commandsFor(missing) {
  const packages = [...new Set(missing.flatMap((need) => need.packages))];
  /** @type {string[][]} */
  const commands = [];
  if (packages.length > 0)
    commands.push(['apt-get', 'install', '--yes', '--no-install-recommends', ...packages]);
  if (missing.some((need) => need.packages.length === 0)) commands.push(['npm', 'ci']);
  return commands;
}

/**
 * How commands that need root are run.
 * @param {boolean} interactive whether someone can type a password
 * @returns {string[] | undefined} what goes before them; undefined where they can't be run
 */
export function asRoot(interactive) {
  if (process.getuid?.() === 0) return [];
  if (!isOnPath('sudo')) return undefined;
  const silent = spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0;
  return silent || interactive ? ['sudo'] : undefined;
}

/**
 * Runs the commands; their output goes to standard error, all of it on a terminal.
 * @param {string} root the package's folder
 * @param {string[][]} commands
 * @param {string[]} rootPrefix
 * @returns {string | undefined} the command that failed
 */
export function install(root, commands, rootPrefix) {
  for (const command of commands) {
    const succeeded =
      command[0] === 'npm' ? installModules(root, command) : installPackages(command, rootPrefix);
    if (!succeeded) return command.join(' ');
  }
  return undefined;
}

/** @param {string[]} command @param {string[]} rootPrefix */
function installPackages(command, rootPrefix) {
  const environment = { DEBIAN_FRONTEND: 'noninteractive' };
  const settings = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  /** @param {string[]} words */
  const apt = (words) => run([...rootPrefix, 'env', ...settings, ...words]);
  return withoutServices(rootPrefix, () => {
    // Package lists are fetched only where there are none, or where they are too old to be of use.
    if (hasPackageLists() && apt(command)) return true;
    return apt(['apt-get', 'update']) && apt(command);
  });
}

function hasPackageLists() {
  try {
    return readdirSync('/var/lib/apt/lists').some((name) => /_Packages(\.\w+)?$/.test(name));
  } catch {
    return false;
  }
}

/**
 * Without systemd a package's start script would leave a Docker Engine running that nobody looks after. With it, the
 * engine is a service like any other and is used as it is.
 * @param {string[]} rootPrefix
 * @param {() => boolean} action
 */
function withoutServices(rootPrefix, action) {
  const policy = '/usr/sbin/policy-rc.d';
  if (existsSync('/run/systemd/system') || existsSync(policy)) return action();
  run([...rootPrefix, 'sh', '-c', `printf '#!/bin/sh\\nexit 101\\n' > ${policy} && chmod 755 ${policy}`]);
  try {
    return action();
  } finally {
    run([...rootPrefix, 'rm', '-f', policy]);
  }
}

/** @param {string} root @param {string[]} command */
function installModules(root, command) {
  rmSync(join(root, canvasMarker), { force: true });
  // Node's own headers, where its package brought them: node-gyp would fetch them otherwise.
  const prefix = dirname(dirname(process.execPath));
  const headers = existsSync(join(prefix, 'include', 'node', 'node_api.h'))
    ? { npm_config_nodedir: prefix }
    : {};
  if (!run(command, { cwd: root, env: { ...process.env, ...headers } })) return false;
  if (!hasCanvas(root)) {
    process.stderr.write(
      'node-canvas could not be built: reports in PNG are not available, everything else is.\n',
    );
    writeFileSync(join(root, canvasMarker), 'delete this file to try again\n');
  }
  return true;
}

/** @param {string[]} argv @param {import('node:child_process').SpawnSyncOptions} [options] */
function run([program, ...rest], options = {}) {
  if (program === undefined) return false;
  // Someone who watches sees all of it; a log gets errors and warnings.
  const output = process.stderr.isTTY ? 2 : 'ignore';
  return spawnSync(program, rest, { stdio: ['inherit', output, 2], ...options }).status === 0;
}
