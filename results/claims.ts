import { guideClaims, triedByHand } from './claims-guide.ts';
import { type ClaimFigure, claimFiguresOf, claimPathsOf, type Finding } from './claims-measured.ts';
import type { Evidence } from './evidence.ts';
import type { RunSummary } from './summary.ts';

/** One of the guide's claims with what a run says of it. */
export type ClaimRow = {
  /** Number in the guide's list. */
  readonly claim: number;
  /** The guide's words. */
  readonly words: string;
  readonly figures: readonly ClaimFigure[];
  /** What was tried and seen, and what the counters proved, a sentence each. */
  readonly observations: readonly string[];
  /** Where figures and observations come from. Empty where there are none. */
  readonly sources: ClaimSources;
} & (
  | { readonly verdict: 'confirmed' | 'refuted' }
  | { readonly verdict: 'not-tested'; readonly reason: string }
);

export interface ClaimSources {
  readonly run: string;
  /** Scenarios whose trials are behind a figure or a path. */
  readonly scenarios: readonly string[];
  /** Whether the claim was tried, and the evidence kept in the run's claims.json. */
  readonly tried: boolean;
}

/**
 * The guide's claims, each with the verdict that this run supports. A claim is refuted where one finding speaks against
 * it, confirmed where every finding that decides speaks for it, and otherwise not tested here, with the reason: there is
 * no verdict without evidence.
 * @param evidence what was found by trying, where anything was
 */
export function claimRows(summary: RunSummary, evidence: readonly Evidence[] | undefined): ClaimRow[] {
  return guideClaims.map(({ claim, words }) => {
    const tried = evidence?.find((each) => each.claim === claim);
    const figures = claimFiguresOf(claim, summary);
    const paths = claimPathsOf(claim, summary);
    const present = figures.filter(({ type }) => type !== 'absent');
    const seen = paths.filter(({ finding }) => finding.type !== 'open');
    const row = {
      claim,
      words,
      figures,
      observations: [...(tried?.observations ?? []), ...paths.map(({ text }) => `${text}.`)],
      sources: {
        run: summary.run.id,
        scenarios: [
          ...new Set([
            ...present.flatMap(({ scenario, against }) => [scenario, against ?? scenario]),
            ...seen.map(({ scenario }) => scenario),
          ]),
        ],
        tried: tried !== undefined,
      },
    };
    const findings = [
      ...triedFinding(claim, tried),
      ...figures.flatMap(({ what, finding }) => (finding ? [{ ...finding, what }] : [])),
      ...pathFinding(paths.map(({ finding }) => finding)),
    ];
    return { ...row, ...verdictOf(findings) };
  });
}

function triedFinding(claim: number, tried: Evidence | undefined): Finding[] {
  if (!tried) {
    return triedByHand.includes(claim)
      ? [{ type: 'open', reason: 'it was not tried in this run (tare run --claims does)' }]
      : [];
  }
  if (tried.verdict === 'not-tested') return [{ type: 'open', reason: tried.reason }];
  return [{ type: tried.verdict === 'confirmed' ? 'agrees' : 'disagrees' }];
}

/** Of several scenarios that would show the same one is enough; each that was seen to go elsewhere counts. */
function pathFinding(findings: readonly Finding[]): Finding[] {
  const decided = findings.filter(({ type }) => type !== 'open');
  return decided.length > 0 ? decided : findings.slice(0, 1);
}

function verdictOf(
  findings: readonly (Finding & { readonly what?: string })[],
):
  | { readonly verdict: 'confirmed' | 'refuted' }
  | { readonly verdict: 'not-tested'; readonly reason: string } {
  if (findings.some(({ type }) => type === 'disagrees')) return { verdict: 'refuted' };
  const open = new Map<string, string[]>();
  for (const finding of findings) {
    if (finding.type !== 'open') continue;
    open.set(finding.reason, [...(open.get(finding.reason) ?? []), ...(finding.what ? [finding.what] : [])]);
  }
  if (open.size === 0 && findings.length > 0) return { verdict: 'confirmed' };
  const decided = findings.some(({ type }) => type === 'agrees');
  const reason = [...open]
    .slice(0, 2)
    .map(
      ([text, whats]) => `${text.replace(/[.;]+$/, '')}${whats.length > 0 ? ` (${whats.join('; ')})` : ''}`,
    )
    .join('; ');
  return {
    verdict: 'not-tested',
    reason: decided ? `undecided here: ${reason}` : reason || 'nothing in this run bears on it',
  };
}
