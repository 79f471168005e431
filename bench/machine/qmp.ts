import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { Failure } from '../../results/failure.ts';
import { said } from '../engine/words.ts';
import { pause } from './pause.ts';

/** The longest answer that is read: of a table of forwarded ports. */
const longestLine = 1 << 20;

const messageSchema = z.object({
  return: z.unknown().optional(),
  error: z.object({ desc: z.string().max(10_000) }).optional(),
  event: z.string().max(200).optional(),
});

/** The emulator's control socket: QEMU Machine Protocol, one command at a time. */
export class Qmp {
  readonly #socket: Socket;
  readonly #answers: AsyncIterator<string>;

  private constructor(socket: Socket) {
    this.#socket = socket;
    // An emulator that ends breaks the socket; whoever waits for an answer is told.
    socket.on('error', () => undefined);
    this.#answers = createInterface({ input: socket, crlfDelay: Number.POSITIVE_INFINITY })[
      Symbol.asyncIterator
    ]();
  }

  /**
   * @param path of the emulator's socket, which may not be there yet
   * @throws Failure `infrastructure` where nothing answers there within `timeoutSeconds`
   */
  static async connect(path: string, timeoutSeconds: number, signal: AbortSignal): Promise<Qmp> {
    const deadline = Date.now() + timeoutSeconds * 1000;
    for (;;) {
      signal.throwIfAborted();
      const socket = connect(path);
      try {
        await once(socket, 'connect');
        const qmp = new Qmp(socket);
        await qmp.#line();
        await qmp.ask('qmp_capabilities');
        return qmp;
      } catch (error) {
        socket.destroy();
        if (Date.now() > deadline) throw silent(`it can’t be reached: ${said((error as Error).message)}`);
        await pause(50, signal);
      }
    }
  }

  /** @throws Failure `infrastructure` with the emulator's words, or where it has ended */
  async ask(command: string, words: Readonly<Record<string, unknown>> = {}): Promise<unknown> {
    this.#socket.write(`${JSON.stringify({ execute: command, arguments: words })}\n`);
    for (;;) {
      const message = await this.#line();
      if (message.error) throw silent(`${command}: ${said(message.error.desc)}`);
      if (message.event === undefined) return message.return;
    }
  }

  close(): void {
    this.#socket.destroy();
  }

  async #line(): Promise<z.infer<typeof messageSchema>> {
    const { value, done } = await this.#answers.next();
    if (done) throw silent('it has ended');
    const text: string = value.length > longestLine ? '' : value;
    try {
      return messageSchema.parse(JSON.parse(text));
    } catch (error) {
      throw silent(`it answers what is no answer: ${said(text, 80)}`, error);
    }
  }
}

function silent(why: string, cause?: unknown): Failure {
  return new Failure(
    'infrastructure',
    `the emulator does not do as it is told: ${why}`,
    'Run the command again; where it happens again, remove the counted machine with `tare clean --all`.',
    { cause },
  );
}
