// What a purpose needs of this machine, and whether it is there. Plain JavaScript without dependencies: it runs before
// any package is installed.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { get } from 'node:http';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

/**
 * @typedef {object} Need
 * @property {string} what for people
 * @property {string} why what is not there
 * @property {string[]} packages Debian packages that bring it; empty where npm does
 */

const browsers = ['chromium', 'chromium-browser', 'google-chrome'];

/** Libraries that node-canvas is compiled against, and what compiles it. */
const canvasPackages = [
  ...['libcairo2-dev', 'libpango1.0-dev', 'libjpeg-dev', 'libgif-dev', 'librsvg2-dev'],
  ...['pkg-config', 'g++', 'make', 'python3'],
];

/** @param {string} program */
export function isOnPath(program) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return folders.some((folder) => folder !== '' && existsSync(join(folder, program)));
}

/**
 * Everything that is missing for a purpose.
 * @param {string} root the package's folder
 * @param {'bench' | 'test'} purpose
 * @returns {Promise<Need[]>}
 */
export async function missingNeeds(root, purpose) {
  /** @type {Need[]} */
  const missing = [];
  if (process.platform === 'linux') missing.push(...(await missingPrograms(root, purpose)));
  // Whoever installed the package has what npm could bring of it.
  if (!isCheckout(root)) return missing;
  // Optional, so a system whose packages have other names goes without.
  const libraries = hasCanvas(root) || !isOnPath('apt-get') ? [] : notInstalled(canvasPackages);
  if (libraries.length > 0) {
    missing.push({
      what: 'node-canvas',
      why: 'it draws PNG reports, and is compiled here',
      packages: libraries,
    });
  }
  if (!hasModules(root) || !hasCanvas(root)) {
    missing.push({
      what: 'npm packages',
      why: 'node_modules is not what package-lock.json asks for',
      packages: [],
    });
  }
  return missing;
}

/** @param {string[]} packages */
function notInstalled(packages) {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query's own placeholders
  const format = '--showformat=${Package} ${db:Status-Status}\\n';
  const { stdout } = spawnSync('dpkg-query', ['--show', format, ...packages], { encoding: 'utf8' });
  const lines = (stdout ?? '').split('\n');
  return packages.filter((name) => !lines.includes(`${name} installed`));
}

/** Whether these are the sources, whose packages npm has to be told to bring, and not an installed package. @param {string} root */
export const isCheckout = (root) => existsSync(join(root, 'package-lock.json'));

/** @param {string} root @param {'bench' | 'test'} purpose */
async function missingPrograms(root, purpose) {
  /** @type {Need[]} */
  const missing = [];
  /** @param {boolean} present @param {string} what @param {string} why @param {string[]} packages */
  const need = (present, what, why, packages) => {
    if (!present) missing.push({ what, why, packages });
  };
  // The engine's own tests start a private one beside whatever else runs.
  if (purpose === 'test' || !(await engineAnswers())) {
    need(isOnPath('dockerd'), 'Docker Engine', 'none answers, and dockerd is not installed', ['docker.io']);
    need(isOnPath('iptables'), 'iptables', 'a private Docker Engine sets rules with it', ['iptables']);
    need(isOnPath('ip'), 'iproute2', 'a private Docker Engine gets its network from it', ['iproute2']);
    need(isOnPath('modprobe'), 'kmod', 'Docker loads kernel modules with it', ['kmod']);
    need(isOnPath('debootstrap'), 'debootstrap', 'it makes the base image where none can be pulled', [
      'debootstrap',
    ]);
    // On Ubuntu as on Debian: what debootstrap fetches is Debian's, and is checked by Debian's keys.
    const keys = '/usr/share/keyrings/debian-archive-keyring.gpg';
    need(existsSync(keys), 'Debian’s keys', 'the base image is checked by them', ['debian-archive-keyring']);
    need(isOnPath('gpgv') || isOnPath('sqv'), 'gpgv', 'it checks signatures for debootstrap', ['gpgv']);
  }
  const font = '/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf';
  const isLettered = existsSync(font) && isOnPath('fc-list');
  need(isLettered || !drawsPng(root), 'fonts', 'PNG reports are lettered with them', [
    'fonts-dejavu-core',
    'fontconfig',
  ]);
  if (purpose === 'test') {
    need(browsers.some(isOnPath), 'Chromium', 'the HTML report is tested in it', ['chromium']);
    need(isOnPath('sshd'), 'OpenSSH’s server', 'engines behind ssh are tested with it', ['openssh-server']);
    need(isOnPath('cc'), 'a C compiler', 'what runs in a counted machine is compiled with it', [
      'gcc',
      'libc6-dev',
    ]);
    need(isOnPath('zsh') && isOnPath('fish'), 'zsh and fish', 'completion is tested in them', [
      'zsh',
      'fish',
    ]);
  }
  return missing;
}

/** Whether Docker's own client would find an engine; one that is named counts, as its absence is an error by itself. */
async function engineAnswers() {
  const named = process.env.DOCKER_HOST || process.env.DOCKER_CONTEXT || currentContext();
  if (named && named !== 'default') return true;
  return new Promise((resolve) => {
    const request = get({ socketPath: '/var/run/docker.sock', path: '/_ping', timeout: 2000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.on('timeout', () => request.destroy());
    // Not allowed to open it means that an engine is there, and the command will say what to do.
    request.on('error', (error) => resolve('code' in error && error.code === 'EACCES'));
  });
}

function currentContext() {
  const folder = process.env.DOCKER_CONFIG || join(homedir(), '.docker');
  return readJson(join(folder, 'config.json'))?.currentContext;
}

/**
 * Whether node_modules holds what package-lock.json asks for. Compared by content: dates change with every checkout.
 * @param {string} root
 */
function hasModules(root) {
  const wanted = readJson(join(root, 'package-lock.json'))?.packages ?? {};
  const installed = readJson(join(root, 'node_modules', '.package-lock.json'))?.packages;
  if (!installed) return false;
  return Object.entries(wanted).every(
    ([path, entry]) => path === '' || entry.optional || installed[path]?.version === entry.version,
  );
}

/** Left beside the modules where canvas could not be built, so that it is not tried every time. */
export const canvasMarker = join('node_modules', '.tare-no-canvas');

/** Whether PNG reports are drawn: by a package that npm leaves out where it can't be had. @param {string} root */
function drawsPng(root) {
  if (isCheckout(root)) return true;
  const { resolve } = createRequire(join(root, 'package.json'));
  try {
    return resolve('canvas') !== '';
  } catch {
    return false;
  }
}

/** @param {string} root */
export function hasCanvas(root) {
  const built = join(root, 'node_modules', 'canvas', 'build', 'Release', 'canvas.node');
  return existsSync(built) || existsSync(join(root, canvasMarker));
}

/** @param {string} file */
function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
