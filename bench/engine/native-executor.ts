import { execa } from 'execa';
import type { ExecOptions, ExecResult, Executor } from './executor.ts';
import { programMarks } from './labels.ts';

interface Server {
  kill(): void;
  readonly ended: PromiseLike<unknown>;
}

/**
 * Runs programs on this machine without a container, for the `bare` scenario. `toNative` turns a toolbox command line
 * into one that runs the image's own program file here, so that both ends of every scenario are the same bytes.
 */
export class NativeExecutor implements Executor {
  readonly where = 'this machine';
  readonly #toNative: (argv: readonly string[]) => readonly string[];
  readonly #servers = new Set<Server>();

  readonly #env: Record<string, string>;

  /** @param runId goes into the programs' environment with Tare's other marks, by which `tare clean` finds what a kill left */
  constructor(toNative: (argv: readonly string[]) => readonly string[], runId: string) {
    this.#toNative = toNative;
    this.#env = programMarks(runId);
  }

  async run(argv: readonly string[], options: ExecOptions): Promise<ExecResult> {
    const [program, ...rest] = this.#toNative(argv);
    const result = await execa(program as string, rest, {
      reject: false,
      env: this.#env,
      timeout: options.deadlineSeconds * 1000,
      killSignal: 'SIGKILL',
      stripFinalNewline: false,
      ...(options.stdin === undefined ? { stdin: 'ignore' } : { input: options.stdin }),
    });
    return {
      exitCode: result.exitCode ?? 127,
      stdout: result.stdout,
      stderr: result.exitCode === undefined && !result.timedOut ? (result.message ?? '') : result.stderr,
      timedOut: result.timedOut,
    };
  }

  async start(argv: readonly string[]): Promise<void> {
    const [program, ...rest] = this.#toNative(argv);
    const child = execa(program as string, rest, {
      reject: false,
      env: this.#env,
      stdio: 'ignore',
      cleanup: true,
    });
    const server: Server = { kill: () => child.kill('SIGKILL'), ended: child };
    this.#servers.add(server);
    void child.then(() => this.#servers.delete(server));
  }

  /** Ends every server that was started and waits until they are gone. */
  async stop(): Promise<void> {
    const servers = [...this.#servers];
    for (const server of servers) server.kill();
    await Promise.allSettled(servers.map((server) => server.ended));
  }
}
