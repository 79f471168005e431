import { plainLines, plainStrings } from '../text.ts';

/** Markup that is safe to put in a page: only `html` and `joined` make it. */
export class Markup {
  constructor(readonly text: string) {}
}

type Value = string | number | Markup | readonly Markup[] | undefined | false;

/** A template whose values are escaped, unless they are markup themselves; undefined and false are nothing. */
export function html(parts: TemplateStringsArray, ...values: readonly Value[]): Markup {
  let text = parts[0] ?? '';
  values.forEach((value, index) => {
    text += shown(value) + (parts[index + 1] ?? '');
  });
  return new Markup(text);
}

function shown(value: Value): string {
  if (value === undefined || value === false) return '';
  if (value instanceof Markup) return value.text;
  if (typeof value === 'object') return value.map((each) => each.text).join('');
  return escapeHtml(String(value));
}

/** The text as HTML, in an element or in an attribute with quotes; control and direction characters are left out. */
export function escapeHtml(text: string): string {
  return plainLines(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

/** Data as JSON that no text in it can end the script element with; the page shows its strings as they are. */
export function jsonScript(id: string, data: unknown): Markup {
  const json = JSON.stringify(plainStrings(data))
    .replaceAll('<', '\\u003c')
    .replaceAll('\u2028', '\\u2028')
    .replaceAll('\u2029', '\\u2029');
  return new Markup(`<script type="application/json" id="${escapeHtml(id)}">${json}</script>`);
}

/** Our own program, inlined; its texts may hold what would end the element. */
export function inlineScript(source: string): Markup {
  const safe = source.replace(/<\/(script)/gi, '<\\/$1').replaceAll('<!--', '<\\!--');
  return new Markup(`<script>${safe}</script>`);
}

/** Our own style sheet, inlined. */
export function inlineStyle(source: string): Markup {
  return new Markup(`<style>${source}</style>`);
}
