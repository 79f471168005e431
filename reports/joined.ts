import type { PairFacts } from '../results/schema.ts';
import { formatNumber } from './format.ts';

/** What a network is that was there before the pair, in a sentence; undefined where Tare made it. */
export function joinedText({ joined, mtuBytes }: PairFacts): string | undefined {
  if (!joined) return undefined;
  const { driver, isInternal, isEncrypted, parent, others } = joined;
  const kind = [isEncrypted && 'encrypted', isInternal && 'internal', driver].filter(Boolean).join(' ');
  const more = [
    parent && `on ${parent}`,
    mtuBytes !== undefined && `MTU ${formatNumber(mtuBytes)} B`,
    `with ${others === 0 ? 'no other container' : others === 1 ? 'one other container' : `${formatNumber(others)} other containers`} of the server’s engine on it`,
  ].filter(Boolean);
  return `A ${kind} network that was there already, ${more.join(', ')}.`;
}
