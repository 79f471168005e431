import { bytesText } from '../results/figure-text.ts';
import type { Hop, PairFacts, RunRecord, Trial, Witness } from '../results/schema.ts';
import { formatNumber } from './format.ts';
import { hopWords } from './hops.ts';
import { joinedText } from './joined.ts';
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
  const failing = witness.checks.filter((check) => !check.holds);
  const joined = joinedText(pair);
  return [
    title,
    ...labelled('', `${plainText(witness.summary)} (${plainText(workload)})`, columns, style).map((line) => [
      ...line,
    ]),
    ...hopLines(pair, witness),
    ...(joined ? labelled('  network', plainText(joined), columns, 'plain') : []),
    ...(pair.canary ? labelled('  canary', canaryText(pair), columns, 'plain') : []),
    ...failing.flatMap((check) =>
      labelled('  not so', `${plainText(check.expected)}: ${plainText(check.observed)}`, columns, style),
    ),
  ];
}

function hopLines({ path, canary }: PairFacts, witness: Witness | undefined): Span[][] {
  const names = path.map(hopWords);
  const width = Math.max(0, ...names.map(displayWidth));
  return path.map((hop, index) => {
    const end = index === 0 || index === path.length - 1;
    const mark = end ? '●' : hop.kind === 'underlay' ? '┆' : '│';
    const proof = witness ? proofOf(hop, canary, witness.counters) : '';
    return [span(`    ${mark} ${pad(names[index] ?? '', width)}   `), span(proof, 'dim')];
  });
}

/** What was counted at a hop, in words; empty where nothing is counted there. */
function proofOf(hop: Hop, canary: PairFacts['canary'], counters: Witness['counters']): string {
  switch (hop.kind) {
    case 'end':
      return traffic(counters, `${hop.side}-own`);
    case 'veth':
      return traffic(counters, `${hop.side}-port`);
    case 'vxlan': {
      const seen = canary?.captures.find((each) => each.side === hop.side)?.vxlanPackets;
      return canary?.vni === undefined ? '' : amount(seen, `packets of VNI ${canary.vni} with the canary`);
    }
    case 'esp':
      return traffic(counters, `${hop.side}-esp`);
    case 'dnat':
      return amount(counters['server-dnat-packets'], 'new connections');
    case 'docker-proxy':
      return amount(counters['server-proxy-cpu-seconds'], 's of CPU time');
    case 'loopback':
      return traffic(counters, 'server-own-loopback') || traffic(counters, 'server-host-loopback');
    case 'parent':
      return hop.side === undefined ? '' : traffic(counters, `${hop.side}-parent`);
    case 'host-interface':
      return traffic(counters, `${hop.side}-underlay`);
    case 'bridge':
    case 'overlay-bridge':
    case 'masquerade':
    case 'underlay':
    case 'said':
      return '';
  }
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
