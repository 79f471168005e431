import { type JsonDocument, jsonDocument } from '../../results/json-schema.ts';
import type { ReportFile } from '../formats/format.ts';
import { jsonText } from '../text.ts';
import { badgeSvg } from './badge.ts';
import { indexPage, runPage } from './pages.ts';
import { badgeOf, clockOf, figuresOf, type SiteRun } from './site-run.ts';

/** Marks a folder as a site of Tare's, and tells programs what is in it. */
export const siteFile = 'site.json';

/** All of a site but the runs' own reports, which stand beside each run's page in `runs/NAME/`. */
export function siteFiles(runs: readonly SiteRun[]): ReportFile[] {
  return [
    { name: 'index.html', content: indexPage(runs) },
    { name: siteFile, content: jsonText(siteDocument(runs)) },
    ...runs.flatMap((run) => [
      { name: `runs/${run.name}/index.html`, content: runPage(run) },
      ...badgesOf(run),
    ]),
  ];
}

function badgesOf(run: SiteRun): ReportFile[] {
  return figuresOf(run).flatMap((figure) => {
    const badge = badgeOf(figure, clockOf(run.summary));
    return badge && figure.badge !== undefined
      ? [{ name: `runs/${run.name}/${figure.badge}`, content: badgeSvg(badge) }]
      : [];
  });
}

/** What is on a site, with the links that stay. */
export function siteDocument(runs: readonly SiteRun[]): JsonDocument<'site'> {
  return jsonDocument('site', {
    runs: runs.map((run) => ({
      name: run.name,
      run: run.summary.run.id,
      label: run.summary.run.label,
      startedAt: run.summary.run.startedAt,
      clock: clockOf(run.summary),
      page: `runs/${run.name}/index.html`,
      files: run.files.map((file) => `runs/${run.name}/${file}`),
      figures: figuresOf(run).map((figure) => ({
        scenario: figure.scenario,
        workload: figure.workload,
        metric: figure.metric,
        link: `runs/${run.name}/index.html#${figure.anchor}`,
        ...(figure.badge !== undefined && { badge: `runs/${run.name}/${figure.badge}` }),
      })),
    })),
  });
}
