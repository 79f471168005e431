import { controlPlane } from './control-plane.ts';
import { dns } from './dns.ts';
import { http1m, httpClose, httpKeepalive } from './http.ts';
import { rtt } from './rtt.ts';
import { rttLoaded } from './rtt-loaded.ts';
import { rttOpen } from './rtt-open.ts';
import { tcpCrr } from './tcp-crr.ts';
import { tcpRr } from './tcp-rr.ts';
import { tcpStream } from './tcp-stream.ts';
import { tcpStreamBidir } from './tcp-stream-bidir.ts';
import { tcpStreamN } from './tcp-stream-n.ts';
import { tcpStreamReverse } from './tcp-stream-reverse.ts';
import { udpCapacities } from './udp-capacity.ts';
import { udpLoad } from './udp-load.ts';
import { udpRr } from './udp-rr.ts';
import type { Workload } from './workload.ts';

/** Every workload, in the order in which reports list them. To add one: write its file, put it here. */
export const workloads: readonly Workload[] = [
  tcpStream,
  tcpStreamN,
  tcpStreamReverse,
  tcpStreamBidir,
  udpLoad,
  tcpRr,
  udpRr,
  tcpCrr,
  rtt,
  rttOpen,
  rttLoaded,
  httpKeepalive,
  httpClose,
  http1m,
  dns,
  ...udpCapacities,
  controlPlane,
];

/** The workload of that id, or undefined. */
export function workloadById(id: string): Workload | undefined {
  return workloads.find((workload) => workload.id === id);
}
