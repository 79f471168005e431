import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../state/package-root.ts';

const file = join(packageRoot(), 'package.json');

/** Version of this package. */
export const tareVersion: string = JSON.parse(
  readFileSync(existsSync(file) ? file : join(packageRoot(), '..', 'package.json'), 'utf8'),
).version;
