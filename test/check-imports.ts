import { resolve } from 'node:path';
import { importFaults, readModules } from './import-graph.ts';

// `npm run check`: who imports whom. Prints what is wrong, one line each, and fails.
const modules = readModules(resolve(import.meta.dirname, '..'));
const faults = importFaults(modules);
for (const fault of faults) process.stderr.write(`${fault}\n`);
if (faults.length === 0) process.stdout.write(`${modules.length} files import downwards only\n`);
process.exitCode = faults.length === 0 ? 0 : 1;
