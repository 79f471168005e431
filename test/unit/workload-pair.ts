import type { ExecResult, Executor } from '../../bench/engine/executor.ts';
import { type PortSlot, portSlots, type WorkloadPair } from '../../bench/workloads/workload.ts';

export const endedWell: ExecResult = { exitCode: 0, stdout: '', stderr: '', timedOut: false };

/** An executor that answers from a function and notes what it was asked. */
export function scripted(
  answer: (argv: readonly string[]) => ExecResult,
): Executor & { readonly ran: (readonly string[])[]; readonly started: (readonly string[])[] } {
  const ran: (readonly string[])[] = [];
  const started: (readonly string[])[] = [];
  return {
    where: 'a scripted end',
    folder: async () => '/tmp/tare-scripted',
    inShell: (argv) => argv,
    ran,
    started,
    run: async (argv) => {
      ran.push(argv);
      return answer(argv);
    },
    start: async (argv) => {
      started.push(argv);
    },
  };
}

const ports = Object.fromEntries(portSlots.map((slot, index) => [slot, 40000 + index])) as Record<
  PortSlot,
  number
>;

export const testPair: WorkloadPair = {
  scenario: { id: 'same-host/bridge', topology: 'same-host', driver: 'bridge', options: {} },
  server: scripted(() => endedWell),
  client: scripted(() => endedWell),
  serverAddress: '198.18.250.1',
  listenAddress: '0.0.0.0',
  ports,
};
