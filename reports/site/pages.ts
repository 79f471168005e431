import { sideWords } from '../change-text.ts';
import { formatMoment } from '../format.ts';
import { html, inlineStyle, type Markup } from '../html/markup.ts';
import { style } from '../html/style.ts';
import { countSentence, planSentence } from '../prose.ts';
import { rankAll } from '../ranking.ts';
import { testbed } from '../testbed.ts';
import { plainText } from '../text.ts';
import { clockOf, figuresOf, type SiteFigure, type SiteRun } from './site-run.ts';

/** Pages of files alone: no program, and no request beyond the site's own pictures. */
function page(title: string, body: Markup): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src 'self' file: data:; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="Tare">
<link rel="icon" href="data:,">
<title>${title}</title>
${inlineStyle(`${style}\n${siteStyle}`)}
</head>
<body>
<a class="skip" href="#main">To the figures</a>
<div class="page">
${body}
</div>
</body>
</html>
`.text;
}

const siteStyle = `
td, th { vertical-align: top; }
h3 { margin-top: 22px; }
td a { color: inherit; text-decoration-color: var(--strong-line); }
td img { display: block; max-width: none; }
.pictures img { max-width: 100%; height: auto; border: 1px solid var(--line); border-radius: 8px; }
:target { background: var(--note); }
`;

const region = (label: string, table: Markup): Markup =>
  html`<div class="scroll" tabindex="0" role="region" aria-label="${label}">${table}</div>`;

const nameOf = ({ name, summary }: SiteRun): string => plainText(summary.run.label) || name;

/** What is linked of a run's report, as far as it was made. */
const reportLinks = [
  ['report.html', 'report'],
  ['report.md', 'Markdown'],
  ['report.csv', 'CSV'],
  ['report.json', 'JSON'],
] as const;

/** The first page: which runs there are, on what, and what each network costs in each of them. */
export function indexPage(runs: readonly SiteRun[]): string {
  const all = runs.map((run) => ({ run, figures: figuresOf(run).filter(({ isFirst }) => isFirst) }));
  const topologies = [...new Set(all.flatMap(({ figures }) => figures.map(({ topology }) => topology)))];
  return page(
    'Tare: what container networks cost',
    html`<header class="top"><div>
<h1>What container networks cost</h1>
<p class="muted">${runs.length === 1 ? 'One run' : `${runs.length} runs`}, each measured by itself: compare a network’s change with its change elsewhere, not figures of one machine with those of another. A figure that is <em>counted</em> is in instructions of an emulated machine, the same each time; others are by the wall clock.</p>
</div></header>
<main id="main">
<section class="block" id="runs"><h2>Runs</h2>
${region('Runs', runsTable(runs))}</section>
${topologies.reverse().map((topology) => topologySection(topology, all))}
</main>
<footer>Made by Tare. These pages ask nothing of any network; all of it is in this folder, and site.json tells it to programs.</footer>`,
  );
}

function runsTable(runs: readonly SiteRun[]): Markup {
  return html`<table><thead><tr>${['run', 'measured', 'clock', 'machine', 'engines', 'trials', 'its files'].map((text) => html`<th scope="col">${text}</th>`)}</tr></thead>
<tbody>${runs.map((each) => {
    const { name, summary, files } = each;
    const { run } = summary;
    const bed = testbed(summary, rankAll(summary));
    const engines = [...new Set(run.fingerprints.map(({ engineVersion }) => plainText(engineVersion)))];
    return html`<tr id="run/${name}"><th scope="row"><a href="runs/${name}/index.html">${nameOf(each)}</a></th>
<td>${plainText(formatMoment(run.startedAt))}<br>${plainText(run.plan.profile)}, ${run.plan.blocks} blocks</td>
<td>${clockOf(summary)}</td><td>${bed?.machine ?? 'not recorded'}</td><td>Docker ${engines.join(', ') || 'not recorded'}</td>
<td>${countSentence(summary)}${run.state !== 'finished' && ` (${run.state}, not finished)`}</td>
<td>${reportLinks.filter(([file]) => files.includes(file)).map(([file, title]) => html`<a href="runs/${name}/${file}">${title}</a> `)}</td></tr>`;
  })}</tbody></table>`;
}

interface WithFigures {
  readonly run: SiteRun;
  readonly figures: readonly SiteFigure[];
}

function topologySection(topology: string, all: readonly WithFigures[]): Markup {
  const here = all
    .map(({ run, figures }) => ({ run, figures: figures.filter((each) => each.topology === topology) }))
    .filter(({ figures }) => figures.length > 0);
  const workloads = [...new Set(here.flatMap(({ figures }) => figures.map(({ workload }) => workload)))];
  const titles = here.flatMap(({ run }) =>
    rankAll(run.summary).flatMap((each) => (each.topology === topology ? [each.title] : [])),
  );
  return html`<section class="block" id="${topology}"><h2>${[...new Set(titles)].join(' · ')}</h2>
${workloads.map((workload) => {
  const columns = here.filter(({ figures }) => figures.some((each) => each.workload === workload));
  const networks = [
    ...new Set(
      columns.flatMap(({ figures }) =>
        figures.filter((each) => each.workload === workload).map(({ network }) => network),
      ),
    ),
  ];
  return html`<h3 id="${topology}/${workload}">${workload}</h3>
${region(
  `${workload}, ${topology}`,
  html`<table><thead><tr><th scope="col">network</th>${columns.map(({ run }) => html`<th scope="col">${nameOf(run)}<br><span class="muted">${clockOf(run.summary)}</span></th>`)}</tr></thead>
<tbody>${networks.map(
    (network) =>
      html`<tr><th scope="row">${network}</th>${columns.map(({ run, figures }) =>
        cell(
          run,
          figures.find((each) => each.workload === workload && each.network === network),
        ),
      )}</tr>`,
  )}</tbody></table>`,
)}`;
})}</section>`;
}

function cell(run: SiteRun, figure: SiteFigure | undefined): Markup {
  if (!figure) return html`<td class="muted">not measured</td>`;
  return html`<td><a href="runs/${run.name}/index.html#${figure.anchor}">${figure.value}</a>${figure.isBaseline && html` <span class="muted">baseline</span>`}${
    figure.change !== undefined &&
    figure.side !== undefined &&
    html`<br><span class="${figure.side}">${figure.change}, ${sideWords[figure.side]}</span>`
  }</td>`;
}

/** The page of one run: its pictures, and each figure with a link and a badge of its own. */
export function runPage(run: SiteRun): string {
  const { summary, files } = run;
  const ranked = rankAll(summary);
  const bed = testbed(summary, ranked);
  const figures = figuresOf(run);
  return page(
    `Tare: ${nameOf(run)}`,
    html`<header class="top"><div><p class="small"><a href="../../index.html">All runs</a></p>
<h1>${nameOf(run)}</h1>
<p class="muted break">${planSentence(summary)} · ${clockOf(summary)}<br>${countSentence(summary)}${bed && html`<br>${bed.machine}<br>${bed.sentences.join(' ')}`}</p>
<p>${reportLinks.filter(([file]) => files.includes(file)).map(([file, title]) => html`<a href="${file}">${title}</a> `)}</p>
</div></header>
<main id="main">
<section class="block pictures"><h2>Pictures</h2>
${files.filter((file) => file.endsWith('.png')).map((file) => html`<p id="${file.replace('.png', '')}" class="wide"><a href="${file}"><img src="${file}" alt="${file.replace('.png', '').replaceAll('-', ' ')}: the report tells what it shows"></a></p>`)}
</section>
${ranked.map(
  ({ topology, title }) => html`<section class="block" id="${topology}"><h2>${title}</h2>
${region(title, figuresTable(figures.filter((each) => each.topology === topology)))}</section>`,
)}
</main>
<footer class="break">Tare ${plainText(summary.run.tareVersion)} · run ${plainText(summary.run.id)} · again: <code>${plainText(summary.run.command)}</code></footer>`,
  );
}

function figuresTable(figures: readonly SiteFigure[]): Markup {
  return html`<table><thead><tr>${['network', 'workload', 'metric', 'figure', 'change', 'n', 'badge'].map((text) => html`<th scope="col">${text}</th>`)}</tr></thead>
<tbody>${figures.map(
    ({
      network,
      workload,
      metric,
      value,
      change,
      side,
      n,
      anchor,
      badge,
      isBaseline,
    }) => html`<tr id="${anchor}"><th scope="row">${network}</th><td>${workload}</td><td><a href="#${anchor}">${metric}</a></td><td class="number">${value}</td>
<td>${isBaseline ? 'baseline' : change !== undefined && side !== undefined ? html`<span class="${side}">${change}, ${sideWords[side]}</span>` : '–'}</td><td class="number">${n}</td><td>${badge !== undefined && html`<a href="${badge}"><img src="${badge}" alt="${network}: ${workload} overhead ${change ?? ''}"></a>`}</td></tr>`,
  )}</tbody></table>`;
}
