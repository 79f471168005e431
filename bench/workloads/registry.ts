import { controlPlane } from './control-plane.ts';
import { dns } from './dns.ts';
import { http1m, httpClose, httpKeepalive } from './http.ts';
import { rtt } from './rtt.ts';
import { rttLoaded } from './rtt-loaded.ts';
import { rttOpen } from './rtt-open.ts';
import { scales } from './scale.ts';
import { tcpCrr } from './tcp-crr.ts';
import { tcpEqualLoad } from './tcp-equal-load.ts';
import { tcpRr } from './tcp-rr.ts';
import { tcpStream } from './tcp-stream.ts';
import { tcpStreamBidir } from './tcp-stream-bidir.ts';
import { tcpStreamN } from './tcp-stream-n.ts';
import { tcpStreamReverse } from './tcp-stream-reverse.ts';
import { udpCapacities } from './udp-capacity.ts';
import { udpLoad } from './udp-load.ts';
import { udpRr } from './udp-rr.ts';
import type { SweptSetting, Workload } from './workload.ts';

/** Every workload, in the order in which reports list them. To add one: write its file, put it here. */
export const workloads: readonly Workload[] = [
  tcpStream,
  tcpStreamN,
  tcpStreamReverse,
  tcpStreamBidir,
  tcpEqualLoad,
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
  ...scales,
  controlPlane,
];

/** Greatest values that iperf3 takes. */
const mostOf: Readonly<Record<SweptSetting, number>> = { size: 1 << 20, streams: 128 };
const variantId = /^([a-zA-Z0-9-]+)@(size|streams)=([1-9]\d{0,6})$/;

/** The workload of that id, a variant's (`tcp-stream@size=1024`) included; else undefined. */
export function workloadById(id: string): Workload | undefined {
  const known = workloads.find((workload) => workload.id === id);
  const [, base, setting, value] = variantId.exec(id) ?? [];
  if (known || !base) return known;
  if (Number(value) > mostOf[setting as SweptSetting]) return undefined;
  const variant = workloads.find((workload) => workload.id === base)?.variants?.[setting as SweptSetting];
  return variant?.(Number(value));
}
