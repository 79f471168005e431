import { type Duplex, PassThrough } from 'node:stream';
import type Docker from 'dockerode';
import { Failure } from '../../results/failure.ts';

/** What a script left behind. */
export interface ScriptResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** One of the shell's two outputs: what came since the script began. */
interface Output {
  text: string;
}

interface Waiting {
  readonly marker: string;
  readonly resolve: (result: ScriptResult) => void;
  readonly reject: (error: Error) => void;
}

/**
 * A shell that stays open in a container. Starting a program through the engine's API costs 30 to 500 ms, most of it in
 * the container runtime; a line to a shell that is already there costs one fork. It runs one script at a time.
 */
export class ContainerShell {
  readonly #stream: Duplex;
  readonly #where: string;
  readonly #stdout: Output;
  readonly #stderr: Output;
  #waiting: Waiting | undefined;
  #ended = false;
  #count = 0;

  private constructor(stream: Duplex, docker: Docker, where: string) {
    this.#stream = stream;
    this.#where = where;
    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    this.#stdout = this.#collect(stdout);
    this.#stderr = this.#collect(stderr);
    docker.modem.demuxStream(stream, stdout, stderr);
    for (const event of ['end', 'close', 'error']) stream.once(event, () => this.#end());
  }

  /** @param where names the container in messages */
  static async open(docker: Docker, containerId: string, where: string): Promise<ContainerShell> {
    const exec = await docker.getContainer(containerId).exec({
      Cmd: ['sh'],
      AttachStdin: true,
      AttachStdout: true,
      AttachStderr: true,
    });
    return new ContainerShell(await exec.start({ hijack: true, stdin: true }), docker, where);
  }

  /**
   * Runs a script in a subshell whose input is empty, so that it can neither end the shell nor eat the next script.
   * @throws Failure `infrastructure` where the shell ends before the script does, as when its container is removed
   */
  run(script: string): Promise<ScriptResult> {
    if (this.#ended) return Promise.reject(this.#failure('its shell has ended'));
    if (this.#waiting) return Promise.reject(new Error('a shell runs one script at a time'));
    const marker = `--end-${this.#count++}--`;
    this.#stdout.text = '';
    this.#stderr.text = '';
    return new Promise((resolve, reject) => {
      this.#waiting = { marker, resolve, reject };
      this.#stream.write(
        `(${script}\n) </dev/null; set -- $?; printf '\\n${marker}\\n' >&2; printf '\\n%s\\n${marker}\\n' $1\n`,
      );
    });
  }

  /** True once it can run no more; another has to be opened then. */
  get hasEnded(): boolean {
    return this.#ended;
  }

  close(): void {
    this.#end();
    this.#stream.destroy();
  }

  #collect(from: PassThrough): Output {
    const output = { text: '' };
    from.setEncoding('utf8');
    from.on('data', (text: string) => {
      output.text += text;
      this.#look();
    });
    return output;
  }

  #look(): void {
    const waiting = this.#waiting;
    if (!waiting) return;
    const end = `\n${waiting.marker}\n`;
    const [outEnd, errEnd] = [this.#stdout.text.lastIndexOf(end), this.#stderr.text.lastIndexOf(end)];
    if (outEnd < 0 || errEnd < 0) return;
    const stdout = this.#stdout.text.slice(0, outEnd);
    const lastBreak = stdout.lastIndexOf('\n');
    this.#waiting = undefined;
    waiting.resolve({
      exitCode: Number(stdout.slice(lastBreak + 1)),
      stdout: stdout.slice(0, lastBreak),
      stderr: this.#stderr.text.slice(0, errEnd),
    });
  }

  #end(): void {
    this.#ended = true;
    this.#waiting?.reject(this.#failure('its shell ended before the program did'));
    this.#waiting = undefined;
  }

  #failure(text: string): Failure {
    return new Failure(
      'infrastructure',
      `in ${this.#where}: ${text}`,
      'Look at the engine’s log; if the container was removed by hand, start the run again with --resume.',
    );
  }
}

/** A word that the shell takes as it is, whatever it contains. */
export function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
