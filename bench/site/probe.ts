import type Docker from 'dockerode';
import { Failure } from '../../results/failure.ts';
import { confined } from '../engine/confinement.ts';
import { ContainerExecutor } from '../engine/container-executor.ts';
import type { Engine } from '../engine/engine.ts';
import type { ExecResult } from '../engine/executor.ts';
import { labels } from '../engine/labels.ts';
import { removeContainer } from '../engine/remove.ts';

/**
 * A small container in the host's network and process namespaces of one engine, with NET_ADMIN and NET_RAW and nothing
 * more. Through it Tare reads the host's counters and makes interfaces, on remote engines as on the local one.
 */
export class Probe {
  readonly executor: ContainerExecutor;
  readonly engine: Engine;
  readonly containerId: string;

  private constructor(engine: Engine, container: { id: string; name: string }) {
    this.engine = engine;
    this.containerId = container.id;
    this.executor = new ContainerExecutor(engine.docker, container, engine.name);
  }

  /** Where the engine's account of its swarm is seen in the probe, if it could be put there. */
  static readonly swarmState = '/swarm-state.json';

  /**
   * @param swarmStateFile path, on the engine's host, of the file in which it keeps its swarm's addresses
   */
  static async start(engine: Engine, image: string, runId: string, swarmStateFile?: string): Promise<Probe> {
    const name = `tare-${runId}-probe`;
    const mount = {
      Type: 'bind',
      Source: swarmStateFile ?? '',
      Target: Probe.swarmState,
      ReadOnly: true,
    } as const;
    const start = async (mounts: Docker.MountConfig) => {
      const container = await engine.docker.createContainer({
        name,
        Image: image,
        Cmd: ['sleep', 'infinity'],
        Labels: labels(runId, { 'tare.role': 'probe' }),
        HostConfig: {
          ...confined(['NET_ADMIN', 'NET_RAW']),
          NetworkMode: 'host',
          PidMode: 'host',
          // Where the engine remaps users, only its own may share the host's namespaces.
          UsernsMode: 'host',
          Mounts: mounts,
        },
      });
      try {
        await container.start();
      } catch (error) {
        // Why it did not start matters; what stays is swept with the run.
        await removeContainer(engine, container.id).catch(() => undefined);
        throw error;
      }
      return container;
    };
    // An engine may refuse such a mount, or keep that file elsewhere; the probe has other uses.
    const container = swarmStateFile ? await start([mount]).catch(() => start([])) : await start([]);
    return new Probe(engine, { id: container.id, name });
  }

  /**
   * Runs a shell script there; a non-zero exit is a Failure with the script's own words.
   * @param words what the script sees as $1, $2, …: whatever an engine or a file said goes there, never into its text
   */
  async shell(script: string, deadlineSeconds = 20, words: readonly string[] = []): Promise<string> {
    const result = await this.tryShell(script, deadlineSeconds, words);
    if (result.exitCode !== 0) {
      throw new Failure(
        'infrastructure',
        `on ${this.engine.name}: ${result.stderr.trim() || `exit code ${result.exitCode}`}`,
        'The engine’s log (`journalctl -u docker`) and the kernel’s (`dmesg`) say more.',
      );
    }
    return result.stdout;
  }

  /**
   * Runs a script and gives what it printed; its exit code is not looked at. It may take a minute, because iptables waits
   * while an engine writes rules.
   */
  async read(script: string): Promise<string> {
    return (await this.executor.script(script, 60)).stdout;
  }

  /** The same, with whatever exit code. */
  tryShell(script: string, deadlineSeconds = 20, words: readonly string[] = []): Promise<ExecResult> {
    return this.executor.run(['sh', '-c', script, 'sh', ...words], { deadlineSeconds });
  }

  /** Ends its open shells; the container goes on. */
  close(): void {
    this.executor.close();
  }

  async remove(): Promise<void> {
    this.close();
    await removeContainer(this.engine, this.containerId);
  }
}
