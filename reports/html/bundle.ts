import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

let program: Promise<string> | undefined;

/** The page's program: made once per process where Tare runs from its sources, there already where it was built. */
export function pageProgram(): Promise<string> {
  program ??= import.meta.url.endsWith('.ts')
    ? bundlePage(fileURLToPath(new URL('./page/main.ts', import.meta.url)))
    : readFile(new URL(`./${builtPage}`, import.meta.url), 'utf8');
  return program;
}

/** What the page's program is called beside this file once built. */
export const builtPage = 'page-program.js';

/**
 * The page's program with Chart.js and the chart definitions in one piece. It is the very code that draws the PNG
 * pictures.
 * @param main the file that it starts with
 */
export async function bundlePage(main: string): Promise<string> {
  const { build } = await import('esbuild');
  const result = await build({
    entryPoints: [main],
    bundle: true,
    format: 'iife',
    target: 'es2022',
    minify: true,
    write: false,
    legalComments: 'inline',
    logLevel: 'silent',
  });
  const [file] = result.outputFiles;
  if (!file) throw new Error('esbuild gave no output for the page');
  return file.text;
}
