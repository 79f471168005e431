import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AcquiredEngine, acquireEngine } from '../../bench/engine/acquire-engine.ts';
import { type Lab, labUp } from '../../bench/lab/lab.ts';
import { TestSshd, withoutSshd } from '../fixtures/sshd.ts';
import { tare, workFolder } from './rig.ts';

const { exitCode } = await execa('docker', ['--version'], { reject: false });
const lacking = withoutSshd ?? (exitCode === 0 ? undefined : 'Docker’s client is not installed');

describe.skipIf(lacking)(`two engines behind ssh${lacking ? ` (${lacking})` : ''}`, () => {
  let acquired: AcquiredEngine;
  let lab: Lab;
  let sshd: TestSshd;
  beforeAll(async () => {
    acquired = await acquireEngine({ progress: () => undefined });
    lab = await labUp(acquired.engine, { nodes: 2, progress: () => undefined });
    sshd = await TestSshd.start(lab.engines[0]?.url ?? '', { docker: 'client' });
  });
  afterAll(async () => {
    await sshd?.stop();
    await lab?.down();
    await acquired?.release();
  });

  test('measure an overlay between them, proven by its packets, and keep nothing of it', async () => {
    // One by DOCKER_HOST at the other end, the other by the path of its socket.
    const second = lab.engines[1]?.url.slice('unix://'.length);
    const { stdout, stderr, exitCode } = await tare(
      [
        ...[
          'run',
          '--engine',
          'ssh://one',
          '--engine',
          `ssh://one${second}`,
          '--scenario',
          'cross-host/overlay',
        ],
        ...['--workload', 'tcp-rr', '--blocks', '1', '--duration', '1', '--json'],
      ],
      await workFolder(),
      { PATH: sshd.path },
    );
    expect(exitCode, stderr).toBe(0);
    const { scenarios } = JSON.parse(stdout) as { scenarios: { id: string; status: string }[] };
    expect(scenarios).toMatchObject([
      { id: 'cross-host/host', status: 'ok' },
      { id: 'cross-host/overlay', status: 'ok' },
    ]);
    const filters = { label: ['tare.run'] };
    for (const { docker } of lab.engines) {
      expect(await docker.listContainers({ all: true, filters })).toEqual([]);
    }
    // Every engine pays for a few handshakes, not for one a request.
    expect(sshd.counts().handshakes).toBeLessThanOrEqual(12);
  });
});
