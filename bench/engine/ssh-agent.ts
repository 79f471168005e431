import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { Agent } from 'node:http';
import { Duplex } from 'node:stream';
import { shellWord } from '../../results/shell-word.ts';
import type { EngineAddress } from './engine-address.ts';
import { ConnectionTrouble } from './engine-fault.ts';
import { controlSocket } from './ssh-sockets.ts';
import { lastLine } from './words.ts';

type SshTarget = Extract<EngineAddress, { type: 'ssh' }>;

// sshd allows ten sessions on one connection (MaxSessions); one of them is the master's own.
const sessionsPerMaster = 8;
/** Seconds that ssh gives the other side to answer. */
const connectSeconds = 10;

// The user's own configuration holds for keys, aliases, jumps and host keys. What would ask somebody, forward ports or
// run something else is turned off.
const settings = [
  ...['BatchMode=yes', `ConnectTimeout=${connectSeconds}`, 'ClearAllForwardings=yes', 'RemoteCommand=none'],
  ...['RequestTTY=no', 'ControlPersist=no', 'ForkAfterAuthentication=no', 'StdinNull=no'],
].flatMap((setting) => ['-o', setting]);

/**
 * Reaches an engine as Docker's own client does: by the system's ssh, which runs `docker system dial-stdio` there. One
 * connection is kept and carries every session, so that only the first request pays for a handshake.
 */
export class SshAgent extends Agent {
  readonly #target: SshTarget;
  #masters: Promise<Master>[] = [];

  constructor(target: SshTarget) {
    super({ keepAlive: true });
    this.#target = target;
  }

  override createConnection(
    _options: object,
    created?: (error: Error | null, stream: Duplex) => void,
  ): never {
    this.#open().then(
      (stream) => created?.(null, stream),
      (error: Error) => created?.(error, undefined as never),
    );
    return undefined as never;
  }

  async #open(): Promise<Duplex> {
    const master = await this.#free();
    const session = new SshSession(['-o', 'ControlMaster=no', '-S', master.path], this.#target);
    session.once('close', () => {
      master.sessions--;
    });
    return session;
  }

  /** A connection that has room for one more session. */
  async #free(): Promise<Master> {
    for (const known of this.#masters) {
      const master = await known;
      if (master.hasEnded || master.sessions >= sessionsPerMaster) continue;
      master.sessions++;
      return master;
    }
    const fresh = startMaster(this.#target);
    this.#masters.push(fresh);
    const forget = () => {
      this.#masters = this.#masters.filter((each) => each !== fresh);
    };
    fresh.then((master) => master.session.once('close', forget), forget);
    const master = await fresh;
    master.sessions++;
    return master;
  }
}

interface Master {
  readonly session: SshSession;
  /** Of its control socket. */
  readonly path: string;
  sessions: number;
  readonly hasEnded: boolean;
}

let started = 0;

/** Opens a connection that others can share, and keeps it open until this process ends. */
async function startMaster(target: SshTarget): Promise<Master> {
  const path = controlSocket(started++);
  rmSync(path, { force: true });
  const session = new SshSession(['-o', 'ControlMaster=yes', '-S', path], target);
  // Its own session is a first question to the engine: once that is answered, everything on the way works.
  await new Promise<void>((resolve, reject) => {
    session.once('data', () => resolve());
    session.once('error', reject);
    session.once('close', () => reject(new ConnectionTrouble('ssh ended', 'Look at the log of sshd there.')));
    session.write('GET /_ping HTTP/1.1\r\nHost: docker\r\n\r\n');
  });
  session.on('error', () => undefined);
  session.resume();
  session.unref();
  return {
    session,
    path,
    sessions: 0,
    get hasEnded() {
      return session.destroyed;
    },
  };
}

/** One run of ssh as a two-way stream. It ends with this process, however that ends: its input is closed then. */
class SshSession extends Duplex {
  bytesRead = 0;
  bytesWritten = 0;
  readonly #child: ChildProcessWithoutNullStreams;
  #said = '';

  constructor(options: readonly string[], target: SshTarget) {
    super();
    const login = [
      ...(target.user === undefined ? [] : ['-l', target.user]),
      ...(target.port === undefined ? [] : ['-p', String(target.port)]),
    ];
    const socket = target.socket === undefined ? [] : ['--host', `unix://${target.socket}`];
    const remote = ['docker', ...socket, 'system', 'dial-stdio'];
    // In a process group of its own: Ctrl-C must not cut the way on which this process still cleans up.
    this.#child = spawn('ssh', [...settings, ...options, ...login, '--', target.host, ...remote], {
      detached: true,
      stdio: 'pipe',
    });
    const { stdin, stdout, stderr } = this.#child;
    stdout.on('data', (chunk: Buffer) => {
      this.bytesRead += chunk.length;
      if (!this.push(chunk)) stdout.pause();
    });
    stderr.setEncoding('utf8').on('data', (text: string) => {
      if (this.#said.length < 65_536) this.#said += text;
    });
    stdin.on('error', () => undefined);
    this.#child.once('error', (error: NodeJS.ErrnoException) =>
      this.destroy(
        error.code === 'ENOENT'
          ? new ConnectionTrouble(
              'there is no ssh program here',
              'Install it (`apt-get install openssh-client`).',
            )
          : error,
      ),
    );
    // What ssh said comes after its output has ended, so the end waits for it.
    this.#child.once('close', (code) => {
      if (code === 0) this.push(null);
      else this.destroy(explainSsh(target, code, this.#said));
    });
  }

  override _read(): void {
    this.#child.stdout.resume();
  }

  override _write(chunk: Buffer, encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.bytesWritten += chunk.length;
    this.#child.stdin.write(chunk, encoding, () => done());
  }

  override _final(done: () => void): void {
    this.#child.stdin.end(done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#child.kill();
    done(error);
  }

  // What node's http wants of a socket.
  ref(): this {
    this.#eachHandle('ref');
    return this;
  }
  unref(): this {
    this.#eachHandle('unref');
    return this;
  }
  setKeepAlive(): this {
    return this;
  }
  setNoDelay(): this {
    return this;
  }
  setTimeout(): this {
    return this;
  }
  destroySoon(): void {
    this.end(() => this.destroy());
  }

  #eachHandle(action: 'ref' | 'unref'): void {
    this.#child[action]();
    for (const stream of [this.#child.stdin, this.#child.stdout, this.#child.stderr])
      (stream as unknown as { ref(): void; unref(): void })[action]();
  }
}

/** Why ssh ended, by its words; the last of them where they are of no known kind. */
export function explainSsh(
  target: Pick<SshTarget, 'host' | 'user' | 'port'>,
  code: number | null,
  said: string,
): ConnectionTrouble {
  const { host, user, port } = target;
  // As the engine was named: without its user or port the same host may well answer.
  const byHand = [
    'ssh',
    ...(port === undefined ? [] : ['-p', String(port)]),
    shellWord(user === undefined ? host : `${user}@${host}`),
  ].join(' ');
  const known = shellWord(port === undefined ? host : `[${host}]:${port}`);
  const trouble = (message: string, remedy: string) => new ConnectionTrouble(message, remedy);
  if (/REMOTE HOST IDENTIFICATION HAS CHANGED/.test(said)) {
    return trouble(
      `the host key of ${host} is not the one that is known: somebody may be in between`,
      `Find out why it changed; if it is right, \`ssh-keygen -R ${known}\` and connect once by hand.`,
    );
  }
  if (/Host key verification failed|No \S+ host key is known/.test(said)) {
    return trouble(
      `the host key of ${host} is not known`,
      `Connect once by hand (\`${byHand}\`), and accept the key after comparing it.`,
    );
  }
  if (/permission denied while trying to connect|dial unix \S+: connect: permission denied/i.test(said)) {
    return trouble(
      `the user on ${host} may not use Docker there`,
      'Add that user to the group docker there, or log in as another.',
    );
  }
  if (/Permission denied|Too many authentication failures/.test(said)) {
    return trouble(
      `${host} takes none of your keys`,
      `\`${byHand}\` must work without asking: load the key (\`ssh-add\`), or name it in ~/.ssh/config.`,
    );
  }
  if (/docker: (command )?not found|docker: No such file|command not found/i.test(said)) {
    return trouble(
      `there is no docker command on ${host}`,
      'Install Docker’s client there, in the PATH that ssh gives.',
    );
  }
  if (
    /Cannot connect to the Docker daemon|dial unix \S+: connect: (no such file|connection refused)/i.test(
      said,
    )
  ) {
    return trouble(`no Docker Engine runs on ${host}`, 'Start it there.');
  }
  if (/dial-stdio.*is not a docker command|unknown command.*dial-stdio/i.test(said)) {
    return trouble(`the docker command on ${host} is too old`, 'Install version 18.09 or newer there.');
  }
  const last = lastLine(said);
  return trouble(
    last === '' ? `ssh to ${host} ended with ${code}` : `ssh: ${last.replace(/^ssh: /, '')}`,
    `\`${byHand} docker version\` must work without asking.`,
  );
}
