import { chmodSync, cpSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { execa } from 'execa';
import { builtPage, bundlePage } from '../../reports/html/bundle.ts';
import { packageRoot } from '../state/package-root.ts';

/**
 * `npm run build` makes `dist/`, all that an installed Tare runs: JavaScript instead of TypeScript, the page's program in
 * one piece, and beside them, where the sources have them, the files that are read or carried to an engine as they are.
 */
const root = packageRoot();
const dist = join(root, 'dist');
const program = join(dist, 'bench', 'cli', 'cli.js');
const html = join(dist, 'reports', 'html');

/** What only those who work on Tare need, and what it made. */
const leftOut = [
  'bench/build',
  'bench/studies',
  'bench/setup/complete-lockfile.mjs',
  'results/runs',
] as const;

async function compile(): Promise<void> {
  // The API alone is for other people's TypeScript; the rest needs no types.
  for (const project of ['tsconfig.build.json', 'tsconfig.api.json']) {
    await execa('tsc', ['-p', project], { cwd: root, preferLocal: true, stdio: 'inherit' });
  }
}

/** The page needs no bundler on the machine that measures, and its parts need not be there. */
async function buildPage(): Promise<void> {
  const page = join(html, 'page');
  writeFileSync(join(html, builtPage), await bundlePage(join(page, 'main.js')));
  rmSync(page, { recursive: true });
}

function copyAssets(): void {
  for (const folder of ['bench', 'drivers', 'reports', 'results']) {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true, recursive: true })) {
      const path = relative(root, join(entry.parentPath, entry.name));
      const isWanted = !leftOut.some((each) => path === each || path.startsWith(`${each}/`));
      if (entry.isFile() && isWanted && !/\.m?ts$/.test(path)) cpSync(join(root, path), join(dist, path));
    }
  }
  cpSync(join(root, 'docker-compose.bench.yml'), join(dist, 'docker-compose.bench.yml'));
}

/** From the built program, so that it tells of what is shipped. */
async function writeManual(): Promise<void> {
  const { stdout } = await execa(process.execPath, [program, 'man']);
  writeFileSync(join(dist, 'tare.1'), `${stdout}\n`);
}

rmSync(dist, { recursive: true, force: true });
await compile();
await buildPage();
copyAssets();
await writeManual();
chmodSync(program, 0o755);
