import { connectionHeadroom } from './connection-headroom.ts';
import { countedNetperf } from './counted.ts';
import { kinds } from './metrics.ts';
import { measureConnections, netserver } from './tools/netperf.ts';
import type { Workload } from './workload.ts';

/** A new TCP connection for each one-byte request. */
export const tcpCrr: Workload = {
  id: 'tcp-crr',
  summary:
    'A TCP connection is opened, one byte goes and comes back, and it is closed; then the next (netperf).',
  caveat:
    'One connection at a time. Each leaves a TIME_WAIT entry at the server and one in connection tracking; where their tables are nearly full the trial waits first, and says so.',
  timing: '500 connections to find the rate, then as many as fill the duration',
  traits: { answers: [{ question: 'connections', metric: kinds.connections.name, rank: 1 }] },
  metrics: [kinds.connections, kinds.rttP50, kinds.rttP90, kinds.rttP99, kinds.rttMin, kinds.rttMax],
  servers: (pair) => [netserver(pair)],
  endsByCount: true,
  prepare: connectionHeadroom,
  counted: countedNetperf('tcp-crr', 'connection', kinds.connections, [100, 1100]),
  measure: measureConnections,
};
