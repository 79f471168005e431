import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readRun } from '../../results/stored-run.ts';
import { startTare, tare, untilMeasured, workFolder } from './rig.ts';

let folder: string;
beforeAll(async () => {
  folder = await workFolder();
});
afterAll(async () => {
  await tare(['clean'], folder);
});

const short = ['--scenario', 'same-host/bridge', '--workload', 'tcp-rr', '--duration', '1'];

/** Engines and toolbox programs of this state folder that still run on this machine. */
async function leftovers(): Promise<string[]> {
  const { stdout } = await execa('ps', ['-eo', 'args']);
  const ours = process.env.TARE_STATE ?? '.local/state/tare';
  return stdout
    .split('\n')
    .filter((line) => line.includes(ours) && /dockerd|containerd|netserver/.test(line));
}

describe('a run', () => {
  it('whose terminal is closed cleans up as at Ctrl-C, though nobody reads what it says', async () => {
    const child = startTare(['run', ...short, '--blocks', '30', '--out', 'closed'], folder);
    await untilMeasured(child, join(folder, 'closed'));
    child.stdout.destroy();
    child.stderr.destroy();
    child.kill('SIGHUP');
    expect((await child).exitCode).toBe(130);
    expect(await leftovers()).toEqual([]);
    expect((await readRun(join(folder, 'closed'))).run.state).toBe('interrupted');
    expect(await readFile(join(folder, 'closed', 'report', 'report.md'), 'utf8')).toContain('bridge');
  });

  it('is waited for by the next, or refuses it, and is written by nobody else; killed, it is gone on with', async () => {
    const first = startTare(['run', ...short, '--blocks', '12', '--out', 'first'], folder);
    await untilMeasured(first, join(folder, 'first'));
    const named = new RegExp(`run \\d{8}-\\d{6}-\\w{4} \\(process ${first.pid} of `);
    const refused = await tare(['run', ...short, '--blocks', '1', '--no-wait', '--out', 'refused'], folder);
    expect(refused).toMatchObject({ exitCode: 4, stderr: expect.stringMatching(named) });
    const resumed = await tare(['run', '--resume', './first'], folder);
    expect(resumed).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining(`by process ${first.pid}`),
    });

    const second = startTare(['run', ...short, '--blocks', '1', '--out', 'second'], folder);
    let said = '';
    second.stderr.on('data', (text) => {
      said += text;
    });
    await expect.poll(() => said, { timeout: 30_000 }).toMatch(named);
    first.kill('SIGKILL');
    expect((await second).exitCode, said).toBe(0);

    const report = await tare(['report', './first'], folder);
    expect(report).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('Its process is gone') });
    const again = await tare(['run', '--resume', './first'], folder);
    expect(again.exitCode, again.stderr).toBe(0);
    const { run, trials } = await readRun(join(folder, 'first'));
    expect(run.state).toBe('finished');
    expect(trials.map(({ order }) => order)).toEqual(trials.map((_, index) => index));
  });

  it('that is finished is reported again by --resume', async () => {
    const { exitCode, stdout, stderr } = await tare(['run', '--resume', './second'], folder);
    expect({ exitCode, stderr }).toMatchObject({
      exitCode: 0,
      stderr: expect.stringContaining('Record and report'),
    });
    expect(stdout).toContain('bridge');
  });

  it('is refused where it can’t be written, or where there is no room, before anything is started', async ({
    skip,
  }) => {
    const mount = join(folder, 'small');
    await mkdir(mount);
    const { exitCode, stderr } = await execa('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', mount], {
      reject: false,
    });
    skip(exitCode !== 0, `no file system can be mounted here: ${stderr}`);
    try {
      const full = await tare(['run', ...short, '--out', join(mount, 'run')], folder);
      expect(full.exitCode).toBe(4);
      expect(full.stderr).toMatch(/^tare: .*small\/run has [01] MB free, and \d+ MB are needed\. .*--out\.$/);
      await execa('mount', ['-o', 'remount,ro', mount]);
      const readOnly = await tare(['run', ...short, '--out', join(mount, 'run')], folder);
      expect(readOnly.exitCode).toBe(2);
      expect(readOnly.stderr).toMatch(
        /^tare: .*small\/run can’t be written to: read-only file system\. .*--out\.$/,
      );
    } finally {
      await execa('umount', [mount]);
    }
  });
});
