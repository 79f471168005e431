import { html, inlineScript, inlineStyle, type Markup } from './markup.ts';
import { style } from './style.ts';

/**
 * A whole page. Its policy forbids every request: what it needs stands in it. Nothing of what it holds but the
 * program given here is run.
 */
export function htmlDocument(page: {
  readonly title: string;
  readonly body: Markup;
  /** Data elements that the program reads. */
  readonly data: Markup;
  readonly program: string;
}): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="Tare">
<link rel="icon" href="data:,">
<title>${page.title}</title>
${inlineStyle(style)}
</head>
<body>
<a class="skip" href="#main">To the figures</a>
<div class="page">
${page.body}
</div>
${page.data}
${inlineScript(page.program)}
</body>
</html>
`.text;
}
