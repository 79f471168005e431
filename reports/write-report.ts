import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../results/failure.ts';
import { replaceFile } from '../results/replace-file.ts';
import type { RunRecord } from '../results/schema.ts';
import type { RunSummary } from '../results/summary.ts';
import type { Reported, ReportFormat, ReportOptions } from './formats/format.ts';

export interface WrittenReport {
  /** Paths of the files written. */
  readonly files: readonly string[];
  /** Formats that were asked for and could not be made, with reason and remedy: PNG without canvas or fonts. */
  readonly skipped: readonly { readonly format: string; readonly failure: Failure }[];
  /** Whether a file could be made and not be written: a fault of the disk, and of no format. */
  readonly isUnwritten: boolean;
}

/**
 * Writes a report in each of the formats into a folder, which is made where it isn't there. What cannot be made is skipped and said, and the rest is written: a run is not lost for
 * want of a font, of room on a disk, or for a fault in one format.
 * @throws Failure of kind `infrastructure` where the folder cannot be written
 */
export async function writeReport(
  summary: RunSummary,
  record: RunRecord,
  formats: readonly ReportFormat[],
  directory: string,
  options: ReportOptions = {},
): Promise<WrittenReport> {
  const files: string[] = [];
  const skipped: { format: string; failure: Failure }[] = [];
  let isUnwritten = false;
  try {
    await mkdir(directory, { recursive: true });
  } catch (error) {
    throw notWritten(directory, error);
  }
  const pictures: Reported['pictures'][number][] = [];
  const inOrder = [...formats].sort((a, b) => Number(b.comesFirst ?? false) - Number(a.comesFirst ?? false));
  for (const format of inOrder) {
    try {
      for (const { name, content, alt } of await format.make({ ...options, summary, record, pictures })) {
        const path = join(directory, name);
        await replaceFile(path, content);
        files.push(path);
        if (alt !== undefined) pictures.push({ file: name, alt });
      }
    } catch (error) {
      const failure = error instanceof Failure ? error : notWritten(directory, error);
      skipped.push({ format: format.id, failure });
      isUnwritten ||= isFileError(error);
    }
  }
  return { files, skipped, isUnwritten };
}

function notWritten(directory: string, error: unknown): Failure {
  if (!isFileError(error)) {
    const text = error instanceof Error ? error.message : String(error);
    return new Failure('infrastructure', `it could not be made: ${text}.`, 'Please report this.', {
      cause: error,
    });
  }
  return new Failure(
    'infrastructure',
    `it could not be written to ${directory}: ${error.message}`,
    'Make room there or choose another folder with --out, then `tare report RUN` renders it.',
    { cause: error },
  );
}

function isFileError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error && 'syscall' in error;
}
