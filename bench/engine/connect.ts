import { dirname } from 'node:path';
import Docker from 'dockerode';
import { Failure } from '../../results/failure.ts';
import { stateTag } from '../state/state.ts';
import { infoAnswer, versionAnswer } from './answers.ts';
import { connectionTo } from './connection.ts';
import { environmentTls, type TlsMaterial } from './docker-context.ts';
import type { Engine } from './engine.ts';
import { parseAddress } from './engine-address.ts';
import { EngineFault } from './engine-fault.ts';
import { EngineModem } from './engine-modem.ts';
import { stateLabel, tareLabel } from './labels.ts';

/** Docker Engine 20.10, the oldest that Tare is tested against. */
const minimumApiVersion = '1.41';
/** That of Docker Engine 28.5, the newest that Tare is tested against: a later engine is asked to speak it. */
const newestApiVersion = '1.51';

export interface EngineAccess {
  /** Whether an engine may be spoken to in clear over a network (`--insecure-tcp`). */
  readonly insecureTcp?: boolean | undefined;
}

export interface ConnectOptions extends EngineAccess {
  readonly name?: string;
  readonly ownership: Engine['ownership'];
  /** What the engine must call its host; any name where absent. */
  readonly hostName?: string;
  /** Seconds to wait for the first answer. */
  readonly timeoutSeconds?: number;
  /** For tcp://; where absent, as DOCKER_TLS_VERIFY and DOCKER_CERT_PATH say. */
  readonly tls?: TlsMaterial | 'none' | undefined;
}

/**
 * Connects to one engine and makes sure that it answers, is recent enough, and is Tare's own where it is to be.
 * @param url `unix:///path`, `tcp://host:port` (TLS from DOCKER_CERT_PATH where DOCKER_TLS_VERIFY is set),
 *   `ssh://[user@]host`
 * @throws Failure `usage` for an address that can't be one, `infrastructure` where nothing answers
 */
export async function connectEngine(url: string, options: ConnectOptions): Promise<Engine> {
  const address = parseAddress(url);
  const given = options.tls ?? (address.type === 'tcp' ? environmentTls() : undefined);
  const { connection, warnings } = connectionTo({
    url,
    tls: given === 'none' ? undefined : given,
    insecureTcp: options.insecureTcp === true,
  });
  const modem = new EngineModem(connection);
  const { url: shown } = connection;
  // A handshake, and one for each host on the way, comes before the answer.
  const seconds = options.timeoutSeconds ?? (address.type === 'ssh' ? 30 : 10);
  const { info, version } = await firstAnswers(modem, shown, seconds);
  if (compareVersions(version.ApiVersion, minimumApiVersion) < 0) {
    throw new Failure(
      'infrastructure',
      `engine ${shown} is too old: version ${version.Version} speaks API ${version.ApiVersion}, Tare needs ${minimumApiVersion}`,
      'Upgrade it to Docker Engine 20.10 or newer.',
    );
  }
  const isNewer = compareVersions(version.ApiVersion, newestApiVersion) > 0;
  const speaksIt = compareVersions(version.MinAPIVersion ?? minimumApiVersion, newestApiVersion) <= 0;
  if (isNewer && speaksIt) modem.version = `/v${newestApiVersion}`;
  const isTares = info.Labels?.includes(`${tareLabel}=1`) === true;
  if (options.ownership === 'private' && !info.Labels?.includes(`${stateLabel}=${stateTag()}`)) {
    // Its data lie beside its socket in Tare's own folder, and it bears no state folder's mark, as before there was one.
    const isOlder =
      address.type === 'unix' &&
      `${info.DockerRootDir}`.startsWith(`${dirname(address.path)}/`) &&
      !info.Labels?.some((label) => label.startsWith(`${stateLabel}=`));
    if (isOlder) {
      throw new Failure(
        'infrastructure',
        `another version of Tare started the private engine at ${shown}`,
        'Stop it with `tare clean`.',
      );
    }
    throw notOurs(shown, 'private engine');
  }
  if (options.hostName !== undefined && info.Name !== options.hostName) throw notOurs(shown, 'lab node');
  const name = options.name ?? (address.type === 'unix' ? 'local' : address.host);
  modem.name = name;
  return {
    name,
    url: shown,
    docker: new Docker({ modem } as never),
    // A daemon that carries Tare's label was started by it, however it is reached.
    ownership: options.ownership === 'user' && isTares ? 'lab' : options.ownership,
    version: version.Version,
    apiVersion: version.ApiVersion,
    id: info.ID,
    hostName: info.Name,
    warnings,
  };
}

/** Connects to several engines, each of which gets a name of its own. */
export async function connectEngines(urls: readonly string[], access: EngineAccess): Promise<Engine[]> {
  return namedApart(
    await Promise.all(urls.map((url) => connectEngine(url, { ownership: 'user', ...access }))),
  );
}

/**
 * Gives engines names that tell them apart: the short one where it does, else the host's name, else the address.
 * The same engine twice is one engine.
 */
export function namedApart(engines: readonly Engine[]): Engine[] {
  const nameOf = (engine: Engine): string => {
    const others = engines.filter((each) => each.id !== engine.id);
    const candidates = [
      (each: Engine) => each.name,
      (each: Engine) => each.hostName || each.name,
      (each: Engine) => each.url.replace(/^[a-z]+:\/\//, ''),
    ];
    const tells = candidates.find((of) => !others.some((other) => of(other) === of(engine)));
    return (tells ?? ((each: Engine) => each.url))(engine);
  };
  const names = engines.map(nameOf);
  return engines.map((engine, index) => {
    const name = names[index] as string;
    if (engine.docker.modem instanceof EngineModem)
      (engine.docker.modem as unknown as EngineModem).name = name;
    return { ...engine, name };
  });
}

async function firstAnswers(modem: EngineModem, url: string, seconds: number) {
  try {
    const [version, info] = await Promise.all([
      modem.get('/version', versionAnswer, seconds),
      modem.get('/info', infoAnswer, seconds),
    ]);
    return { version, info };
  } catch (error) {
    // One that answers nonsense answers; what it said is the better cause.
    if (!(error instanceof EngineFault) || (error.code ?? error.statusCode) === undefined) throw error;
    if (error.code === 'ETIMEDOUT') {
      throw new Failure(
        'infrastructure',
        `engine ${url} does not answer: nothing to ${error.call} within ${seconds} s`,
        `Look at its log and at what its host does: \`docker -H ${url} version\` must work.`,
        { cause: error },
      );
    }
    throw new Failure('infrastructure', `engine ${url} does not answer: ${error.why}`, error.remedy, {
      cause: error,
    });
  }
}

function notOurs(url: string, what: string): Failure {
  return new Failure(
    'infrastructure',
    `the engine at ${url} is not Tare's ${what}, though it answers in its place`,
    'Make sure that nothing else listens there; nothing was changed on it.',
  );
}

/** Compares dotted version numbers; text after the numbers is ignored. Negative where a is the older. */
export function compareVersions(a: string, b: string): number {
  const numbers = (text: string) => (/^[\d.]+/.exec(text)?.[0] ?? '').split('.').map(Number);
  const left = numbers(a);
  const right = numbers(b);
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
