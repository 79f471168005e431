/** What a finished program left behind. A non-zero exit code is a result, not an exception. */
export interface ExecResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  /** True where the deadline ended the program. */
  readonly timedOut: boolean;
  /** Present where something else ended it before it was done: what, as a clause that follows “because”. */
  readonly stoppedBecause?: string;
}

export interface ExecOptions {
  /** After this many seconds the program is killed where it runs. */
  readonly deadlineSeconds: number;
  readonly stdin?: string;
}

/**
 * Runs programs of the toolbox image. Two implementations: in a container (dockerode exec), and natively on this
 * machine (execa, with the same program files taken from the image).
 */
export interface Executor {
  /** For messages: `container tare-ab12-server on node-1`, `this machine`. */
  readonly where: string;
  /** Runs a program to its end. Throws only where the engine itself fails. */
  run(argv: readonly string[], options: ExecOptions): Promise<ExecResult>;
  /** A folder for its programs' files, open to nobody else, made when first asked for. It goes with the pair or the run. */
  folder(): Promise<string>;
  /** A command line as a shell has to be given it that runs there itself. */
  inShell(argv: readonly string[]): readonly string[];
  /** Starts a program that stays up (a server) and returns at once. It ends with the pair. */
  start(argv: readonly string[]): Promise<void>;
}
