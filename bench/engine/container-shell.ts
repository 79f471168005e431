import { randomUUID } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import type Docker from 'dockerode';
import { demultiplexer } from './demultiplex.ts';
import { Output } from './output.ts';

/** What a script left behind. */
export interface ScriptResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a script ended, or why nobody will know. */
export type ScriptEnd =
  | { readonly type: 'done'; readonly result: ScriptResult }
  /** The shell, its container or the connection to the engine is gone. */
  | { readonly type: 'gone' }
  /** It wrote more than is taken in; the script still runs. */
  | { readonly type: 'too-much'; readonly stdout: string; readonly stderr: string };

interface Waiting {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly resolve: (end: ScriptEnd) => void;
}

/**
 * A shell that stays open in a container. Starting a program through the engine's API costs 30 to 500 ms, most of it in
 * the container runtime; a line to a shell that is already there costs one fork. It runs one script at a time.
 */
export class ContainerShell {
  readonly #stream: Duplex;
  /** Nobody can write it who does not see the shell's input, so no program's output is taken for its end. */
  readonly #secret = randomUUID();
  #waiting: Waiting | undefined;
  #ended = false;
  #count = 0;
  /** Its first line says who it is. */
  #greeting = '';
  #session: number | undefined;

  private constructor(stream: Duplex) {
    this.#stream = stream;
    const decoders = { stdout: new StringDecoder('utf8'), stderr: new StringDecoder('utf8') };
    const feed = demultiplexer(
      (output, bytes) => this.#take(output, decoders[output].write(bytes)),
      () => this.close(),
    );
    stream.on('data', feed);
    for (const event of ['end', 'close', 'error']) stream.once(event, () => this.#end());
  }

  static async open(docker: Docker, containerId: string): Promise<ContainerShell> {
    const exec = await docker.getContainer(containerId).exec({
      // The shell is its session's leader, and so by its number all can be ended that it started.
      Cmd: ['sh', '-c', 'echo $$; exec sh'],
      AttachStdin: true,
      AttachStdout: true,
      AttachStderr: true,
    });
    return new ContainerShell(await exec.start({ hijack: true, stdin: true }));
  }

  /** Runs a script in a subshell whose input is empty, so that it can neither end the shell nor eat the next script. */
  run(script: string): Promise<ScriptEnd> {
    if (this.#ended) return Promise.resolve({ type: 'gone' });
    if (this.#waiting) return Promise.reject(new Error('a shell runs one script at a time'));
    const marker = `--end-${this.#secret}-${this.#count++}--`;
    return new Promise((resolve) => {
      this.#waiting = { stdout: new Output(marker), stderr: new Output(marker), resolve };
      this.#stream.write(
        `(${script}\n) </dev/null; set -- $?; printf '\\n${marker}\\n' >&2; printf '\\n%s\\n${marker}\\n' $1\n`,
      );
    });
  }

  /** True once it can run no more; another has to be opened then. */
  get hasEnded(): boolean {
    return this.#ended;
  }

  /** Number of its session in the container; undefined until it has said a word. */
  get session(): number | undefined {
    return this.#session;
  }

  close(): void {
    this.#end();
    this.#stream.destroy();
  }

  #take(output: 'stdout' | 'stderr', text: string): void {
    const own = output === 'stdout' && this.#session === undefined ? this.#withoutGreeting(text) : text;
    const waiting = this.#waiting;
    if (!waiting || own === '') return;
    waiting[output].push(own);
    if (waiting.stdout.isComplete && waiting.stderr.isComplete) {
      this.#settle({ type: 'done', result: resultOf(waiting) });
    } else if (waiting[output].isTooMuch && !waiting[output].isComplete) {
      this.#settle({ type: 'too-much', stdout: waiting.stdout.text, stderr: waiting.stderr.text });
      this.close();
    }
  }

  #withoutGreeting(text: string): string {
    this.#greeting += text;
    const end = this.#greeting.indexOf('\n');
    if (end < 0) return '';
    this.#session = Number(this.#greeting.slice(0, end));
    return this.#greeting.slice(end + 1);
  }

  #settle(end: ScriptEnd): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.resolve(end);
  }

  #end(): void {
    this.#ended = true;
    this.#settle({ type: 'gone' });
  }
}

/** The exit code stands on the last line before the marker. */
function resultOf({ stdout, stderr }: Waiting): ScriptResult {
  const { text } = stdout;
  const lastBreak = text.lastIndexOf('\n');
  return {
    exitCode: Number(text.slice(lastBreak + 1)),
    stdout: text.slice(0, Math.max(0, lastBreak)),
    stderr: stderr.text,
  };
}

/** A word that the shell takes as it is, whatever it contains. */
export function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
