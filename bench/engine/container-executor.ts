import type Docker from 'dockerode';
import { ContainerShell, quoted, type ScriptResult } from './container-shell.ts';
import type { ExecOptions, ExecResult, Executor } from './executor.ts';

/** Exit code of busybox `timeout -s KILL` after it had to kill: 128 + SIGKILL. */
const killedByDeadline = 137;

/**
 * Runs programs inside a container through shells that stay open in it, as many as programs run at once. The deadline is
 * kept inside the container (busybox `timeout`), because giving up a shell does not end what it started.
 */
export class ContainerExecutor implements Executor {
  readonly where: string;
  readonly #docker: Docker;
  readonly #containerId: string;
  readonly #idle: ContainerShell[] = [];

  constructor(docker: Docker, container: { readonly id: string; readonly name: string }, engineName: string) {
    this.#docker = docker;
    this.#containerId = container.id;
    this.where = `container ${container.name} on ${engineName}`;
  }

  async run(argv: readonly string[], options: ExecOptions): Promise<ExecResult> {
    const deadline = String(Math.ceil(options.deadlineSeconds));
    const command = ['timeout', '-s', 'KILL', deadline, ...argv].map(quoted).join(' ');
    const input = options.stdin === undefined ? '' : `printf %s ${quoted(options.stdin)} | `;
    const result = await this.script(input + command);
    return { ...result, timedOut: result.exitCode === killedByDeadline };
  }

  async start(argv: readonly string[]): Promise<void> {
    await this.script(`${argv.map(quoted).join(' ')} >/dev/null 2>&1 &`);
  }

  /**
   * Runs a script in an open shell itself: it costs no program's start, and the deadline no watchdog in the container.
   * @param deadlineSeconds absent for a script that bounds itself
   * @throws Failure `infrastructure` where it does not end in time; its shell is given up then
   */
  async script(script: string, deadlineSeconds?: number): Promise<ScriptResult> {
    let shell = this.#idle.pop();
    // One may have ended meanwhile, as its container was made anew or its engine started again.
    while (shell?.hasEnded) shell = this.#idle.pop();
    shell ??= await ContainerShell.open(this.#docker, this.#containerId, this.where);
    const inUse = shell;
    const timer =
      deadlineSeconds === undefined ? undefined : setTimeout(() => inUse.close(), deadlineSeconds * 1000);
    try {
      const result = await inUse.run(script);
      this.#idle.push(inUse);
      return result;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Ends the shells that stay open; the container goes on, and so do programs that were started. */
  close(): void {
    for (const shell of this.#idle.splice(0)) shell.close();
  }
}
