import { Failure } from '../../results/failure.ts';

/** Which call to which engine. */
export interface EngineCall {
  /** Name of the engine, or its address before it has one. */
  readonly engine: string;
  /** Its address, without a password. */
  readonly url: string;
  /** Such as `GET /containers/json`. */
  readonly call: string;
}

/** What a connection itself can tell of why it broke, such as ssh's own words. */
export class ConnectionTrouble extends Error {
  override readonly name = 'ConnectionTrouble';
  constructor(
    message: string,
    readonly remedy: string,
    readonly code = 'ECONNABORTED',
  ) {
    super(message);
  }
}

/**
 * An engine that refused a call, answered nonsense or nothing, or can't be spoken to. It is always known which engine and
 * which call; whoever looks for a cause looks here rather than guessing from codes that files share.
 */
export class EngineFault extends Failure {
  readonly engine: string;
  readonly call: string;
  /** The engine's own words, where it refused. */
  readonly said: string | undefined;
  /** HTTP status, where it answered. */
  readonly statusCode: number | undefined;
  /** Code of the connection's error, such as `ECONNREFUSED`; `ETIMEDOUT` where a deadline passed. */
  readonly code: string | undefined;
  /** What went wrong, for who names the engine himself. */
  readonly why: string;

  constructor(
    at: EngineCall,
    what: {
      readonly message: string;
      readonly remedy: string;
      readonly said?: string;
      readonly statusCode?: number;
      readonly code?: string | undefined;
      readonly cause?: unknown;
      /** The message without the engine, for who names that himself. */
      readonly why?: string;
      readonly saysHowToGoOn?: boolean;
    },
  ) {
    const { cause, saysHowToGoOn = false } = what;
    super('infrastructure', what.message, what.remedy, { cause, saysHowToGoOn });
    this.why = what.why ?? what.message;
    this.engine = at.engine;
    this.call = at.call;
    this.said = what.said;
    this.statusCode = what.statusCode;
    this.code = what.code;
  }
}

/** An error in the engine's own words, where it is one that the engine refused with: for who says the rest himself. */
export function wordsOfEngine(error: unknown): string {
  if (error instanceof EngineFault && error.said) return error.said;
  return error instanceof Error ? error.message.trim() : String(error);
}

const resume = 'start it again if it ended, then `tare run --resume latest`';

/** The engine answered with a status that means no. @param said its own words, already bounded and printable */
export function refusal(at: EngineCall, statusCode: number, said: string): EngineFault {
  if (statusCode === 400 && /HTTP request to an HTTPS server/i.test(said)) {
    return new EngineFault(at, {
      statusCode,
      message: `engine ${at.engine} speaks TLS, and TLS is not set for it`,
      remedy:
        'Set DOCKER_TLS_VERIFY=1, and DOCKER_CERT_PATH to the folder with ca.pem, cert.pem and key.pem.',
    });
  }
  const noSpace = /no space left on device/i.test(said);
  return new EngineFault(at, {
    statusCode,
    said,
    message: `engine ${at.engine} refused: ${said || `status ${statusCode}`}`,
    remedy: noSpace
      ? 'Free some space on its disk: `docker system df` there shows what it holds.'
      : `It refused ${at.call}; its log tells more.`,
  });
}

/** A deadline passed without an answer. */
export function silence(at: EngineCall, seconds: number): EngineFault {
  return new EngineFault(at, {
    code: 'ETIMEDOUT',
    message: `the engine ${at.engine} at ${at.url} has not answered ${at.call} for ${seconds} s`,
    remedy: `Look at its log and at what its host does; ${resume}.`,
    saysHowToGoOn: true,
  });
}

/** It answered, but with what no engine says. */
export function nonsense(at: EngineCall, what: string): EngineFault {
  return new EngineFault(at, {
    message: `the engine ${at.engine} answered ${at.call} with ${what}`,
    remedy: 'Make sure that a Docker Engine, and nothing else, answers there.',
  });
}

/** The connection failed: each common cause gets its own sentence. @param ownCertificateEnded that of the client has expired */
export function brokenConnection(
  at: EngineCall,
  error: Error & { readonly code?: string },
  ownCertificateEnded = false,
): EngineFault {
  const make = (why: string, remedy: string, more: { as?: string; saysHowToGoOn?: boolean } = {}) => {
    const { as = `: ${why}`, saysHowToGoOn = false } = more;
    const message = `engine ${at.engine}${as}`;
    return new EngineFault(at, { code: error.code, cause: error, message, remedy, why, saysHowToGoOn });
  };
  if (error instanceof ConnectionTrouble) return make(error.message, error.remedy);
  const text = error.message;
  const { code = '' } = error;
  const isTls = /^(ERR_SSL|ERR_TLS|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO)|^EPROTO$/.test(code);
  if (ownCertificateEnded && (isTls || code === 'ECONNRESET' || code === 'EPIPE')) {
    return make(
      'the client’s certificate has expired',
      'Put a new cert.pem and key.pem into DOCKER_CERT_PATH.',
    );
  }
  if (isTls && /wrong version number|packet length too long|http request/i.test(text)) {
    return make('it does not speak TLS there', 'Unset DOCKER_TLS_VERIFY for it, or give its TLS port.');
  }
  if (isTls && /alert|certificate required|bad certificate/i.test(text)) {
    return make(
      'it does not take the client’s certificate (missing, expired, or of another authority)',
      'Put a cert.pem and key.pem that its authority signed into DOCKER_CERT_PATH.',
    );
  }
  if (code === 'CERT_HAS_EXPIRED') return make('its own certificate has expired', 'Renew it on its host.');
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return make('its certificate is for another host', 'Use a name that is in the certificate.');
  }
  if (isTls) {
    return make(
      'its certificate is not of the authority in ca.pem',
      'Make sure that this is the right host; then put its authority’s ca.pem into DOCKER_CERT_PATH.',
    );
  }
  switch (code) {
    case 'ENOENT':
      return make(`there is no socket at ${at.url}`, 'Start the engine, or give the path of its socket.');
    case 'ECONNREFUSED':
      return make(`nothing listens at ${at.url}`, 'Start the engine, or give the right address.');
    case 'EACCES':
    case 'EPERM':
      return make(
        `you may not use ${at.url}`,
        'Run as root, or as a user in the group that owns the socket (usually docker).',
      );
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return make(`the host of ${at.url} is not known`, 'Check the name and this machine’s name servers.');
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return make(`there is no way to ${at.url}`, 'Check routes and firewalls between here and there.');
    case 'ETIMEDOUT':
      return make(`${at.url} does not answer`, 'Check its address, and firewalls between here and there.');
    case 'ECONNRESET':
    case 'EPIPE':
      return make(
        `went away: it ended the connection in ${at.call}`,
        `Look at its log (over TLS: whether it takes the client’s certificate); ${resume}.`,
        { as: ` went away: it ended the connection in ${at.call}`, saysHowToGoOn: true },
      );
    default:
      return make(`${text} (${at.call})`, `Look at its log; ${resume}.`, { saysHowToGoOn: true });
  }
}
