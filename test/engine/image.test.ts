import type Docker from 'dockerode';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AcquiredEngine, acquireEngine } from '../../bench/engine/acquire-engine.ts';
import { ContainerExecutor } from '../../bench/engine/container-executor.ts';
import { labels } from '../../bench/engine/labels.ts';
import { buildRecipe } from '../../bench/image/build.ts';
import { ensureToolbox, nativeArgv, type ToolboxImage, toolboxRootfs } from '../../bench/image/image.ts';
import { composeRecipe, imageName, nodeRecipe, toolboxRecipe } from '../../bench/image/recipe.ts';
import { ownMachine } from '../../bench/site/cpu.ts';

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
    Labels: labels('test'),
    HostConfig: { NetworkMode: 'none' },
  });
  await container.start();
  inside = new ContainerExecutor(docker, { id: container.id, name: 'tools' }, 'local');
}, 1_800_000);
afterAll(async () => {
  await container?.remove({ force: true });
  await acquired?.release();
});

describe('the shell that stays open in a container', () => {
  const run = (...argv: string[]) => inside.run(argv, { deadlineSeconds: 20 });

  test('keeps outputs apart and to the byte, and gives the exit code', async () => {
    const script = "printf 'no newline'; printf 'é\\n\\n' >&2; exit 7";
    expect(await run('sh', '-c', script)).toEqual({
      exitCode: 7,
      stdout: 'no newline',
      stderr: 'é\n\n',
      timedOut: false,
    });
    expect(await run('true')).toEqual({ exitCode: 0, stdout: '', stderr: '', timedOut: false });
    expect((await run('no-such-program')).exitCode).toBe(127);
  });

  test('hands on words and input as they are', async () => {
    const words = ["it's", '$HOME `id` "x"', 'two\nlines', '', '*', '-n'];
    expect((await run('printf', '%s|', ...words)).stdout).toBe(`${words.join('|')}|`);
    const stdin = `${"'%s\\n".repeat(50_000)}no newline`;
    const { stdout } = await inside.run(['cat'], { deadlineSeconds: 20, stdin });
    expect(stdout).toBe(stdin);
    expect((await run('cat')).stdout).toBe('');
  });

  test('kills at the deadline, and is there for the next program', async () => {
    const slow = await inside.run(['sh', '-c', 'echo begun; exec sleep 30'], { deadlineSeconds: 1 });
    expect(slow).toMatchObject({ timedOut: true, stdout: 'begun\n' });
    expect((await run('echo', 'still here')).stdout).toBe('still here\n');
  });

  test('runs several programs at once, and leaves what is started running', async () => {
    const sleeps = Array.from({ length: 4 }, (_, index) => run('sh', '-c', `sleep 0.3; echo ${index}`));
    expect((await Promise.all(sleeps)).map(({ stdout }) => stdout)).toEqual(['0\n', '1\n', '2\n', '3\n']);
    await inside.start(['sh', '-c', 'echo noise; exec sleep 987']);
    inside.close();
    const named = '[ "$(tr "\\0" " " <$p/cmdline)" = "sleep 987 " ]';
    const script = `for p in /proc/[0-9]*; do ${named} && echo $p; done`;
    expect((await run('sh', '-c', script)).stdout).toMatch(/^\/proc\/\d+\n$/);
  });

  test('runs a script in itself, and is given up where that takes too long', async () => {
    expect(await inside.script('x=1; echo $x; exit 3', 20)).toEqual({
      exitCode: 3,
      stdout: '1\n',
      stderr: '',
    });
    await expect(inside.script('sleep 30', 0.2)).rejects.toMatchObject({ kind: 'infrastructure' });
    expect((await inside.script('echo "$x"', 20)).stdout).toBe('\n');
  });

  test('says that its container went away under a program', async () => {
    const other = await acquired.engine.docker.createContainer({
      Image: toolbox.name,
      Labels: labels('test'),
      HostConfig: { NetworkMode: 'none' },
    });
    await other.start();
    const executor = new ContainerExecutor(acquired.engine.docker, { id: other.id, name: 'other' }, 'local');
    await executor.run(['true'], { deadlineSeconds: 20 });
    const orphan = executor.run(['sleep', '30'], { deadlineSeconds: 40 });
    const verdict = expect(orphan).rejects.toMatchObject({
      kind: 'infrastructure',
      message: expect.stringContaining('container other on local, in which a program ran: '),
    });
    await other.remove({ force: true });
    await verdict;
    await expect(executor.run(['true'], { deadlineSeconds: 20 })).rejects.toThrow(/No such container/i);
  });
});

describe('toolbox image', () => {
  test('is smaller than 60 MB', async () => {
    const { Size: bytes } = await acquired.engine.docker.getImage(toolbox.name).inspect();
    expect(bytes).toBeGreaterThan(10e6);
    expect(bytes).toBeLessThan(60e6);
  });

  test('carries a label that no sweep looks for, and a version of each tool', async () => {
    const { Config } = await acquired.engine.docker.getImage(toolbox.name).inspect();
    expect(Config.Labels).toEqual({ 'tare.image': 'toolbox' });
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
    ['nft -v', /^nftables v1/],
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
    const machine = await ownMachine();
    const rootfs = (await toolboxRootfs(acquired.engine, machine)) as string;
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
    expect(await toolboxRootfs(acquired.engine, machine)).toBe(rootfs);
    expect(await toolboxRootfs(acquired.engine, 'another machine')).toBeUndefined();
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
