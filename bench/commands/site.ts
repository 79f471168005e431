import { mkdir, readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { siteDocument, siteFile, siteFiles } from '../../reports/site/site-files.ts';
import type { SiteRun } from '../../reports/site/site-run.ts';
import { jsonText, line } from '../../reports/text.ts';
import { Failure } from '../../results/failure.ts';
import { wordsOfFileFault } from '../../results/file-fault.ts';
import { replaceFile } from '../../results/replace-file.ts';
import { resolveRun } from '../../results/run-lookup.ts';
import { type CommandContext, exitCodes } from './command.ts';
import { formatsFrom, reportOn } from './present.ts';

export interface SiteOptions {
  readonly out: string;
  readonly format?: string;
  readonly json?: boolean;
}

/** `tare site RUN… --out DIR`: a folder of pages that compares stored runs; measures nothing. */
export async function makeSite(
  references: readonly string[],
  options: SiteOptions,
  context: CommandContext,
): Promise<number> {
  const { out } = options;
  const formats = formatsFrom(options.format);
  const chosen = await Promise.all(references.map(chosenRun));
  refuseTwice(chosen.map(({ name }) => name));
  await refuseForeign(out);
  const runs: SiteRun[] = [];
  let isWhole = true;
  for (const { name, directory } of chosen) {
    context.stderr.write(line`${name}: reporting`);
    const folder = join(out, 'runs', name);
    const { summary, written } = await reportOn(directory, formats, folder, context);
    isWhole &&= written !== undefined && !written.isUnwritten;
    runs.push({ name, summary, files: written?.files.map((file) => basename(file)) ?? [] });
  }
  for (const { name, content } of siteFiles(runs)) await write(join(out, name), content);
  context.stdout.write(options.json ? jsonText(siteDocument(runs)) : line`Site: ${join(out, 'index.html')}`);
  return isWhole ? exitCodes.ok : exitCodes.infrastructure;
}

/** `NAME=RUN`, or a run whose links have its id. */
async function chosenRun(reference: string): Promise<{ name: string; directory: string }> {
  const [, name, named] = /^([a-z0-9][a-z0-9-]{0,39})=(.+)$/.exec(reference) ?? [];
  const directory = await resolveRun(named ?? reference);
  const id = basename(directory).toLowerCase();
  return { name: name ?? (id.replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '') || 'run'), directory };
}

function refuseTwice(names: readonly string[]): void {
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice === undefined) return;
  throw new Failure(
    'usage',
    `two runs would have the name “${twice}” on the site`,
    'Leave one away, or name them: tare site old=RUN new=RUN --out DIR.',
  );
}

/** @throws Failure `usage` where the folder holds what is no site of Tare's */
async function refuseForeign(out: string): Promise<void> {
  const names: readonly string[] = await readdir(out).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw new Failure(
      'usage',
      `${out} can't be a site: ${wordsOfFileFault(error)}`,
      'Name a folder with --out.',
    );
  });
  if (names.length === 0 || names.includes(siteFile)) return;
  throw new Failure(
    'usage',
    `${out} holds other files than a site’s`,
    'Name an empty folder with --out, one that is not there, or a site to be made anew.',
  );
}

async function write(path: string, content: string | Buffer): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await replaceFile(path, content);
  } catch (cause) {
    throw new Failure(
      'infrastructure',
      `${path} cannot be written: ${wordsOfFileFault(cause)}`,
      'Give another folder to --out.',
      { cause },
    );
  }
}
