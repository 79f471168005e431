import type { TrialWarning } from '../../../results/warnings.ts';
import { said } from '../../engine/words.ts';

/** What a tool's output held, and what it wrote beside it. */
export type ToolJson =
  | { readonly type: 'json'; readonly value: unknown; readonly warnings: readonly TrialWarning[] }
  | { readonly type: 'none'; readonly reason: string };

/**
 * The one JSON document that a tool was to write. A byte-order mark and lines around the document are put up with and
 * told; two documents are not, since nobody knows which one counts. Linear in the text's length.
 */
export function readToolJson(tool: string, text: string): ToolJson {
  const start = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  const whole = parseOrUndefined(start === 0 ? text : text.slice(start));
  if (whole !== undefined) return { type: 'json', value: whole, warnings: [] };
  const none = (reason: string): ToolJson => ({ type: 'none', reason });
  const from = documentStart(text, start);
  const to = from < 0 ? -1 : documentEnd(text, from);
  const beside = to < 0 ? [] : [said(text.slice(start, from)), said(text.slice(to))];
  const trouble = beside.find((each) => /\berror\b/i.test(each));
  if (trouble) return none(`${tool} said beside its figures: ${trouble}`);
  const value = to < 0 ? undefined : parseDocument(text.slice(from, to));
  if (value === undefined) return none(`${tool}'s output is not whole JSON.`);
  if (documentStart(text, to) >= 0) return none(`${tool} wrote more than one JSON document.`);
  const warnings = beside
    .filter((each) => each !== '')
    .map((each) => ({ code: 'wrote-beside' as const, tool, said: each }));
  return { type: 'json', value, warnings };
}

function parseOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** C programs print `nan` and `inf` where JSON has no number; they become null, which no figure can be mistaken for. */
function parseDocument(text: string): unknown {
  const pieces: string[] = [];
  let from = 0;
  const word = /-?(?:nan|inf(?:inity)?)(?=[\s,\]}])/iy;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '"') at = stringEnd(text, at);
    else if (/[-ni]/i.test(text[at] as string)) {
      word.lastIndex = at;
      const match = word.exec(text);
      if (!match) continue;
      pieces.push(text.slice(from, at), 'null');
      from = at + match[0].length;
      at = from - 1;
    }
  }
  return parseOrUndefined(`${pieces.join('')}${text.slice(from)}`);
}

/** Where the string that opens at `from` has its closing quote; the text's end where it has none. */
function stringEnd(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '"') return at;
  }
  return text.length;
}

/** Where the next line begins that opens an object; −1 where there is none. */
function documentStart(text: string, from: number): number {
  for (let at = from; at >= 0 && at < text.length; ) {
    while (text[at] === ' ' || text[at] === '\t' || text[at] === '\r') at += 1;
    if (text[at] === '{') return at;
    const end = text.indexOf('\n', at);
    if (end < 0) return -1;
    at = end + 1;
  }
  return -1;
}

/** Where the object that opens at `from` has ended; −1 where it never does. */
function documentEnd(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; at += 1) {
    const character = text[at];
    if (character === '"') at = stringEnd(text, at);
    else if (character === '{' || character === '[') depth += 1;
    else if (character === '}' || character === ']') {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return -1;
}
