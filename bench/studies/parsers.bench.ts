import { readFileSync } from 'node:fs';
import { Bench } from 'tinybench';
import { parseDnsperf } from '../workloads/tools/dnsperf.ts';
import { parseIperf3 } from '../workloads/tools/iperf3-output.ts';
import { parseIrtt } from '../workloads/tools/irtt.ts';
import { parseNetperf } from '../workloads/tools/netperf.ts';
import { parseSockperf } from '../workloads/tools/sockperf.ts';
import { parseWrk } from '../workloads/tools/wrk.ts';

const read = (name: string) =>
  readFileSync(new URL(`../../test/fixtures/tools/${name}`, import.meta.url), 'utf8');

/** Samples of two seconds of ping-pong at its usual rate. */
const manySamples = 60_000;

/** A sockperf log of the usual length, from the header and footer of a captured one. */
function longSockperfLog(): string {
  const lines = read('sockperf/ping-pong.csv').split('\n');
  const header = lines.indexOf('packet, txTime(sec), rxTime(sec), rtt(usec)');
  const samples = Array.from({ length: manySamples }, (_, index) => {
    const sent = index * 25_833;
    const at = (nanoseconds: number) => `2.${String(nanoseconds).padStart(9, '0').slice(-9)}`;
    const second = (nanoseconds: number) => Math.floor(nanoseconds / 1e9) + 2;
    const time = (nanoseconds: number) => at(nanoseconds % 1e9).replace('2.', `${second(nanoseconds)}.`);
    return `${index}, ${time(sent)}, ${time(sent + 20_000)}, 20.000`;
  });
  return [...lines.slice(0, header + 1), ...samples, '------------------------------', ''].join('\n');
}

/** How long a trial's output takes to read: it is time in which nothing is measured. */
export function parsersBench(): Bench {
  const stream = { streams: 1, direction: 'forward' } as const;
  const outputs = {
    iperf3: read('iperf3/tcp.json'),
    netperf: read('netperf/tcp-rr.txt'),
    irtt: read('irtt/stalled.json'),
    wrk: read('wrk/small.out'),
    dnsperf: read('dnsperf/good.out'),
    sockperf: longSockperfLog(),
  };
  const refusals = [
    parseIperf3(outputs.iperf3, stream, 1),
    parseNetperf(outputs.netperf, 'tcp-rr'),
    parseSockperf(outputs.sockperf, 2),
    parseIrtt(outputs.irtt),
    parseWrk(outputs.wrk, 'small', 1),
    parseDnsperf(outputs.dnsperf),
  ].filter((parsed) => parsed.type === 'refused');
  if (refusals.length > 0) throw new Error(`these outputs must parse: ${JSON.stringify(refusals)}`);
  return new Bench({ name: 'parsers', time: 300 })
    .add('iperf3, one second', () => parseIperf3(outputs.iperf3, stream, 1))
    .add('netperf', () => parseNetperf(outputs.netperf, 'tcp-rr'))
    .add(`sockperf, ${manySamples.toLocaleString('en')} samples`, () => parseSockperf(outputs.sockperf, 2))
    .add('irtt, 200 round trips', () => parseIrtt(outputs.irtt))
    .add('wrk with its latencies', () => parseWrk(outputs.wrk, 'small', 1))
    .add('dnsperf with its histogram', () => parseDnsperf(outputs.dnsperf));
}
