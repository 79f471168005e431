import { rmSync } from 'node:fs';
import { execa } from 'execa';
import type { ExecOptions, ExecResult, Executor } from './executor.ts';
import { programMarks } from './labels.ts';
import { makeNativeFolder } from './native-folders.ts';
import { mostOutput, mostOutputText } from './output.ts';

/** Exit code of a program that SIGKILL ended: 128 + 9. */
const killed = 137;
const killedBySomething = 'something killed it (SIGKILL), as the kernel does where memory runs out';
/** Should the watchdog itself be held up. */
const graceSeconds = 10;

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
  #folder: string | undefined;

  readonly #env: Record<string, string>;

  /** @param runId goes into the programs' environment with Tare's other marks, by which `tare clean` finds what a kill left */
  constructor(toNative: (argv: readonly string[]) => readonly string[], runId: string) {
    this.#toNative = toNative;
    this.#env = programMarks(runId);
  }

  async run(argv: readonly string[], options: ExecOptions): Promise<ExecResult> {
    // The same watchdog as in containers: it ends what the program started, too.
    const deadline = Math.ceil(options.deadlineSeconds);
    const watchdog = this.#toNative(['timeout', '-s', 'KILL', String(deadline)]);
    const [program, ...rest] = [...watchdog, ...this.#toNative(argv)];
    const began = performance.now();
    const result = await execa(program as string, rest, {
      reject: false,
      env: this.#env,
      timeout: (deadline + graceSeconds) * 1000,
      killSignal: 'SIGKILL',
      maxBuffer: mostOutput,
      stripFinalNewline: false,
      ...(options.stdin === undefined ? { stdin: 'ignore' } : { input: options.stdin }),
    });
    const { stdout, stderr } = result;
    const exitCode = result.exitCode ?? killed;
    const isLate = (performance.now() - began) / 1000 >= deadline;
    if (result.isMaxBuffer) {
      return {
        exitCode,
        stdout,
        stderr,
        timedOut: false,
        stoppedBecause: `it wrote more than ${mostOutputText}`,
      };
    }
    if (result.timedOut || (exitCode === killed && isLate))
      return { exitCode, stdout, stderr, timedOut: true };
    if (exitCode !== killed) return { exitCode, stdout, stderr, timedOut: false };
    const why =
      result.isTerminated || result.exitCode !== undefined
        ? killedBySomething
        : (result.shortMessage ?? killedBySomething);
    return { exitCode, stdout, stderr, timedOut: false, stoppedBecause: why };
  }

  /** In the state folder, which is its owner's: in the machine's temporary folder anybody could wait at a name. */
  async folder(): Promise<string> {
    this.#folder ??= makeNativeFolder();
    return this.#folder;
  }

  inShell(argv: readonly string[]): readonly string[] {
    return this.#toNative(argv);
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

  /** Ends every server that was started, waits until they are gone, and removes the files of all programs. */
  async stop(): Promise<void> {
    const servers = [...this.#servers];
    for (const server of servers) server.kill();
    await Promise.allSettled(servers.map((server) => server.ended));
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true });
    this.#folder = undefined;
  }
}
