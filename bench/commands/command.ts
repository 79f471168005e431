/** Exit codes of every command. */
export const exitCodes = {
  ok: 0,
  regressed: 1,
  usage: 2,
  inconclusive: 3,
  infrastructure: 4,
  interrupted: 130,
} as const;

/** Where a command's text goes. */
export interface Output {
  /** What stands there is made harmless, so that nobody's text steers a terminal or a CI runner. */
  write(text: string): unknown;
  /** Writes over the current line of a terminal. */
  renew(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** What a command is given beside its own options, and hands back: the exit code. Nothing else ends the process. */
export interface CommandContext {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Aborted by the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
  /** The command line as typed, to be told in the record. */
  readonly commandLine: string;
}
