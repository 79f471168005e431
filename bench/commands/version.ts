import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../state/package-root.ts';

/** Version of this package. */
export const tareVersion: string = JSON.parse(
  readFileSync(join(packageRoot(), 'package.json'), 'utf8'),
).version;
