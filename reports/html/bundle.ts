import { fileURLToPath } from 'node:url';

let bundled: Promise<string> | undefined;

/**
 * The page's program with Chart.js and the chart definitions in one piece, made once per process. It is the very code
 * that draws the PNG pictures.
 */
export function pageProgram(): Promise<string> {
  bundled ??= bundle();
  return bundled;
}

async function bundle(): Promise<string> {
  const { build } = await import('esbuild');
  // `.ts` in development, `.js` beside this very file once built.
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const result = await build({
    entryPoints: [fileURLToPath(new URL(`./page/main.${extension}`, import.meta.url))],
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
