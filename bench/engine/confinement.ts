import type Docker from 'dockerode';

/** What any container of Tare's may take. None of it bounds the speed of what is measured: there is no CPU quota. */
export const limits = {
  /** Two threads for each stream that a machine of 512 cores would be given, and processes beside. */
  processes: 2048,
  /** Sockets' buffers count, and so does what is in /tmp. A trial takes some tens of megabytes. */
  memoryBytes: 2 * 2 ** 30,
  /** Of /tmp, which lies in memory: the longest log of a tool. */
  scratchBytes: 512 * 2 ** 20,
} as const;

/**
 * The part of a container's settings that says what it may do, for every container that Tare starts: no capability but
 * those named, none to be gained, a root file system that can't be written, bounded memory and processes. The tools need
 * no capability at all: their ports lie above 1024 and their files are root's own.
 * @param capabilities such as `NET_ADMIN`; never `privileged`
 */
export function confined(capabilities: readonly string[] = []): Docker.HostConfig {
  return {
    CapDrop: ['ALL'],
    CapAdd: [...new Set(capabilities)],
    SecurityOpt: ['no-new-privileges'],
    ReadonlyRootfs: true,
    Tmpfs: {
      '/tmp': `rw,nosuid,nodev,noexec,mode=1777,size=${limits.scratchBytes}`,
      // Where iptables keeps its lock.
      '/run': 'rw,nosuid,nodev,noexec,mode=755,size=1048576',
    },
    Memory: limits.memoryBytes,
    PidsLimit: limits.processes,
    Init: true,
  };
}
