import { type Duplex, PassThrough } from 'node:stream';
import { Failure } from '../results/failure.ts';
import type { Engine } from './engine/engine.ts';

/** Seconds after which a reading is given up; one takes milliseconds, but iptables waits while an engine writes rules. */
const deadlineSeconds = 60;

interface Waiting {
  readonly marker: string;
  readonly resolve: (output: string) => void;
  readonly reject: (error: Error) => void;
}

/**
 * A shell that stays open in the probe of one engine. Starting a program through the engine's API costs 30 to 500 ms,
 * most of it in the container runtime; a line to a shell that is already there costs one fork.
 */
export class ProbeSession {
  readonly #stream: Duplex;
  readonly #where: string;
  readonly #waiting: Waiting[] = [];
  #buffer = '';
  #ended = false;
  #count = 0;

  private constructor(stream: Duplex, stdout: NodeJS.ReadableStream, where: string) {
    this.#stream = stream;
    this.#where = where;
    stdout.setEncoding('utf8');
    stdout.on('data', (text: string) => this.#take(text));
    for (const event of ['end', 'close', 'error']) stream.once(event, () => this.#end());
  }

  static async open(engine: Engine, containerId: string): Promise<ProbeSession> {
    const container = engine.docker.getContainer(containerId);
    const exec = await container.exec({
      Cmd: ['sh'],
      AttachStdin: true,
      AttachStdout: true,
      AttachStderr: true,
    });
    const stream = await exec.start({ hijack: true, stdin: true });
    const stdout = new PassThrough();
    // Scripts send what they want read to standard output; the rest is dropped, not left to fill a pipe.
    const stderr = new PassThrough().resume();
    engine.docker.modem.demuxStream(stream, stdout, stderr);
    return new ProbeSession(stream, stdout, engine.name);
  }

  /**
   * Runs a script and gives its standard output; its exit code is not looked at. Calls are answered in order.
   * @throws Failure `infrastructure` where the shell has ended or does not answer in time
   */
  run(script: string): Promise<string> {
    if (this.#ended) return Promise.reject(this.#failure('the probe’s shell has ended'));
    const marker = `--end-${this.#count++}--`;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(this.#failure(`the probe’s shell does not answer within ${deadlineSeconds} s`));
        this.close();
      }, deadlineSeconds * 1000);
      const settle = <T>(then: (value: T) => void) => {
        return (value: T) => {
          clearTimeout(timer);
          then(value);
        };
      };
      this.#waiting.push({ marker, resolve: settle(resolve), reject: settle(reject) });
      // In a subshell with no input of its own, so that a script can neither end the shell nor eat the next request.
      this.#stream.write(`(${script}\n) </dev/null 2>/dev/null; echo; echo ${marker}\n`);
    });
  }

  /** True once it can answer no more; another has to be opened then. */
  get hasEnded(): boolean {
    return this.#ended;
  }

  close(): void {
    this.#end();
    this.#stream.destroy();
  }

  #take(text: string): void {
    this.#buffer += text;
    for (let first = this.#waiting[0]; first; first = this.#waiting[0]) {
      const end = this.#buffer.indexOf(`\n${first.marker}\n`);
      if (end < 0) return;
      const output = this.#buffer.slice(0, end);
      this.#buffer = this.#buffer.slice(end + first.marker.length + 2);
      this.#waiting.shift();
      first.resolve(output);
    }
  }

  #end(): void {
    this.#ended = true;
    for (const waiting of this.#waiting.splice(0)) {
      waiting.reject(this.#failure('the probe’s shell ended before it answered'));
    }
  }

  #failure(text: string): Failure {
    return new Failure(
      'infrastructure',
      `on ${this.#where}: ${text}`,
      'If the probe container was removed by hand, start the run again with --resume.',
    );
  }
}
