import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codeBlock, codeSpan, escapeMarkdown } from '../../reports/markdown-text.ts';
import { displayWidth, pad, plainText, truncate, wrap } from '../../reports/text.ts';

const anyText = fc.string({ unit: 'grapheme', maxLength: 60 });

describe('text from outside', () => {
  it('loses terminal escapes, control characters and direction overrides', () => {
    expect(plainText('\u001b[31mred\u001b[0m \u001b]0;title\u0007x\r\ny\tz \u202eevil\u0000')).toBe(
      'red x y z evil',
    );
  });

  it('never keeps a control character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        // biome-ignore lint/suspicious/noControlCharactersInRegex: that none is left is the property
        expect(plainText(text)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
      }),
    );
  });

  it('counts wide characters as two columns and marks as none', () => {
    expect(displayWidth('netz')).toBe(4);
    expect(displayWidth('網路')).toBe(4);
    expect(displayWidth('e\u0301')).toBe(1);
    expect(displayWidth('🚀')).toBe(2);
  });

  it('is padded to exactly the width asked for', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 1, max: 40 }), (text, columns) => {
        const plain = plainText(text);
        expect(displayWidth(truncate(plain, columns))).toBeLessThanOrEqual(columns);
        expect(displayWidth(pad(plain, columns))).toBe(columns);
      }),
    );
  });

  it('is wrapped within the width without losing a character', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 2, max: 40 }), (text, columns) => {
        const plain = plainText(text);
        const lines = wrap(plain, columns);
        for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(columns);
        expect(lines.join('').replaceAll(' ', '')).toBe(plain.replaceAll(' ', ''));
      }),
    );
  });
});

describe('Markdown', () => {
  it('escapes what would be markup', () => {
    expect(escapeMarkdown('a|b `c` <script>alert(1)</script> *x* [y](http://z)')).toBe(
      'a\\|b \\`c\\` &lt;script&gt;alert(1)&lt;/script&gt; \\*x\\* \\[y\\](http:&#8203;//z)',
    );
    expect(escapeMarkdown('# title')).toBe('\\# title');
    expect(escapeMarkdown('1. item')).toBe('1\\. item');
    expect(escapeMarkdown('ask @someone')).toBe('ask @&#8203;someone');
  });

  it('leaves no bare angle bracket, pipe, back-quote or line break', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const escaped = escapeMarkdown(text);
        expect(escaped).not.toMatch(/[<>\n\r]/);
        expect(escaped.replace(/\\./g, '')).not.toMatch(/[|`*_[\]]/);
      }),
    );
  });

  it('holds back-quotes in code spans and blocks', () => {
    expect(codeSpan('plain')).toBe('`plain`');
    expect(codeSpan('a`b')).toBe('``a`b``');
    expect(codeSpan('`')).toBe('`` ` ``');
    expect(codeSpan('a|b', true)).toBe('`a\\|b`');
    expect(codeBlock('```\nx', 'sh')).toBe('````sh\n```\nx\n````');
  });
});
