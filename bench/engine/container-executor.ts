import type Docker from 'dockerode';
import { Failure } from '../../results/failure.ts';
import { ContainerShell, quoted, type ScriptEnd, type ScriptResult } from './container-shell.ts';
import { containerState } from './container-state.ts';
import type { ExecOptions, ExecResult, Executor } from './executor.ts';
import { mostOutputText } from './output.ts';
import { within } from './within.ts';
import { lastLine } from './words.ts';

/** Exit code of a program that SIGKILL ended, by `timeout -s KILL` or by anything else: 128 + 9. */
const killed = 137;
/** A program's deadline is kept in its container; where nothing is heard for so much longer, it is not kept. */
const graceSeconds = 10;
/** For a shell to open: a new program in a container costs the engine up to half a second, and more under load. */
const openSeconds = 30;
/** For a server to be put into the background. */
const startSeconds = 20;

/**
 * Runs programs inside a container through shells that stay open in it, as many as programs run at once. The deadline is
 * kept inside the container (`timeout`, with all that the program started), because giving up a shell does not end what
 * runs in it; and once more here, since a container can stand still or be gone.
 */
export class ContainerExecutor implements Executor {
  readonly where: string;
  readonly #docker: Docker;
  readonly #containerId: string;
  readonly #idle: ContainerShell[] = [];
  #folder: Promise<string> | undefined;

  constructor(docker: Docker, container: { readonly id: string; readonly name: string }, engineName: string) {
    this.#docker = docker;
    this.#containerId = container.id;
    this.where = `container ${container.name} on ${engineName}`;
  }

  async run(argv: readonly string[], options: ExecOptions): Promise<ExecResult> {
    const deadline = Math.ceil(options.deadlineSeconds);
    const command = ['timeout', '-s', 'KILL', String(deadline), ...argv].map(quoted).join(' ');
    const input = options.stdin === undefined ? '' : `printf %s ${quoted(options.stdin)} | `;
    const began = performance.now();
    const end = await this.#inShell(input + command, deadline + graceSeconds);
    if (end.type === 'too-much') {
      const { stdout, stderr } = end;
      const stoppedBecause = `it wrote more than ${mostOutputText}`;
      return { exitCode: killed, stdout, stderr, timedOut: false, stoppedBecause };
    }
    if (end.type === 'done' && end.result.exitCode !== killed) return { ...end.result, timedOut: false };
    const state = await containerState(this.#docker, this.#containerId);
    if (state.type === 'gone') throw this.#failure(state.why, state.remedy);
    const isLate = (performance.now() - began) / 1000 >= deadline;
    const result = end.type === 'done' ? end.result : { exitCode: killed, stdout: '', stderr: '' };
    if (isLate) return { ...result, timedOut: true };
    const stoppedBecause =
      end.type === 'done'
        ? 'something killed it (SIGKILL), as the kernel does where memory runs out'
        : 'the connection to its shell was lost';
    return { ...result, timedOut: false, stoppedBecause };
  }

  async start(argv: readonly string[]): Promise<void> {
    // In a session of its own, so that it stays where a program of the same shell has to be ended.
    await this.script(`setsid ${argv.map(quoted).join(' ')} >/dev/null 2>&1 &`, startSeconds);
  }

  folder(): Promise<string> {
    this.#folder ??= this.#makeFolder();
    return this.#folder;
  }

  inShell(argv: readonly string[]): readonly string[] {
    return argv;
  }

  /** `mktemp` makes it for its owner only, under a name that nobody can have been waiting at. */
  async #makeFolder(): Promise<string> {
    const { exitCode, stdout, stderr } = await this.script('mktemp -d /tmp/tare-XXXXXXXXXXXX', startSeconds);
    const folder = stdout.trim();
    if (exitCode === 0 && /^\/tmp\/tare-\w{12}$/.test(folder)) return folder;
    throw this.#failure(
      `no folder can be made in its /tmp: ${lastLine(stderr)}`,
      'Make sure that there is space.',
    );
  }

  /**
   * Runs a script in an open shell itself: it costs no program's start, and the deadline no watchdog in the container.
   * @throws Failure `infrastructure` where it does not end in time or writes more than is taken in
   */
  async script(script: string, deadlineSeconds: number): Promise<ScriptResult> {
    const end = await this.#inShell(script, deadlineSeconds);
    if (end.type === 'done') return end.result;
    if (end.type === 'too-much') {
      throw new Failure(
        'infrastructure',
        `in ${this.where}: a script wrote more than ${mostOutputText}`,
        'See what on that host is so long: its interfaces, rules or connections.',
      );
    }
    const state = await containerState(this.#docker, this.#containerId);
    if (state.type === 'gone') throw this.#failure(state.why, state.remedy);
    throw new Failure(
      'infrastructure',
      `in ${this.where}: ${end.type === 'late' ? `a script did not end within ${deadlineSeconds} s` : 'the connection to its shell was lost'}`,
      'Look at the load of that host and at the engine’s log.',
    );
  }

  /** Ends the shells that stay open; the container goes on, and so do programs that were started. */
  close(): void {
    for (const shell of this.#idle.splice(0)) shell.close();
  }

  /** Whatever runs in a shell that is given up is ended with it. */
  async #inShell(script: string, deadlineSeconds: number): Promise<ScriptEnd | { readonly type: 'late' }> {
    const shell = await this.#shell();
    const end = await within(deadlineSeconds, shell.run(script));
    if (end !== 'late' && end.type === 'done') {
      this.#idle.push(shell);
      return end;
    }
    shell.close();
    await this.#endSession(shell.session);
    return end === 'late' ? { type: 'late' } : end;
  }

  async #shell(): Promise<ContainerShell> {
    let shell = this.#idle.pop();
    // One may have ended meanwhile, as its container was made anew or its engine started again.
    while (shell?.hasEnded) shell = this.#idle.pop();
    if (shell) return shell;
    const opened = await within(openSeconds, ContainerShell.open(this.#docker, this.#containerId));
    if (opened !== 'late') return opened;
    throw this.#failure(
      `no shell opened in it within ${openSeconds} s`,
      'Look at the load of that host and at the engine’s log.',
    );
  }

  /** Kills what a shell left running, as far as its container still does anything. */
  async #endSession(session: number | undefined): Promise<void> {
    if (session === undefined || !Number.isSafeInteger(session)) return;
    const state = await containerState(this.#docker, this.#containerId);
    if (state.type === 'gone') return;
    const end = async () => {
      const shell = await this.#shell();
      await within(graceSeconds, shell.run(`pkill -KILL -s ${session}`));
      shell.close();
    };
    await end().catch(() => undefined);
  }

  #failure(why: string, remedy: string): Failure {
    return new Failure('infrastructure', `${this.where}, in which a program ran: ${why}`, remedy);
  }
}
