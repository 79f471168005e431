import { type Advice, advise } from '../../results/advice.ts';
import { readyNeeds } from '../../results/advice-needs.ts';
import type { ClaimRow } from '../../results/claims.ts';
import { type HeldStatement, holdAgainst } from '../../results/literature.ts';
import { statements } from '../../results/literature-statements.ts';
import type { Reported } from './format.ts';

/** What a run advises and what it says of the guide's claims; what is absent is left out of the report. */
interface Answered {
  readonly advised?: readonly { readonly title: string; readonly advice: Advice }[];
  readonly claims?: readonly ClaimRow[];
  /** What others have published, held against a run that is meant to be published. */
  readonly literature?: readonly HeldStatement[];
}

const costMeasures = ['throughput', 'latency', 'connections', 'cpu'] as const;

const hasFigure = (advised: readonly { readonly advice: Advice }[]): boolean =>
  advised.some(({ advice }) => advice.networks.length > 0);

/** A live run compares two arms and answers neither. */
export function answered({ summary, record, claims = [], networks = [] }: Reported): Answered {
  if (record.trials.some(({ arm }) => arm !== undefined)) return {};
  const [advised = []] = costMeasures
    .map((measure) =>
      readyNeeds.map(({ title, needs }) => ({ title, advice: advise(summary, needs, measure, networks) })),
    )
    // What was measured decides what networks are chosen by; throughput where several or none were.
    .sort((a, b) => Number(hasFigure(b)) - Number(hasFigure(a)));
  const bears = claims.some(({ verdict, sources }) => verdict !== 'not-tested' || sources.tried);
  const literature =
    summary.run.plan.profile === 'publish' ? statements.map((each) => holdAgainst(each, summary)) : undefined;
  return { advised, ...(bears ? { claims } : {}), ...(literature && { literature }) };
}
