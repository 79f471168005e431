import { harmlessOutput } from '../../reports/text.ts';
import type { Output } from '../commands/command.ts';

/**
 * The only way from a command to a terminal or a log. Renderers make foreign text harmless where they know it; what
 * slipped through ends here: no escape but Tare's own colours, no command to a CI runner.
 */
export function printer(stream: NodeJS.WriteStream): Output & { readonly isUsed: boolean } {
  let isUsed = false;
  return {
    /** Whether anything was printed. */
    get isUsed() {
      return isUsed;
    },
    get isTTY() {
      return stream.isTTY;
    },
    get columns() {
      return stream.columns;
    },
    write: (text) => {
      isUsed = true;
      return stream.write(harmlessOutput(text));
    },
    renew: (text) => stream.write(`\r\u001b[K${harmlessOutput(text)}`),
  };
}
