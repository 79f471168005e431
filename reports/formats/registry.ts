import { csv } from './csv.ts';
import type { ReportFormat } from './format.ts';
import { html } from './html.ts';
import { json } from './json.ts';
import { markdown } from './markdown.ts';
import { openmetrics } from './openmetrics.ts';
import { png } from './png.ts';

/** Every format, in the order in which they are listed. To add one: write its file, put it here. */
export const reportFormats: readonly ReportFormat[] = [html, markdown, png, csv, json, openmetrics];
