import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

// The package file is one folder up in the sources and two up in dist/.
const candidates = ['../package.json', '../../package.json'].map((path) =>
  fileURLToPath(new URL(path, import.meta.url)),
);
const file = candidates.find((path) => existsSync(path));

/** Version of this package. */
export const tareVersion: string = file ? JSON.parse(readFileSync(file, 'utf8')).version : 'unknown';
