import { PassThrough } from 'node:stream';
import { Failure } from '../../results/failure.ts';
import { lastLine } from '../engine/words.ts';
import type { Probe } from '../site/probe.ts';

/** After this many seconds tcpdump ends by itself, should nobody end it. */
const longestSeconds = 120;
/** Bytes of each packet that are kept: enough for a small payload below VXLAN and IPv6. */
const keptBytes = 512;
/** Bytes of a capture that are taken in; the filter lets through a pair's own packets, so more is not its traffic. */
const mostBytes = 64 << 20;
const mostSaid = 4096;

/** A running tcpdump on all interfaces of one engine's host. */
export interface WireTap {
  /** Ends it and gives the pcap file. */
  stop(): Promise<Buffer>;
}

/**
 * Starts to capture in the probe and waits until packets are being seen. tcpdump's `any` sees every interface of the
 * host's namespace at once and notes which one each packet was on.
 * @param filter what to keep, in tcpdump's language, so that a busy host is not slowed down and no one else's traffic
 *   ends up in a file
 * @throws Failure `infrastructure` with tcpdump's own words where it does not start
 */
export async function tapWire(probe: Probe, filter: string): Promise<WireTap> {
  const capture = ['-i', 'any', '-y', 'LINUX_SLL2', '-n', '-s', String(keptBytes), '-U', '--immediate-mode'];
  const tcpdump = ['tcpdump', '-Z', 'root', ...capture, '-w', '-', filter];
  const exec = await probe.engine.docker.getContainer(probe.containerId).exec({
    Cmd: [
      ...['sh', '-c', 'echo "pid $$" >&2; exec timeout -s INT "$@"', 'sh'],
      ...[String(longestSeconds), ...tcpdump],
    ],
    AttachStdout: true,
    AttachStderr: true,
  });
  const stream = await exec.start({});
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  probe.engine.docker.modem.demuxStream(stream, stdout, stderr);
  const chunks: Buffer[] = [];
  let bytes = 0;
  stdout.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= mostBytes) chunks.push(chunk);
  });
  const ended = new Promise<void>((resolve) => {
    for (const event of ['end', 'close', 'error']) stream.once(event, () => resolve());
  });
  let said = '';
  const listening = new Promise<boolean>((resolve) => {
    stderr.on('data', (chunk: Buffer) => {
      if (said.length < mostSaid) said += chunk.toString('utf8');
      if (/listening on/.test(said)) resolve(true);
    });
    void ended.then(() => resolve(false));
  });
  const works = await listening;
  const pid = /^pid (\d+)/m.exec(said)?.[1];
  if (!works || pid === undefined) {
    throw new Failure(
      'infrastructure',
      `tcpdump does not start on ${probe.engine.name}: ${lastLine(said)}`,
      'The probe needs NET_RAW on the host’s network; some security profiles refuse it.',
    );
  }
  return {
    async stop() {
      await probe.read(`kill -INT ${pid}`);
      await ended;
      if (bytes > mostBytes) {
        throw new Failure(
          'infrastructure',
          `more than ${mostBytes >> 20} MiB were captured on ${probe.engine.name} while the canary flew`,
          'Other traffic of the same kind crosses this host: measure when it is quiet.',
        );
      }
      return Buffer.concat(chunks);
    },
  };
}
