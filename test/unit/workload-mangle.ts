import fc from 'fast-check';

/** A real output with one thing wrong: cut off, spliced, a figure or a word replaced, or lines lost and repeated. */
export function mangled(text: string): fc.Arbitrary<string> {
  const position = fc.nat({ max: Math.max(0, text.length - 1) });
  const stray = fc.constantFrom(
    '-1',
    '0',
    'nan',
    'inf',
    '-nan',
    '1e999',
    '',
    'null',
    '"x"',
    '99999999999999999999',
    '\0',
    '{',
  );
  const figures = [...text.matchAll(/-?\d+(\.\d+)?/g)];
  const lines = text.split('\n');
  return fc.oneof(
    position.map((at) => text.slice(0, at)),
    position.map((at) => text.slice(at)),
    fc.tuple(position, stray).map(([at, word]) => text.slice(0, at) + word + text.slice(at + word.length)),
    fc.tuple(fc.nat({ max: Math.max(0, figures.length - 1) }), stray).map(([index, word]) => {
      const figure = figures[index];
      return figure ? text.slice(0, figure.index) + word + text.slice(figure.index + figure[0].length) : word;
    }),
    fc
      .tuple(fc.nat({ max: lines.length }), fc.nat({ max: 3 }))
      .map(([at, count]) => [...lines.slice(0, at), ...lines.slice(at + count)].join('\n')),
    fc
      .nat({ max: lines.length })
      .map((at) => [...lines.slice(0, at), ...lines.slice(Math.max(0, at - 1))].join('\n')),
    fc.string(),
  );
}
