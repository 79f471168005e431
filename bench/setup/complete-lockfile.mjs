// Adds to package-lock.json the packages for other platforms that a registry did not offer when it was written.
// npm leaves them out then, and `npm ci` refuses the file. Run after `npm install`: node bench/setup/complete-lockfile.mjs
import { readFileSync, writeFileSync } from 'node:fs';

const systems = [
  'aix',
  'android',
  'darwin',
  'freebsd',
  'linux',
  'netbsd',
  'openbsd',
  'openharmony',
  'sunos',
  'win32',
];
const processors = [
  'arm64',
  'arm',
  'ia32',
  'loong64',
  'mips64el',
  'ppc64',
  'riscv64',
  's390x',
  'x64',
  'wasm32',
];

/**
 * The entries that are missing from a lock file: optional, exact versions, named after a platform.
 * @param {{ packages: Record<string, { optionalDependencies?: Record<string, string>, dev?: boolean }> }} lock
 */
export function missingPlatformPackages(lock) {
  /** @type {Record<string, object>} */
  const missing = {};
  for (const { optionalDependencies = {}, dev } of Object.values(lock.packages)) {
    for (const [name, version] of Object.entries(optionalDependencies)) {
      const path = `node_modules/${name}`;
      const words = name.replace(/^.*\//, '').split('-');
      const os = systems.filter((system) => words.includes(system));
      const cpu = processors.filter((processor) => words.includes(processor));
      if (lock.packages[path] || os.length === 0 || cpu.length === 0 || !/^\d/.test(version)) continue;
      const libc = words.some((word) => word.startsWith('musl')) ? { libc: ['musl'] } : {};
      missing[path] = { version, cpu, ...(dev ? { dev: true } : {}), ...libc, optional: true, os };
    }
  }
  return missing;
}

if (process.argv[1] && import.meta.url.endsWith(process.argv[1].replace(/^.*\//, '/'))) {
  const file = new URL('../../package-lock.json', import.meta.url);
  const lock = JSON.parse(readFileSync(file, 'utf8'));
  const missing = missingPlatformPackages(lock);
  const packages = Object.entries({ ...lock.packages, ...missing }).sort(([a], [b]) => (a < b ? -1 : 1));
  writeFileSync(file, `${JSON.stringify({ ...lock, packages: Object.fromEntries(packages) }, null, 2)}\n`);
  console.log(`${Object.keys(missing).length} entries added`);
}
