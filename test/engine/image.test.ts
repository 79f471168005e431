import type Docker from 'dockerode';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ContainerExecutor } from '../../bench/engine/container-executor.ts';
import { buildRecipe } from '../../bench/image/build.ts';
import { ensureToolbox, nativeArgv, type ToolboxImage, toolboxRootfs } from '../../bench/image/image.ts';
import { composeRecipe, imageName, nodeRecipe, toolboxRecipe } from '../../bench/image/recipe.ts';
import { type AcquiredEngine, acquireEngine } from '../../bench/setup/acquire-engine.ts';

let acquired: AcquiredEngine;
let toolbox: ToolboxImage;
let container: Docker.Container;
let inside: ContainerExecutor;
beforeAll(async () => {
  acquired = await acquireEngine({ progress: () => undefined });
  toolbox = await ensureToolbox(acquired.engine, () => undefined);
  const { docker } = acquired.engine;
  container = await docker.createContainer({
    Image: toolbox.name,
    Labels: { tare: '1' },
    HostConfig: { NetworkMode: 'none' },
  });
  await container.start();
  inside = new ContainerExecutor(docker, { id: container.id, name: 'tools' }, 'local');
}, 1_800_000);
afterAll(async () => {
  await container?.remove({ force: true });
  await acquired?.release();
});

describe('toolbox image', () => {
  test('is smaller than 60 MB', async () => {
    const { Size: bytes } = await acquired.engine.docker.getImage(toolbox.name).inspect();
    expect(bytes).toBeGreaterThan(10e6);
    expect(bytes).toBeLessThan(60e6);
  });

  test('carries the label, and a version of each tool', () => {
    expect(Object.keys(toolbox.tools)).toEqual(
      expect.arrayContaining(['iperf3', 'netperf', 'sockperf', 'irtt', 'wrk', 'dnsperf']),
    );
    expect(toolbox.tools.iperf3).toMatch(/^3\.(1[6-9]|[2-9]\d)/);
  });

  test('is found at once the second time', async () => {
    const steps: string[] = [];
    const again = await ensureToolbox(acquired.engine, (step) => steps.push(step));
    expect(again).toEqual(toolbox);
    expect(steps).toEqual([]);
  });

  test('has another name when its recipe changes, and each recipe has its own', () => {
    const changed = { ...toolboxRecipe, buildArguments: { A: 'b' } };
    const names = [toolboxRecipe, changed, nodeRecipe(), composeRecipe].map(imageName);
    expect(new Set(names).size).toBe(names.length);
  });

  test.each([
    ['iperf3 -v', /^iperf 3/],
    ['netperf -V', /Netperf version/],
    ['netserver -V', /Netperf version/],
    ['sockperf --version', /sockperf, version/],
    ['irtt version', /irtt version/],
    ['wrk -v', /wrk/],
    ['dnsperf -h', /[Dd]nsperf|Usage/],
    ['nginx -v', /nginx version/],
    ['ip -V', /iproute2/],
    ['ss -V', /iproute2/],
    ['tc -V', /iproute2/],
    ['nstat -V', /nstat utility/],
    ['ethtool --version', /ethtool version/],
    ['conntrack -V', /conntrack v/],
    ['tcpdump --version', /tcpdump version/],
    ['iptables-nft -V', /nf_tables/],
    ['iptables-legacy -V', /legacy/],
    ['modprobe -V', /kmod version/],
    ['getent services ssh', /22\/tcp/],
    ['timeout 1 sh -c true', /^$/],
    ['sh -c "sleep 0.1; cat /etc/nsswitch.conf"', /hosts: files dns/],
  ])('runs %s', async (line, expected) => {
    const { stdout, stderr } = await inside.run(['sh', '-c', line], { deadlineSeconds: 20 });
    expect(`${stdout}${stderr}`.trim()).toMatch(expected);
  });

  test('its programs run on this machine, too, by their own loader', async () => {
    const rootfs = await toolboxRootfs(acquired.engine);
    const run = async (...argv: string[]) => {
      const [program, ...rest] = nativeArgv(rootfs, argv) as [string, ...string[]];
      return execa(program, rest, { all: true, reject: false, env: {}, extendEnv: false });
    };
    expect(nativeArgv(rootfs, ['iperf3'])[0]).toContain('ld-linux');
    expect((await run('iperf3', '-v')).all).toMatch(/^iperf 3/);
    expect((await run('netperf', '-V')).all).toMatch(/Netperf version/);
    expect((await run('irtt', 'version')).all).toMatch(/irtt version/);
    expect((await run('sleep', '0.01')).exitCode).toBe(0);
    expect(() => nativeArgv(rootfs, ['no-such-tool'])).toThrow('no-such-tool');
    expect(await toolboxRootfs(acquired.engine)).toBe(rootfs);
  });

  test("a build that fails is a failure with the builder's last words", async () => {
    // The toolbox has no apt-get, so it is no base.
    await expect(buildRecipe(acquired.engine, composeRecipe, toolbox.name)).rejects.toMatchObject({
      name: 'Failure',
      kind: 'infrastructure',
      message: expect.stringMatching(/docker-compose can't be built .*(apt-get|127)/s),
    });
  });
});
