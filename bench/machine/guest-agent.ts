import { connect, type Socket } from 'node:net';
import { Failure } from '../../results/failure.ts';
import type { ExecResult } from '../engine/executor.ts';
import { said } from '../engine/words.ts';

/** What one window of a measurement took, by the guest's own clock, and what the program said at its end. */
export interface GuestWindow {
  readonly nanoseconds: number;
  readonly said: string;
}

export interface WindowsRequest {
  /** Named pipes, as paths of the guest's own root: one that the measured side waits at, and one where it answers. */
  readonly go: string;
  readonly done: string;
  /** Sent one after the other; each is answered by a line before the next. */
  readonly lines: readonly string[];
  /** Rest before each, in milliseconds. */
  readonly settleMilliseconds: number;
  /** Counted seconds that all may take together. */
  readonly deadlineSeconds: number;
}

/** The largest answer is the kernel's table of symbols, some 10 MB. */
const mostBytes = 64 << 20;
/** A guest's second takes so many of ours on a machine that has other work too, and is not waited for longer. */
const wallPerGuestSecond = 60;
const graceSeconds = 60;

interface Waiting {
  readonly resolve: (answer: Buffer) => void;
  readonly reject: (error: Error) => void;
}

/**
 * The host's end of `tare-agent.c`, which runs programs in a counted machine's guest while its daemons are held. What
 * the guest answers is foreign: it is bounded, and every word of it is checked before it is used.
 */
export class GuestAgent {
  readonly #socket: Socket;
  #chunks: Buffer[] = [];
  #length = 0;
  #number = 0;
  #waiting: Waiting | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #fault: Failure | undefined;

  /** Use `connect`; over another kind of connection, this. */
  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk) => this.#take(chunk));
    socket.on('error', () => this.#end('its connection broke'));
    socket.on('close', () => this.#end('its machine ended'));
  }

  /**
   * @param path the Unix socket of the emulator's port
   * @throws Failure `infrastructure` where nobody listens there
   */
  static async connect(path: string): Promise<GuestAgent> {
    const socket = connect(path);
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', (cause) => reject(agentFailure(`can't be reached: ${cause.message}`, { cause })));
    });
    return new GuestAgent(socket);
  }

  /** The content of a file of the guest. */
  read(path: string): Promise<Buffer> {
    return this.#ask('read', [path], 10);
  }

  /**
   * Runs a program to its end, in the namespaces and the control group of a process of the guest, or where the agent
   * itself is.
   * @param deadlineSeconds counted seconds after which it is killed
   */
  async run(argv: readonly string[], deadlineSeconds: number, inProcess = 0): Promise<ExecResult> {
    const words = [String(Math.ceil(deadlineSeconds * 1000)), String(inProcess), ...argv];
    const answer = await this.#ask('exec', words, deadlineSeconds);
    const lineEnd = answer.indexOf(10);
    const match = /^(-?\d{1,3}) (\d{1,9}) (\d{1,9})$/.exec(
      answer.toString('latin1', 0, Math.max(0, lineEnd)),
    );
    if (!match) throw agentFailure('gave no exit code');
    const [exitCode, out, err] = match.slice(1).map(Number) as [number, number, number];
    const body = answer.subarray(lineEnd + 1);
    if (body.length !== out + err) throw agentFailure('gave another output than it announced');
    return {
      exitCode: exitCode < 0 ? 137 : exitCode,
      stdout: body.toString('utf8', 0, out),
      stderr: body.toString('utf8', out),
      timedOut: exitCode < 0,
    };
  }

  /** Puts a program into the background. */
  async start(argv: readonly string[], inProcess = 0): Promise<void> {
    await this.#ask('start', [String(inProcess), ...argv], 10);
  }

  /**
   * Stops all processes of these names, of all nodes together, until they are released.
   * @returns how many there were
   */
  async hold(names: readonly string[]): Promise<number> {
    return Number((await this.#ask('hold', names, 10)).toString('latin1'));
  }

  async release(names: readonly string[]): Promise<void> {
    await this.#ask('release', names, 10);
  }

  /** Has windows measured between marks; see `tare-agent.c`. */
  async windows(request: WindowsRequest): Promise<GuestWindow[]> {
    const { go, done, lines, settleMilliseconds, deadlineSeconds } = request;
    const words = [Math.ceil(deadlineSeconds * 1000), settleMilliseconds].map(String);
    const answer = await this.#ask('windows', [...words, go, done, ...lines], deadlineSeconds);
    const told = answer.toString('utf8').split('\n').slice(0, -1);
    if (told.length !== lines.length) throw agentFailure('told of another number of windows');
    return told.map((line) => {
      const match = /^(\d{1,15}) (.*)$/.exec(line);
      if (!match) throw agentFailure('told of a window without its time');
      return { nanoseconds: Number(match[1]), said: said(match[2] ?? '') };
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #ask(verb: string, words: readonly string[], guestSeconds: number): Promise<Buffer> {
    const asked = this.#turn.then(() => this.#askNow(verb, words, guestSeconds));
    this.#turn = asked.catch(() => undefined);
    return asked;
  }

  async #askNow(verb: string, words: readonly string[], guestSeconds: number): Promise<Buffer> {
    if (this.#fault) throw this.#fault;
    const nul = words.find((word) => word.includes('\0'));
    if (nul !== undefined) throw new Error('a word for the guest’s agent holds a zero byte');
    const body = Buffer.from(words.map((word) => `${word}\0`).join(''));
    const wallSeconds = guestSeconds * wallPerGuestSecond + graceSeconds;
    const number = ++this.#number;
    let timer: NodeJS.Timeout | undefined;
    const answer = new Promise<Buffer>((resolve, reject) => {
      this.#waiting = { resolve, reject };
      timer = setTimeout(() => {
        this.#end(`has not answered a request (${verb}) for ${wallSeconds} s`);
        this.#socket.destroy();
      }, wallSeconds * 1000);
    });
    this.#socket.write(`${number} ${verb} ${body.length}\n`);
    this.#socket.write(body);
    try {
      return await answer;
    } finally {
      clearTimeout(timer);
    }
  }

  #take(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    if (this.#length > mostBytes) {
      this.#end('answers without an end');
      return;
    }
    // The head is short, so that what is copied for it is nothing beside the body that follows.
    const start = Buffer.concat(this.#chunks.slice(0, 2));
    const lineEnd = start.subarray(0, 128).indexOf(10);
    if (lineEnd < 0) {
      if (start.length >= 128) this.#end('answers in another language');
      return;
    }
    const match = /^(\d{1,15}) (ok|no) (\d{1,9})$/.exec(start.toString('latin1', 0, lineEnd));
    if (!match || Number(match[1]) !== this.#number) {
      this.#end('answers what it was not asked');
      return;
    }
    const needed = lineEnd + 1 + Number(match[3]);
    if (this.#length < needed) return;
    const all = Buffer.concat(this.#chunks);
    this.#chunks = [];
    this.#length = 0;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    const answer = all.subarray(lineEnd + 1, needed);
    if (match[2] === 'ok') waiting?.resolve(answer);
    else waiting?.reject(agentFailure(`refused: ${said(answer.toString('utf8'))}`));
  }

  #end(why: string): void {
    this.#fault ??= agentFailure(why);
    this.#waiting?.reject(this.#fault);
    this.#waiting = undefined;
  }
}

function agentFailure(what: string, options?: ErrorOptions): Failure {
  return new Failure(
    'infrastructure',
    `the agent in the counted machine's guest: ${what}`,
    'Measure again; where it stays so, remove the machine with `tare clean` and let it be made anew.',
    options,
  );
}
