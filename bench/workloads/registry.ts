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

/** Greatest values that iperf3 takes. */
const mostOf: Readonly<Record<SweptSetting, number>> = { size: 1 << 20, streams: 128 };
const variantId = /^([a-zA-Z0-9-]+)@(size|streams)=([1-9]\d{0,6})$/;

/** Workloads to choose among. */
export interface WorkloadRegistry {
  /** In the order in which they are listed. */
  readonly workloads: readonly Workload[];
  /** The workload of that id, a variant's (`tcp-stream@size=1024`) included; else undefined. */
  readonly workloadById: (id: string) => Workload | undefined;
}

export function registryOf(workloads: readonly Workload[]): WorkloadRegistry {
  const named = (id: string) => workloads.find((workload) => workload.id === id);
  return {
    workloads,
    workloadById: (id) => {
      const known = named(id);
      const [, base, setting, value] = variantId.exec(id) ?? [];
      if (known || !base || Number(value) > mostOf[setting as SweptSetting]) return known;
      return named(base)?.variants?.[setting as SweptSetting]?.(Number(value));
    },
  };
}

/** Every workload, in the order in which reports list them. To add one: write its file, put it here. */
export const { workloads, workloadById } = registryOf([
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
]);
