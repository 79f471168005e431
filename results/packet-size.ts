import type { MeasuredScenario } from './summary.ts';

/** Loopback's MTU; what has it crosses no network. */
export const loopbackMtuBytes = 65_536;

/** How large packets of a scenario could be, in bytes; what was not read is absent. */
export interface PacketSize {
  /** The smaller of both ends'. */
  readonly mtuBytes?: number;
  /** TCP's payload per segment, as the first workload that tells it saw it. */
  readonly mssBytes?: number;
}

export function packetSize(scenario: MeasuredScenario): PacketSize {
  const mss = scenario.workloads
    .flatMap(({ metrics }) => metrics)
    .find(({ name, unit }) => name === 'mss' && unit === 'byte');
  const mtuBytes = scenario.pair?.mtuBytes;
  return {
    ...(mtuBytes !== undefined && { mtuBytes }),
    ...(mss !== undefined && { mssBytes: mss.median }),
  };
}
