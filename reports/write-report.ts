import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../results/failure.ts';
import { jsonOutput } from '../results/json-output.ts';
import type { RunRecord } from '../results/schema.ts';
import type { RunSummary } from '../results/summary.ts';
import { renderMarkdown } from './markdown.ts';
import type { WorkloadNotes } from './method.ts';

export interface WriteReportOptions {
  readonly workloadNotes: WorkloadNotes;
  /** Formats by name; all where absent. */
  readonly formats?: readonly string[];
}

type Render = (record: RunRecord, summary: RunSummary, options: WriteReportOptions) => string;

/** Every format: its file and how it is made. A new format is a file here and a line there. */
const formats: Readonly<Record<string, { readonly file: string; readonly render: Render }>> = {
  md: {
    file: 'report.md',
    render: (_record, summary, options) => renderMarkdown(summary, { workloadNotes: options.workloadNotes }),
  },
  json: {
    file: 'report.json',
    render: (_record, summary) => `${JSON.stringify(jsonOutput(summary), null, 2)}\n`,
  },
};

/**
 * Writes a run's report into a folder, which is made where it is missing.
 * @returns the files written, and what could not be made, as warnings
 * @throws Failure `usage` for a format that doesn't exist
 */
export async function writeReport(
  record: RunRecord,
  summary: RunSummary,
  folder: string,
  options: WriteReportOptions,
): Promise<{ files: string[]; warnings: string[] }> {
  const wanted = options.formats ?? Object.keys(formats);
  await mkdir(folder, { recursive: true });
  const files: string[] = [];
  for (const name of wanted) {
    const format = formats[name];
    if (!format) {
      throw new Failure(
        'usage',
        `there is no report format "${name}"`,
        `Choose among ${Object.keys(formats).join(', ')}.`,
      );
    }
    const file = join(folder, format.file);
    await writeFile(file, format.render(record, summary, options));
    files.push(file);
  }
  return { files, warnings: [] };
}
