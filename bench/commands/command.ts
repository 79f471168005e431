/** Exit codes of every command. */
export const exitCodes = {
  ok: 0,
  regressed: 1,
  usage: 2,
  inconclusive: 3,
  infrastructure: 4,
  interrupted: 130,
} as const;

/** What a command is given beside its own options, and hands back: the exit code. Nothing else ends the process. */
export interface CommandContext {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Aborted by the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
  /** The command line as typed, to be told in the record. */
  readonly commandLine: string;
}
