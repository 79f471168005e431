import { describe, expect, it } from 'vitest';
import { parseFills } from '../../bench/workloads/connection-headroom.ts';
import { distinctServers, startServers } from '../../bench/workloads/readiness.ts';
import { workloads } from '../../bench/workloads/registry.ts';
import type { Workload } from '../../bench/workloads/workload.ts';
import { Failure } from '../../results/failure.ts';
import { endedWell, scripted, testPair } from './workload-pair.ts';

const refusedResult = {
  ...endedWell,
  exitCode: 1,
  stderr: "nc: can't connect to remote host: Connection refused",
};
const pick = (...ids: string[]): Workload[] => workloads.filter((workload) => ids.includes(workload.id));

describe('startServers', () => {
  it('starts each distinct server once', async () => {
    const server = scripted(() => endedWell);
    await startServers({ ...testPair, server }, pick('tcp-stream', 'tcp-stream-N', 'tcp-rr', 'udp-rr'));
    expect(server.started.map((argv) => argv[0]).sort()).toEqual(['iperf3', 'netserver']);
    expect(distinctServers(testPair, pick('tcp-stream', 'udp-load'))).toHaveLength(1);
  });

  it('asks again until the client’s side connects, after the server’s own', async () => {
    let refusals = 3;
    const server = scripted(() => endedWell);
    const client = scripted(() => (refusals-- > 0 ? refusedResult : endedWell));
    await startServers({ ...testPair, server, client }, pick('tcp-stream'));
    expect(server.ran).toEqual([['nc', '-w', '1', '127.0.0.1', '40000']]);
    expect(client.ran).toHaveLength(4);
    expect(client.ran[0]).toEqual(['nc', '-w', '1', '198.18.250.1', '40000']);
  });

  it('looks for a UDP server in the table of sockets', async () => {
    const server = scripted(() => endedWell);
    await startServers({ ...testPair, server }, pick('rtt'));
    expect(server.ran[0]).toContain(':9C43 ');
  });

  it('gives up with the reason after its limit', async () => {
    const client = scripted(() => refusedResult);
    const attempt = startServers({ ...testPair, client }, pick('tcp-rr'), { limitSeconds: 0.2 });
    await expect(attempt).rejects.toThrow(Failure);
    await expect(attempt).rejects.toThrow(
      /netserver was not reachable from a scripted end within 0.2 s: nc: can't connect/,
    );
  });
});

describe('workloads', () => {
  it('have ids of their own, promise metrics, and say what they can’t tell', () => {
    expect(new Set(workloads.map((workload) => workload.id)).size).toBe(workloads.length);
    for (const workload of workloads) {
      expect(workload.metrics.length, workload.id).toBeGreaterThan(0);
      expect(workload.caveat.length, workload.id).toBeGreaterThan(40);
      expect(new Set(workload.metrics.map((metric) => metric.name)).size).toBe(workload.metrics.length);
    }
  });
});

describe('parseFills', () => {
  it('reads what the kernel tells and leaves out what it does not', () => {
    const text = [
      '==> sockets <==\nsockets: used 4\nTCP: inuse 1 orphan 0 tw 33152 alloc 9 mem 62\n',
      '==> timeWaitLimit <==\n131072\n',
    ].join('\n');
    expect(parseFills(text)).toEqual([{ table: 'TIME_WAIT', entries: 33152, limit: 131072 }]);
    expect(parseFills('')).toEqual([]);
  });
});
