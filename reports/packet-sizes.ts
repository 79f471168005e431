import { loopbackMtuBytes, packetSize } from '../results/packet-size.ts';
import type { MeasuredScenario } from '../results/summary.ts';
import { type RankedTopology, scenarioName } from './ranking.ts';
import { plainText } from './text.ts';

const bytesText = (bytes: number): string => Math.round(bytes).toLocaleString('en-US');

/** `1,500`, `65,536 (loopback)`; a dash where it was not read. */
export function mtuText(scenario: MeasuredScenario): string {
  const { mtuBytes } = packetSize(scenario);
  if (mtuBytes === undefined) return '–';
  return mtuBytes >= loopbackMtuBytes ? `${bytesText(mtuBytes)} (loopback)` : bytesText(mtuBytes);
}

/** `1,448`; a dash where no workload told it. */
export function mssText(scenario: MeasuredScenario): string {
  const { mssBytes } = packetSize(scenario);
  return mssBytes === undefined ? '–' : bytesText(mssBytes);
}

/**
 * How the baseline's packets went, beside its figure: `over loopback, MTU 65,536`; `MTU 1,500`. A reader who does not know
 * takes a same-host baseline for a network. Empty where nothing was read.
 */
export function baselineNote(scenario: MeasuredScenario): string {
  const { mtuBytes } = packetSize(scenario);
  const isLoopback = scenario.pair?.path.some(({ kind }) => kind === 'loopback') === true;
  return [
    isLoopback || (mtuBytes ?? 0) >= loopbackMtuBytes ? 'over loopback' : '',
    mtuBytes === undefined ? '' : `MTU ${bytesText(mtuBytes)}`,
  ]
    .filter(Boolean)
    .join(', ');
}

/**
 * The sizes of a topology's packets in one sentence, networks of one size together: `1,500 B (MSS 1,448): bridge, macvlan`.
 * @returns undefined where none was read
 */
export function packetSizeSentence({ measured }: RankedTopology): string | undefined {
  const bySize = new Map<string, { readonly bytes: number; readonly names: string[] }>();
  for (const scenario of measured) {
    const { mtuBytes, mssBytes } = packetSize(scenario);
    if (mtuBytes === undefined) continue;
    const size = `${bytesText(mtuBytes)} B${mssBytes === undefined ? '' : ` (MSS ${bytesText(mssBytes)})`}`;
    const where = mtuBytes >= loopbackMtuBytes ? `${size} of loopback` : size;
    const known = bySize.get(where) ?? { bytes: mtuBytes, names: [] };
    known.names.push(plainText(scenarioName(scenario)));
    bySize.set(where, known);
  }
  if (bySize.size === 0) return undefined;
  const sizes = [...bySize].sort(([, a], [, b]) => b.bytes - a.bytes);
  return `MTU ${sizes.map(([size, { names }]) => `${size}: ${names.join(', ')}`).join('; ')}`;
}
