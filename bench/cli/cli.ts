#!/usr/bin/env node
// Where a file of the program can't be loaded, Node would end with 1, which means "regressed" and nothing else.
try {
  await import('./program.ts');
} catch (error) {
  process.stderr.write(`tare: it can't be loaded: ${String(error).split('\n', 1)[0]}. `);
  process.stderr.write('Install its packages again (npm ci).\n');
  process.exitCode = 4;
}
