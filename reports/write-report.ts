import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { advise } from '../results/advice.ts';
import { readyNeeds } from '../results/advice-needs.ts';
import type { ClaimRow } from '../results/claims.ts';
import { Failure } from '../results/failure.ts';
import type { GateResult } from '../results/gate.ts';
import { jsonOutput } from '../results/json-output.ts';
import { replaceFile } from '../results/replace-file.ts';
import type { RunRecord } from '../results/schema.ts';
import type { RunSummary } from '../results/summary.ts';
import type { KnownNetwork } from '../results/traits.ts';
import { adviceMarkdown } from './advice-markdown.ts';
import { claimsMarkdown } from './claims-markdown.ts';
import { csvTrials, renderCsv } from './csv.ts';
import { adviceSection } from './html/advice.ts';
import { claimsSection } from './html/claims.ts';
import type { Markup } from './html/markup.ts';
import { renderHtml } from './html/render.ts';
import { renderMarkdown } from './markdown.ts';
import type { WorkloadNotes } from './method.ts';
import type { Picture } from './png.ts';
import { jsonText } from './text.ts';

export const reportFormats = ['html', 'md', 'png', 'csv', 'json'] as const;
export type ReportFormat = (typeof reportFormats)[number];

export interface WriteReportOptions {
  readonly workloadNotes?: WorkloadNotes;
  /** How the run was judged, where it is a live comparison. */
  readonly judged?: GateResult;
  /** The guide's claims with what this run says of them; left out where it bears on none. */
  readonly claims?: readonly ClaimRow[];
  /** Networks that can be had, so that advice names those that this run left out; only the run's own where absent. */
  readonly networks?: readonly KnownNetwork[];
}

export interface WrittenReport {
  /** Paths of the files written. */
  readonly files: readonly string[];
  /** Formats that were asked for and could not be made, with reason and remedy: PNG without canvas or fonts. */
  readonly skipped: readonly { readonly format: ReportFormat; readonly failure: Failure }[];
}

/**
 * Writes report.html, report.md, *.png, report.csv and report.json (design §3's `--json` object) into a folder, which
 * is made where it isn't there. What cannot be made is skipped and said, and the rest is written: a run is not lost for
 * want of a font, of room on a disk, or for a fault in one format.
 * @throws Failure of kind `infrastructure` where the folder cannot be written
 */
export async function writeReport(
  summary: RunSummary,
  record: RunRecord,
  formats: readonly ReportFormat[],
  directory: string,
  options: WriteReportOptions = {},
): Promise<WrittenReport> {
  const files: string[] = [];
  const skipped: { format: ReportFormat; failure: Failure }[] = [];
  try {
    await mkdir(directory, { recursive: true });
  } catch (error) {
    throw notWritten(directory, error);
  }
  const write = async (name: string, content: string | Buffer) => {
    const path = join(directory, name);
    await replaceFile(path, content);
    files.push(path);
  };
  // Markdown shows only what is there to be shown.
  const pictures: Picture[] = [];
  const make: Readonly<Record<ReportFormat, () => Promise<void>>> = {
    png: async () => {
      const { renderPng } = await import('./png.ts');
      for (const picture of await renderPng(summary, record)) {
        await write(picture.file, picture.png);
        pictures.push(picture);
      }
    },
    html: async () => {
      const { sections } = answerSections(summary, record, options);
      const html = await renderHtml(summary, record, { ...notes(options), sections });
      await write('report.html', html);
    },
    md: async () => {
      const { markdownSections } = answerSections(summary, record, options);
      const images = { images: pictures, sections: markdownSections };
      await write('report.md', renderMarkdown(summary, { ...images, ...notes(options) }));
    },
    csv: () => write('report.csv', renderCsv(summary.run.id, csvTrials(record.trials, record.run.pairs))),
    json: () => write('report.json', jsonText(jsonOutput(summary, options.judged?.verdict))),
  };
  const picturesFirst = ['png', ...reportFormats.filter((each) => each !== 'png')] as const;
  for (const format of picturesFirst) {
    if (!formats.includes(format)) continue;
    try {
      await make[format]();
    } catch (error) {
      const failure = error instanceof Failure ? error : notWritten(directory, error);
      skipped.push({ format, failure });
    }
  }
  return { files, skipped };
}

function notes({ workloadNotes, judged }: WriteReportOptions) {
  return { ...(workloadNotes && { workloadNotes }), ...(judged && { judged }) };
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

/** What the run advises and what it says of the guide's claims. A live run compares two arms and answers neither. */
function answerSections(
  summary: RunSummary,
  record: RunRecord,
  { claims = [], networks = [] }: WriteReportOptions,
): { readonly sections: readonly Markup[]; readonly markdownSections: readonly string[] } {
  if (record.trials.some(({ arm }) => arm !== undefined)) return { sections: [], markdownSections: [] };
  const advised = readyNeeds.map(({ title, needs }) => ({
    title,
    advice: advise(summary, needs, 'throughput', networks),
  }));
  const bears = claims.some(({ verdict, sources }) => verdict !== 'not-tested' || sources.tried);
  return {
    sections: [adviceSection(advised), ...(bears ? [claimsSection(claims)] : [])],
    markdownSections: [...adviceMarkdown(advised), ...(bears ? claimsMarkdown(claims) : [])],
  };
}

function isFileError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error && 'syscall' in error;
}
