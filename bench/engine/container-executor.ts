import { PassThrough } from 'node:stream';
import type Docker from 'dockerode';
import { Failure } from '../../results/failure.ts';
import type { ExecOptions, ExecResult, Executor } from './executor.ts';

/** Exit code of busybox `timeout -s KILL` after it had to kill: 128 + SIGKILL. */
const killedByDeadline = 137;

/**
 * Runs programs inside a container through `docker exec`. The deadline is kept inside the container (busybox
 * `timeout`), because closing an exec's stream does not end its process.
 */
export class ContainerExecutor implements Executor {
  readonly where: string;
  readonly #docker: Docker;
  readonly #containerId: string;

  constructor(docker: Docker, container: { readonly id: string; readonly name: string }, engineName: string) {
    this.#docker = docker;
    this.#containerId = container.id;
    this.where = `container ${container.name} on ${engineName}`;
  }

  async run(argv: readonly string[], options: ExecOptions): Promise<ExecResult> {
    const deadline = String(Math.ceil(options.deadlineSeconds));
    const { exec, stream } = await this.#begin(
      ['timeout', '-s', 'KILL', deadline, ...argv],
      options.stdin !== undefined,
    );
    const stdout = new PassThrough();
    const stderr = new PassThrough();
    this.#docker.modem.demuxStream(stream, stdout, stderr);
    if (options.stdin !== undefined) stream.end(options.stdin);
    const output = Promise.all([text(stdout), text(stderr)]);
    await new Promise<void>((resolve, reject) => {
      stream.once('end', resolve).once('close', resolve).once('error', reject);
    });
    stdout.end();
    stderr.end();
    const [out, err] = await output;
    const exitCode = (await exec.inspect()).ExitCode;
    if (exitCode === null || exitCode === undefined) {
      throw new Failure(
        'infrastructure',
        `the engine lost ${argv[0]} in ${this.where} before it ended`,
        'Look at the engine’s log; if the container was removed by hand, start the run again with --resume.',
      );
    }
    return { exitCode, stdout: out, stderr: err, timedOut: exitCode === killedByDeadline };
  }

  async start(argv: readonly string[]): Promise<void> {
    const exec = await this.#docker.getContainer(this.#containerId).exec({ Cmd: [...argv] });
    const stream = await exec.start({ Detach: true });
    // The engine has answered, but keeps the connection; left open it would keep this process alive.
    stream.destroy();
  }

  async #begin(argv: string[], withStdin: boolean) {
    const exec = await this.#docker
      .getContainer(this.#containerId)
      .exec({ Cmd: argv, AttachStdout: true, AttachStderr: true, AttachStdin: withStdin });
    const stream = await exec.start({ hijack: withStdin, stdin: withStdin });
    return { exec, stream };
  }
}

async function text(stream: NodeJS.ReadableStream): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
}
