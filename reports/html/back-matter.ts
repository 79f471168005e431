import type { RunSummary } from '../../results/summary.ts';
import { formatQuantity } from '../format.ts';
import { engineFacts, methodParagraphs, type WorkloadNotes } from '../method.ts';
import { legend, notes } from '../prose.ts';
import type { RankedTopology } from '../ranking.ts';
import { plainText } from '../text.ts';
import { table } from './figures.ts';
import { html, type Markup } from './markup.ts';

/** Everything a sceptic asks after the figures: what went wrong, how it was made, where, and how to make it again. */
export function backMatter(
  summary: RunSummary,
  ranked: readonly RankedTopology[],
  workloadNotes: WorkloadNotes,
): Markup {
  const troubles = notes(summary, Number.POSITIVE_INFINITY);
  return html`<section class="block"><h2>What went wrong or needs care</h2>
${troubles.length > 0 ? html`<ul class="plain">${troubles.map(({ label, text }) => html`<li>${label && html`<b>${label}:</b> `}${text}</li>`)}</ul>` : html`<p>Nothing: every trial counts and there are no warnings.</p>`}
</section>
<section class="block"><h2>Method</h2>
${methodParagraphs(summary).map((text) => html`<p>${text}</p>`)}
${legend(ranked)
  .slice(0, -1)
  .map((text) => html`<p class="small muted">${text}</p>`)}
<div class="scroll" tabindex="0" role="region" aria-label="Workloads">${table(
    ['workload', 'measured', 'what it does', 'what it cannot tell'],
    summary.run.plan.workloads.map(({ id, durationSeconds, omitSeconds }) => [
      plainText(id),
      `${formatQuantity(durationSeconds, 's')} after ${formatQuantity(omitSeconds, 's')}`,
      plainText(workloadNotes[id]?.summary ?? '–'),
      plainText(workloadNotes[id]?.caveat ?? '–'),
    ]),
  )}</div>
</section>
<section class="block"><h2>Where it was measured</h2>${fingerprints(summary)}</section>
<section class="block"><h2>Make it again</h2>
<pre id="command">${plainText(summary.run.command)}</pre>
<button type="button" id="copy-command">Copy</button>
<p class="small muted">The same seed gives the same order of trials; the figures are those of the machine.</p></section>
<footer class="break">Tare ${plainText(summary.run.tareVersion)} · run ${plainText(summary.run.id)} · record schema ${summary.run.schemaVersion}. This page makes no request; all of it is in this file.</footer>`;
}

function fingerprints(summary: RunSummary): Markup {
  const engines = engineFacts(summary);
  if (engines.length === 0) return html`<p>No fingerprint was recorded.</p>`;
  const names = [...new Set(engines.flatMap(({ facts }) => facts.map(([name]) => name)))];
  const rows = names.map((name) => [
    plainText(name),
    ...engines.map(({ facts }) => plainText(facts.find(([candidate]) => candidate === name)?.[1] ?? '–')),
  ]);
  const header = ['fact', ...engines.map(({ title }) => title)];
  return html`<details><summary>Fingerprint of ${engines.length} ${engines.length === 1 ? 'engine' : 'engines'}, ${names.length} facts</summary>
<div class="scroll" tabindex="0" role="region" aria-label="Fingerprint">${table(header, rows)}</div></details>`;
}
