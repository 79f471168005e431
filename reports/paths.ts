import { bytesText } from '../results/figure-text.ts';
import type { PairFacts, RunRecord, Trial, Witness } from '../results/schema.ts';
import { formatNumber } from './format.ts';
import { labelled, printLines, type Span, span, type TerminalOptions } from './terminal-lines.ts';
import { displayWidth, pad, plainText } from './text.ts';

/** The path of every pair of a run: hop by hop, with the counters of one trial and the canary that prove it. */
export function renderPaths(record: RunRecord, options: TerminalOptions): string {
  const lines = firstOfEach(record.run.pairs).flatMap((pair) => [
    ...explainPath(pair, tellingTrial(record.trials, pair), Math.max(20, options.columns)),
    [],
  ]);
  return lines.length > 0
    ? printLines(lines, options)
    : 'No pair was set up, so there is no path to explain.\n';
}

/** A scenario's containers are made anew from time to time; their path is the same. */
function firstOfEach(pairs: readonly PairFacts[]): PairFacts[] {
  const keyed = [...pairs].reverse().map((pair) => [`${pair.scenario} ${pair.arm}`, pair] as const);
  return [...new Map(keyed).values()].reverse();
}

interface WitnessedTrial {
  readonly workload: string;
  readonly witness: Witness;
}

const byInterest: readonly Witness['verdict'][] = ['refuted', 'proven', 'unobserved'];

/** One that took another path, where there is one; else the one that carried most, as its figures are the clearest. */
function tellingTrial(trials: readonly Trial[], { scenario, arm }: PairFacts): WitnessedTrial | undefined {
  const witnessed = trials.flatMap((trial) =>
    trial.scenario === scenario &&
    (arm === undefined || trial.arm === arm) &&
    trial.status !== 'failed' &&
    trial.witness
      ? [{ workload: trial.workload, witness: trial.witness, payload: trial.payloadBytes ?? 0 }]
      : [],
  );
  for (const verdict of byInterest) {
    const found = witnessed.filter((each) => each.witness.verdict === verdict);
    if (found.length > 0) return found.reduce((most, each) => (each.payload > most.payload ? each : most));
  }
  return undefined;
}

/** The path of one pair in words and as a diagram; pure. */
export function explainPath(
  pair: PairFacts,
  trial: WitnessedTrial | undefined,
  columns: number,
): readonly (readonly Span[])[] {
  const title = [span(plainText(pair.arm ? `${pair.scenario} (${pair.arm})` : pair.scenario), 'bold')];
  if (!trial) return [[...title, span(': no trial was witnessed', 'dim')], ...hopLines(pair, undefined)];
  const { witness, workload } = trial;
  const style = witness.verdict === 'proven' ? 'green' : witness.verdict === 'refuted' ? 'red' : 'yellow';
  const sentence = plainText(witness.summary).replace(`${plainText(pair.scenario)}: `, '');
  const failing = witness.checks.filter((check) => !check.holds);
  return [
    title,
    ...labelled('', `${sentence} (${plainText(workload)})`, columns, style).map((line) => [...line]),
    ...hopLines(pair, witness),
    ...(pair.canary ? labelled('  canary', canaryText(pair), columns, 'plain') : []),
    ...failing.flatMap((check) =>
      labelled('  not so', `${plainText(check.expected)}: ${plainText(check.observed)}`, columns, style),
    ),
  ];
}

function hopLines(pair: PairFacts, witness: Witness | undefined): Span[][] {
  const hops = pair.path.map(plainText);
  const width = Math.max(0, ...hops.map(displayWidth));
  const last = hops.length - 1;
  return hops.map((hop, index) => {
    const end = index === 0 || index === last;
    const mark = end ? '●' : hop === 'underlay' ? '┆' : '│';
    const proof = witness ? proofOf(hop, index, hops, pair, witness) : '';
    return [span(`    ${mark} ${pad(hop, width)}   `), span(proof, 'dim')];
  });
}

type Side = 'server' | 'client';

/** What was counted at a hop, in words; empty where nothing is counted there. */
function proofOf(
  hop: string,
  index: number,
  hops: readonly string[],
  pair: PairFacts,
  { counters }: Witness,
): string {
  const side = sideOf(hop, index, hops);
  const end = index === 0 || index === hops.length - 1;
  if (hop === 'DNAT') return amount(counters['server-dnat-packets'], 'new connections');
  if (hop === 'docker-proxy') return amount(counters['server-proxy-cpu-seconds'], 's of CPU time');
  if (/^IPsec/.test(hop)) return traffic(counters, `${side}-esp`);
  if (hop === 'vxlan') {
    const seen = pair.canary?.captures.find((each) => each.side === side)?.vxlanPackets;
    return pair.canary?.vni === undefined
      ? ''
      : amount(seen, `packets of VNI ${pair.canary.vni} with the canary`);
  }
  if (/^lo\b/.test(hop)) {
    return traffic(counters, 'server-own-loopback') || traffic(counters, 'server-host-loopback');
  }
  if (hop === 'veth') return traffic(counters, `${side}-port`);
  if (/ on .*host\)/.test(hop)) return traffic(counters, `${side}-parent`);
  if (/host\)$/.test(hop)) return traffic(counters, `${side}-underlay`);
  return end ? traffic(counters, `${side}-own`) : '';
}

function sideOf(hop: string, index: number, hops: readonly string[]): Side {
  if (hop.includes('client’s host')) return 'client';
  if (hop.includes('server’s host')) return 'server';
  const underlay = hops.indexOf('underlay');
  const middle = underlay >= 0 ? underlay : (hops.length - 1) / 2;
  return index < middle ? 'client' : 'server';
}

function amount(value: number | undefined, what: string): string {
  return value === undefined ? '' : `${Number.isInteger(value) ? value : formatNumber(value)} ${what}`;
}

function traffic(counters: Readonly<Record<string, number>>, name: string): string {
  const forward = counters[`${name}-forward-bytes`];
  const backward = counters[`${name}-backward-bytes`];
  if (forward === undefined || backward === undefined) return '';
  return backward === 0 ? bytesText(forward) : `${bytesText(forward)} forward, ${bytesText(backward)} back`;
}

function canaryText({ canary }: PairFacts): string {
  if (!canary?.returned) return '64 random bytes did not come back, so the captures show nothing';
  const seen = canary.captures.map(({ side, clearOn, espPackets, file }) => {
    const clear =
      clearOn.length > 0 ? `in clear on ${clearOn.map(plainText).join(', ')}` : 'nowhere in clear';
    const esp = espPackets > 0 ? `, ${espPackets} ESP packets` : '';
    return `${side}’s host: ${clear}${esp} (canary/${plainText(file)})`;
  });
  return `64 random bytes went there and back. Seen on the ${seen.join('; on the ')}`;
}
