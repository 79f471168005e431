import { connectionHeadroom } from './connection-headroom.ts';
import { kinds } from './metrics.ts';
import { nginxServer } from './tools/nginx.ts';
import { measureWrk } from './tools/wrk.ts';
import type { Workload } from './workload.ts';

const latency = [kinds.latencyP50, kinds.latencyP90, kinds.latencyP99, kinds.latencyMax];
const closedLoop =
  'Sixteen connections in a closed loop against one nginx process; wrk corrects its latencies for stalls by the average rate only.';
const servers: Workload['servers'] = (pair) => [nginxServer(pair)];
const unsupported: Workload['unsupported'] = ({ stack }) =>
  stack === 'machine'
    ? 'nginx needs files at the server, which Tare writes inside containers only.'
    : undefined;

/** Small requests on connections that stay open. */
export const httpKeepalive: Workload = {
  id: 'http-keepalive',
  summary: 'GET of a 128-byte body over sixteen connections that stay open (nginx, wrk).',
  caveat: `${closedLoop} Mostly the cost of small packets and of nginx itself.`,
  metrics: [kinds.requests, kinds.goodput, ...latency],
  servers,
  unsupported,
  measure: (pair, settings) => measureWrk(pair, settings, { body: 'small', keepAlive: true }),
};

/** Small requests, each on a connection of its own. */
export const httpClose: Workload = {
  id: 'http-close',
  summary:
    'GET of a 128-byte body, each over a new connection, sixteen at once (nginx, wrk, Connection: close).',
  caveat: `${closedLoop} Address translation and connection tracking pay per connection, so they show here; where a table of connections is nearly full the trial waits first, and says so.`,
  metrics: [kinds.requests, kinds.goodput, ...latency],
  servers,
  unsupported,
  prepare: connectionHeadroom,
  measure: (pair, settings) => measureWrk(pair, settings, { body: 'small', keepAlive: false }),
};

/** Large bodies on connections that stay open. */
export const http1m: Workload = {
  id: 'http-1m',
  summary: 'GET of a 1 MiB body over sixteen connections that stay open (nginx with sendfile, wrk).',
  caveat: `${closedLoop} Goodput includes the response headers, about 0.02 %.`,
  metrics: [kinds.goodput, kinds.requests, ...latency],
  servers,
  unsupported,
  measure: (pair, settings) => measureWrk(pair, settings, { body: '1m', keepAlive: true }),
};
