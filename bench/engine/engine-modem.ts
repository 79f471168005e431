import { createReadStream } from 'node:fs';
import { type Agent, type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import { stringify } from 'node:querystring';
import type { Duplex, Writable } from 'node:stream';
import type { z } from 'zod';
import { answerOf } from './answers.ts';
import { type CallLimits, limitsOf } from './call-limits.ts';
import {
  brokenConnection,
  type EngineCall,
  EngineFault,
  nonsense,
  refusal,
  silence,
} from './engine-fault.ts';
import { demultiplex, readEvents } from './engine-streams.ts';
import { beginCall } from './waiting-calls.ts';
import { said } from './words.ts';

/** Of an engine's own words so many characters are told: they may name several causes. */
const mostOfAMessage = 1000;

/** How an engine is reached: everything is given, so that nothing is taken from the environment. */
export interface Connection {
  /** The address for people, without a password. */
  readonly url: string;
  readonly agent: Agent;
  readonly isTls: boolean;
  readonly target: { readonly socketPath: string } | { readonly host: string; readonly port: number };
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether the client's own certificate is past its date. */
  readonly ownCertificateEnded?: boolean;
}

/** What dockerode asks of its modem: a call and how it is meant. */
interface Dial {
  readonly path: string;
  readonly method: string;
  readonly options?: Readonly<Record<string, unknown>> | null;
  readonly file?: string | Buffer | NodeJS.ReadableStream;
  readonly authconfig?: { readonly key?: string; readonly base64?: string };
  readonly registryconfig?: { readonly base64?: string };
  readonly abortSignal?: AbortSignal;
  readonly hijack?: boolean;
  readonly isStream?: boolean;
  readonly statusCodes: Readonly<Record<number, string | boolean>>;
}

type Answered = (error: Error | null, answer: unknown) => void;

/** No answer that Tare reads as a whole comes near this. */
const longestAnswerBytes = 32 * 1024 * 1024;
/** How often a stream is looked at for signs of life. */
const lookMillis = 500;

/**
 * The only way to an engine. It stands in for dockerode's own modem, which lets DOCKER_HOST and its sisters win over an
 * explicit address, waits for ever, and throws past every `finally` at a line that is not JSON. Here every call has a
 * deadline, every answer that Tare reads is checked, and every error is an EngineFault that says which engine and call.
 */
export class EngineModem {
  /** Set by dockerode. */
  Promise = globalThis.Promise;
  /** Name in messages; the address until the engine has one. */
  name: string;
  /** Prefix such as `/v1.51`, where the engine would answer in a newer way than Tare knows. */
  version = '';
  readonly #connection: Connection;
  readonly #limits: (call: string) => CallLimits;

  /** @param limits how long an engine may be silent in a call */
  constructor(connection: Connection, limits: (call: string) => CallLimits = limitsOf) {
    this.#connection = connection;
    this.#limits = limits;
    this.name = connection.url;
  }

  dial(options: Dial, answered: Answered): void {
    this.#call(options).then(
      (answer) => answered(null, answer),
      (error) => answered(error, null),
    );
  }

  /**
   * Asks for something and checks the answer.
   * @throws EngineFault
   */
  async get<T extends z.ZodType>(path: string, schema: T, deadlineSeconds: number): Promise<z.infer<T>> {
    const limits = { answerSeconds: deadlineSeconds, idleSeconds: deadlineSeconds };
    const answer = await this.#call({ path, method: 'GET', statusCodes: { 200: true } }, limits);
    return schema.parse(answer);
  }

  demuxStream(stream: NodeJS.ReadableStream, stdout: Writable, stderr: Writable): void {
    demultiplex(stream, stdout, stderr);
  }

  /** Reads the JSON lines of a build, load or pull; what is no JSON ends it with an EngineFault. */
  followProgress(
    stream: NodeJS.ReadableStream,
    onFinished: (error: Error | null, events: unknown[]) => void,
    onProgress?: (event: unknown) => void,
  ): void {
    const at = this.#at('the progress of a stream');
    readEvents(stream, (what) => nonsense(at, what), onProgress).then(
      (events) => onFinished(null, events),
      (error) => onFinished(error, []),
    );
  }

  #at(call: string): EngineCall {
    return { engine: this.name, url: this.#connection.url, call };
  }

  async #call(dial: Dial, given?: CallLimits, isSecondTry = false): Promise<unknown> {
    const [path = ''] = dial.path.split('?');
    const call = `${dial.method} ${path}`;
    const at = this.#at(call);
    const limits = given ?? this.#limits(call);
    const waiting = beginCall(this, () => this.name, call);
    let late: EngineFault | undefined;
    let isStale = false;
    try {
      const { request, upgraded } = this.#send(dial);
      const giveUp = () => {
        late = silence(at, limits.answerSeconds);
        request.destroy(late);
      };
      // What is being sent may take as long as it moves.
      const watch = dial.file
        ? watchSocket(() => request.socket, limits.answerSeconds, giveUp)
        : deadline(limits.answerSeconds, giveUp);
      request.once('error', (error: NodeJS.ErrnoException) => {
        isStale = request.reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
      });
      try {
        const answer = await Promise.race([responseTo(request), upgraded]);
        if ('stream' in answer) {
          waiting.ended();
          return answer.stream;
        }
        const { response } = answer;
        waiting.heard();
        const succeeded = dial.statusCodes[response.statusCode ?? 0] === true;
        if (succeeded && dial.hijack) throw nonsense(at, 'no open stream');
        if (succeeded && dial.isStream) {
          const idle = () => response.destroy(silence(at, limits.idleSeconds));
          const stream = watchSocket(() => response.socket, limits.idleSeconds, idle);
          response.once('close', stream.end);
          response.on('error', () => undefined);
          waiting.ended();
          return response;
        }
        const body = await wholeOf(response, at);
        waiting.ended();
        if (!succeeded) throw refusal(at, response.statusCode ?? 0, wordsOf(body));
        return checked(call, body, at);
      } finally {
        watch.end();
      }
    } catch (error) {
      waiting.failed();
      // The other side may have closed a kept connection a moment ago; to ask or to remove again changes nothing.
      if (isStale && !late && /^(GET|DELETE)$/.test(dial.method) && !isSecondTry)
        return this.#call(dial, given, true);
      throw late ?? this.#faultOf(error as Error, at, dial.abortSignal);
    }
  }

  #faultOf(error: Error & { code?: string }, at: EngineCall, signal: AbortSignal | undefined): Error {
    if (error instanceof EngineFault || signal?.aborted) return error;
    return brokenConnection(at, error, this.#connection.isTls && this.#connection.ownCertificateEnded);
  }

  #send(dial: Dial) {
    const { agent, isTls, target, headers = {} } = this.#connection;
    const { body, sent } = bodyOf(dial);
    const options = {
      ...target,
      agent,
      method: dial.method,
      path: `${this.version}${pathOf(dial)}`,
      headers: {
        ...headers,
        ...authorization(dial),
        ...(body === undefined && sent === undefined
          ? {}
          : { 'content-type': sent ? 'application/x-tar' : 'application/json' }),
        ...(body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
        ...(dial.hijack ? { connection: 'Upgrade', upgrade: 'tcp' } : {}),
      },
      ...(dial.abortSignal ? { signal: dial.abortSignal } : {}),
    };
    const request = isTls ? httpsRequest(options) : httpRequest(options);
    const upgraded = new Promise<{ stream: Duplex }>((resolve) => {
      if (!dial.hijack) return;
      request.once('upgrade', (_response, stream: Duplex, head: Buffer) => {
        if (head.length > 0) stream.unshift(head);
        // It is not kept for others, and may be still for as long as it likes.
        if ('setTimeout' in stream) (stream as Socket).setTimeout(0);
        // Whoever uses it looks at its end; an error that comes later still has nobody.
        stream.on('error', () => undefined);
        resolve({ stream });
      });
    });
    if (sent) {
      // What can't be read here is no fault of the engine.
      sent.once('error', (error) => request.destroy(error));
      sent.pipe(request);
    } else {
      request.end(body);
    }
    // An error that comes after the answer has been taken has nobody to go to but the stream itself.
    request.on('error', () => undefined);
    return { request, upgraded };
  }
}

function responseTo(request: ClientRequest): Promise<{ response: IncomingMessage }> {
  return new Promise((resolve, reject) => {
    request.once('response', (response) => resolve({ response }));
    request.once('error', reject);
    request.once('close', () =>
      reject(Object.assign(new Error('the connection ended'), { code: 'ECONNRESET' })),
    );
  });
}

interface Watch {
  end(): void;
}

function deadline(seconds: number, late: () => void): Watch {
  const timer = setTimeout(late, seconds * 1000);
  return { end: () => clearTimeout(timer) };
}

/** Says so where nothing moves on a connection for so long: not a byte sent, not one received. */
function watchSocket(socket: () => Moving | null, seconds: number, late: () => void): Watch {
  let [moved, since] = [-1, performance.now()];
  const look = () => {
    const now = bytesOf(socket());
    if (now !== moved) [moved, since] = [now, performance.now()];
    if (performance.now() - since < seconds * 1000) return;
    clearInterval(timer);
    late();
  };
  const timer = setInterval(look, Math.min(lookMillis, seconds * 250));
  timer.unref();
  return { end: () => clearInterval(timer) };
}

interface Moving {
  readonly bytesRead: number;
  readonly bytesWritten: number;
}

function bytesOf(socket: Moving | null): number {
  return (socket?.bytesRead ?? 0) + (socket?.bytesWritten ?? 0);
}

function wholeOf(response: IncomingMessage, at: EngineCall): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    response.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > longestAnswerBytes) {
        reject(nonsense(at, `more than ${longestAnswerBytes / 1024 / 1024} MiB`));
        response.destroy();
      } else chunks.push(chunk);
    });
    response.once('end', () => resolve(Buffer.concat(chunks)));
    response.once('error', reject);
    response.once('aborted', () =>
      reject(Object.assign(new Error('the answer broke off'), { code: 'ECONNRESET' })),
    );
  });
}

/** The answer as JSON, checked where Tare reads it; bytes where it is something else, such as a log. */
function checked(call: string, body: Buffer, at: EngineCall): unknown {
  const schema = answerOf(call);
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch {
    if (schema) throw nonsense(at, `what is no JSON (${said(body.toString('utf8', 0, 200), 80)})`);
    return body;
  }
  if (!schema) return value;
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw nonsense(
    at,
    `what no engine says: ${said(issue?.path.join('.') || 'the whole', 200)}: ${said(issue?.message ?? '', 200)}`,
  );
}

function wordsOf(body: Buffer): string {
  const text = body.toString('utf8', 0, 65_536);
  try {
    const { message } = JSON.parse(text) as { message?: unknown };
    if (typeof message === 'string') return said(message, mostOfAMessage);
  } catch {
    // A proxy or a port that speaks something else says it in plain words.
  }
  return said(text, mostOfAMessage);
}

function pathOf({ path, options }: Dial): string {
  if (!path.includes('?')) return path;
  const query = (options?._query ?? options ?? {}) as Record<string, unknown>;
  const flat = Object.entries(query)
    .filter(([key, value]) => key !== 'abortSignal' && value !== undefined)
    .map(([key, value]) => [
      key,
      typeof value === 'object' && value !== null && !Array.isArray(value) ? JSON.stringify(value) : value,
    ]);
  if (flat.length === 0) return path.replace(/\?$/, '');
  return path + stringify(Object.fromEntries(flat));
}

function bodyOf({ method, options, file }: Dial): {
  body?: string | undefined;
  sent?: NodeJS.ReadableStream | undefined;
} {
  if (typeof file === 'string') return { sent: createReadStream(file) };
  if (file && !Buffer.isBuffer(file)) return { sent: file };
  if (Buffer.isBuffer(file)) throw new Error('a buffer is not sent anywhere');
  if (method !== 'POST' || !options) return {};
  const { abortSignal: _, ...rest } = options;
  const body = JSON.stringify(options._body ?? rest);
  return body === '""' ? {} : { body };
}

function authorization({ authconfig, registryconfig }: Dial): Record<string, string> {
  const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return {
    ...(authconfig ? { 'x-registry-auth': authconfig.key ?? authconfig.base64 ?? encoded(authconfig) } : {}),
    ...(registryconfig ? { 'x-registry-config': registryconfig.base64 ?? encoded(registryconfig) } : {}),
  };
}
