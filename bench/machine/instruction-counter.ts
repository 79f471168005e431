import { connect, type Socket } from 'node:net';
import { createInterface, type Interface } from 'node:readline';
import { Failure } from '../../results/failure.ts';
import { said } from '../engine/words.ts';

/** One moment at which all counters were copied. */
export interface Mark {
  /** From 0, in the order of the numbers that an event was armed with; undefined for a mark that the guest made. */
  readonly ofEvent: number | undefined;
  /** All instructions executed until then. */
  readonly instructions: number;
  /** The guest's clock in nanoseconds; undefined where it could not be read. */
  readonly nanoseconds: number | undefined;
}

/** Instructions of one block of the kernel's code, or of one program's user space. */
export interface CountedBlock {
  /** Of the block's first instruction; undefined for user space. */
  readonly address: bigint | undefined;
  readonly instructions: number;
  /** The task's name; undefined where it was not told apart. */
  readonly task: string | undefined;
  /** Executed by a task whose work is kept out of the figures. */
  readonly isApart: boolean;
}

/** A function of the kernel that is watched, and by which task's calls marks are made. */
export interface Arming {
  readonly event: string;
  /** As in /proc/PID/comm. */
  readonly task: string;
  /** Rising; a mark is made as the function is called for the so many-th time. At most eight. */
  readonly calls: readonly number[];
}

const answerSeconds = 60;
/** A kernel has some 200,000 blocks of code that ever run. */
const mostLines = 1_000_000;

/** The host's end of `tare-count.c`, which counts what an emulated processor executes. */
export class InstructionCounter {
  readonly #socket: Socket;
  readonly #lines: Interface;
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.#lines = createInterface({ input: socket });
  }

  /**
   * @param path the plugin's Unix socket
   * @throws Failure `infrastructure` where nobody listens there
   */
  static async connect(path: string): Promise<InstructionCounter> {
    const socket = connect(path);
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', (cause) =>
        reject(counterFailure(`can't be reached: ${cause.message}`, { cause })),
      );
    });
    return new InstructionCounter(socket);
  }

  /** Drops the marks taken so far, and waits for no event any more. */
  async forget(): Promise<void> {
    await this.#ask('forget');
  }

  async arm({ event, task, calls }: Arming): Promise<void> {
    await this.#ask(`arm ${event} ${task} ${calls.join(' ')}`);
  }

  /** The marks since the last `forget`, in order of time. */
  async marks(): Promise<Mark[]> {
    return (await this.#ask('marks')).map((line) => {
      const match = /^(\d{1,3}) (\d{1,15}) (\d{1,15})$/.exec(line);
      if (!match) throw counterFailure(`told of a mark in other words: ${said(line)}`);
      const [what, instructions, nanoseconds] = match.slice(1).map(Number) as [number, number, number];
      return {
        ofEvent: what < 256 ? undefined : what - 256,
        instructions,
        nanoseconds: nanoseconds || undefined,
      };
    });
  }

  /** What was executed between two marks, given by their positions in `marks`. */
  async between(from: number, to: number): Promise<CountedBlock[]> {
    return (await this.#ask(`between ${from} ${to}`)).map(parseBlock);
  }

  close(): void {
    this.#lines.close();
    this.#socket.destroy();
  }

  #ask(request: string): Promise<string[]> {
    const asked = this.#turn.then(() => this.#askNow(request));
    this.#turn = asked.catch(() => undefined);
    return asked;
  }

  #askNow(request: string): Promise<string[]> {
    if (/[\r\n]/.test(request)) throw new Error('a request to the counter is one line');
    return new Promise((resolve, reject) => {
      const told: string[] = [];
      const settle = (error?: Failure) => {
        clearTimeout(timer);
        this.#lines.off('line', take).off('close', gone);
        this.#socket.off('error', gone);
        if (error) reject(error);
        else resolve(told);
      };
      const gone = () => settle(counterFailure('its machine ended'));
      const take = (line: string) => {
        if (line === '.') {
          const refused = told.find((each) => each.startsWith('! '));
          settle(refused === undefined ? undefined : counterFailure(`refused: ${said(refused.slice(2))}`));
        } else if (told.push(line) > mostLines) settle(counterFailure('answers without an end'));
      };
      const timer = setTimeout(
        () => settle(counterFailure(`has not answered for ${answerSeconds} s`)),
        answerSeconds * 1000,
      );
      this.#lines.on('line', take).once('close', gone);
      this.#socket.once('error', gone);
      if (this.#socket.destroyed) return gone();
      this.#socket.write(`${request}\n`);
    });
  }
}

function parseBlock(line: string): CountedBlock {
  const kernel = /^([ka]) ([0-9a-f]{1,16}) (\d{1,15})(?: (.{0,15}))?$/.exec(line);
  if (kernel) {
    const [, kind, address, instructions, task] = kernel;
    return {
      address: BigInt(`0x${address}`),
      instructions: Number(instructions),
      task: task || undefined,
      isApart: kind === 'a',
    };
  }
  const user = /^([ub]) (\d{1,15}) (.{0,15})$/.exec(line);
  if (!user) throw counterFailure(`told of a count in other words: ${said(line)}`);
  const [, kind, instructions, task] = user;
  return {
    address: undefined,
    instructions: Number(instructions),
    task: task || undefined,
    isApart: kind === 'b',
  };
}

function counterFailure(what: string, options?: ErrorOptions): Failure {
  return new Failure(
    'infrastructure',
    `what counts a machine's instructions (tare-count): ${what}`,
    'Measure again; where it stays so, remove the machine with `tare clean` and let it be made anew.',
    options,
  );
}
