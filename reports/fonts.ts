import type { Canvas } from 'canvas';
import { Failure } from '../results/failure.ts';

/** Characters beyond ASCII that charts print. */
const needed = ['\u2212', '±', 'µ', '×', '·', '✓', '✗', '’', '≤', '⁹'] as const;
/** A code point that is never assigned: what a font shows for it is its "missing" box. */
const unassigned = '\u{1fffe}';

/**
 * Makes sure that the charts' font draws what they print: neither nothing nor the box of a missing character.
 * @throws Failure naming the characters and the package that brings them
 */
export function checkFonts(createCanvas: (width: number, height: number) => Canvas, family: string): void {
  const draw = (text: string): string => {
    const canvas = createCanvas(48, 40);
    const context = canvas.getContext('2d');
    context.font = `24px ${family}`;
    context.textBaseline = 'middle';
    context.fillText(text, 8, 20);
    return canvas.toBuffer('raw').toString('base64');
  };
  const blank = draw('');
  const box = draw(unassigned);
  const wrong = ['A', 'g', '0', ...needed].filter((character) => {
    const drawn = draw(character);
    return drawn === blank || drawn === box;
  });
  // A font that draws two different letters alike draws boxes with nothing in common with `unassigned`.
  if (wrong.length > 0 || draw('W') === draw('i')) {
    throw new Failure(
      'infrastructure',
      `The fonts of this machine cannot draw what PNG charts need${wrong.length > 0 ? `: ${wrong.join(' ')}` : ''}.`,
      'Install a font such as DejaVu Sans (apt-get install fonts-dejavu-core fontconfig), or leave png out of --format.',
    );
  }
}
