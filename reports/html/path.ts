import type { MeasuredScenario } from '../../results/summary.ts';
import { formatCounter, formatQuantity } from '../format.ts';
import { hopWords } from '../hops.ts';
import { joinedText } from '../joined.ts';
import { pathVerdict } from '../prose.ts';
import { plainText } from '../text.ts';
import { heldShare, table } from './figures.ts';
import { html, type Markup } from './markup.ts';
import type { CheckSummary } from './witness-checks.ts';

/** How the packets went, hop by hop, and what proves it: counters around each trial, and the canary. */
export function pathPart(scenario: MeasuredScenario, checks: readonly CheckSummary[]): Markup {
  const path = scenario.pair?.path ?? [];
  const last = path.length - 1;
  return html`<h4>Path of the packets</h4>
${path.length > 0 ? html`<ol class="path">${path.map((hop, index) => html`<li class="${(index === 0 || index === last) && 'end'}"><span>${hopWords(hop)}</span></li>`)}</ol>` : html`<p class="muted">The pair was never set up, so there is no path.</p>`}
${scenario.pair?.joined && html`<p class="break">${plainText(joinedText(scenario.pair) ?? '')}</p>`}
${sentencePart(scenario)}
${
  checks.length > 0 &&
  html`<div class="scroll" tabindex="0" role="region" aria-label="Witness checks">${table(
    ['counter or capture', 'must be', 'last seen', 'held in'],
    checks.map(({ name, expected, observed, holds, total }) => [
      plainText(name),
      plainText(expected),
      formatCounter(plainText(observed)),
      heldShare(holds, total),
    ]),
  )}</div>`
}
${canaryPart(scenario)}`;
}

/** The witness' own words; where some trials were refuted, how many they speak of. */
function sentencePart({ witness }: MeasuredScenario): Markup | undefined {
  if (witness.sentence === undefined) return undefined;
  const sentence = plainText(witness.sentence);
  if (pathVerdict(witness) !== 'partly') return html`<p class="break">${sentence}</p>`;
  const all = witness.proven + witness.refuted + witness.unobserved + witness.absent;
  return html`<p class="break">Proven in ${witness.proven} of ${all} trials. Refuted in ${witness.refuted}, which are left out: ${sentence}</p>`;
}

/** What was seen on the wire of 64 random bytes that went through the pair before it was measured. */
function canaryPart({ pair }: MeasuredScenario): Markup | undefined {
  const canary = pair?.canary;
  if (!canary) return undefined;
  return html`<p class="small muted">Before it was measured, 64 random bytes went through this pair ${canary.returned ? 'and came back' : 'and did not come back'}, while the wire was captured:</p>
<div class="scroll" tabindex="0" role="region" aria-label="Canary">${table(
    ['captured at', 'seen unencrypted on', 'clear VXLAN packets', 'ESP packets', 'capture kept as'],
    canary.captures.map(({ side, clearOn, vxlanPackets, espPackets, file }) => [
      `${side}'s engine`,
      clearOn.length > 0 ? clearOn.map(plainText).join(', ') : 'no interface',
      formatQuantity(vxlanPackets, 'count'),
      formatQuantity(espPackets, 'count'),
      plainText(`canary/${file}`),
    ]),
  )}</div>`;
}
