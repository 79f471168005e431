import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { cgroupName } from '../../bench/engine/isolated-engine.ts';
import { CpuMeter } from '../../bench/run/cpu-meter.ts';
import { loadBefore } from '../../bench/run/load-before.ts';
import { runTrial } from '../../bench/run/trial.ts';
import { ownMachine } from '../../bench/site/cpu.ts';
import { foreignCpu, undecided } from '../../bench/site/foreign-load.ts';
import { parseProcess, parseProcesses, usedBetween } from '../../bench/site/process-times.ts';
import type { SiteEngine } from '../../bench/site/site.ts';
import { losses } from '../../reports/ranking.ts';
import { commonReasonText } from '../../results/reason-text.ts';
import { inWords } from '../../results/reasons.ts';
import type { ForeignCpu, Plan, Trial } from '../../results/schema.ts';
import { summarise } from '../../results/summarise.ts';
import { cpu, metric, okTrial, run } from './results-builders.ts';

interface Process {
  readonly pid: number;
  readonly parent?: number;
  readonly name?: string;
  readonly start?: number;
  /** CPU seconds of its own, and of its children that have ended. */
  readonly used?: number;
  readonly children?: number;
  readonly isKernel?: boolean;
}

/** As Linux 6.18 writes it. */
function line({
  pid,
  parent = 1,
  name = 'sh',
  start = 5,
  used = 0,
  children = 0,
  isKernel,
}: Process): string {
  const times = `${used * 60} ${used * 40} ${children * 50} ${children * 50}`;
  const flags = isKernel ? 0x208040 : 0x400100;
  return `${pid} (${name}) R ${parent} ${pid} 1 0 -1 ${flags} 97 0 0 0 ${times} 20 0 1 0 ${start} 2568192 163 184467 1 1 0 0 0 0 0 0 65538 0 0 0 17 1 0 0 0 0 0`;
}

const table = (...processes: Process[]) => parseProcesses(`${processes.map(line).join('\n')}\n`);

describe('parseProcess', () => {
  it.each(['sh', 'npm exec tsc --', 'a) R (b', '(sd-pam)', 'Isolated Web Co'])(
    'reads the name %j',
    (name) => {
      expect(parseProcess(line({ pid: 7, parent: 3, name, start: 99, used: 2, children: 1 }))).toEqual({
        pid: 7,
        parent: 3,
        name,
        startTicks: 99,
        ownTicks: 200,
        childTicks: 100,
        isKernel: false,
      });
    },
  );

  it('replaces what would steer a terminal in a name that a program gave itself', () => {
    expect(parseProcess(line({ pid: 7, name: '\u001b]0;x\u0007\u202e\u009b2J' }))?.name).toBe(']0;x 2J');
    expect(parseProcess(line({ pid: 7, name: '' }))?.name).toBe('?');
  });

  it('knows the kernel’s own threads', () => {
    expect(parseProcess(line({ pid: 7, name: 'kworker/0:1-events', isKernel: true }))?.isKernel).toBe(true);
  });

  it.each(['', 'cat: can’t open /proc/12/stat', '7 (sh', '7 (sh) R 1 2', `x${line({ pid: 1 })}`])(
    'passes over %j',
    (text) => expect(parseProcess(text)).toBeUndefined(),
  );
});

describe('usedBetween', () => {
  const used = (before: readonly Process[], after: readonly Process[]) =>
    Object.fromEntries(usedBetween(table(...before), table(...after)));

  it('gives what each used, and all of what began meanwhile', () => {
    expect(
      used(
        [
          { pid: 2, used: 5 },
          { pid: 3, used: 1 },
        ],
        [
          { pid: 2, used: 6 },
          { pid: 3, used: 1 },
          { pid: 4, start: 9, used: 2 },
        ],
      ),
    ).toEqual({ 2: 1, 4: 2 });
  });

  it('gives a parent what its children used until they ended, and not what they had used before', () => {
    const make = { pid: 2, name: 'make', used: 1 };
    const old = { pid: 3, parent: 2, used: 100, start: 6 };
    expect(used([make, old], [{ ...make, children: 101.5 }])).toEqual({ 2: 1.5 });
    // A whole branch ended: what its leaf had used has gone up with it.
    const leaf = { pid: 4, parent: 3, used: 50, start: 7 };
    expect(used([make, old, leaf], [{ ...make, children: 152 }])).toEqual({ 2: 2 });
  });

  it('takes another process of the same pid for another', () => {
    expect(used([{ pid: 2, start: 5, used: 900 }], [{ pid: 2, start: 80, used: 1 }])).toEqual({ 2: 1 });
  });

  it('never goes below zero where a parent did not wait for its child', () => {
    const parent = { pid: 2, used: 1 };
    expect(used([parent, { pid: 3, parent: 2, used: 100, start: 6 }], [{ ...parent, used: 2 }])).toEqual({
      2: 1,
    });
  });

  it('ends where a broken reading holds a circle', () => {
    const circle = [
      { pid: 2, parent: 3 },
      { pid: 3, parent: 2 },
    ];
    expect(used(circle, [])).toEqual({});
  });
});

describe('foreignCpu', () => {
  /** Two cores for a second, all of it busy. */
  const busy = cpu({ wallSeconds: 1, cores: 2, userSeconds: 1.5, systemSeconds: 0.4 });
  const tare = { pid: 10, name: 'node', used: 1 };
  const start = [
    tare,
    { pid: 2, parent: 0, name: 'kthreadd', isKernel: true },
    { pid: 3, parent: 2, name: 'kworker/0:1', isKernel: true },
    { pid: 20, parent: 10, name: 'iperf3' },
    { pid: 30, name: 'dockerd' },
    { pid: 31, name: 'containerd-shim' },
    { pid: 34, parent: 30, name: 'iptables' },
    { pid: 32, parent: 31, name: 'iperf3' },
    { pid: 40, parent: 31, name: 'postgres' },
    { pid: 50, name: 'sh' },
    { pid: 51, name: 'sh' },
  ] satisfies Process[];
  const plus = (seconds: Readonly<Record<number, number>>) =>
    start.map((each: Process) => ({ ...each, used: (each.used ?? 0) + (seconds[each.pid] ?? 0) }));
  const find = (seconds: Readonly<Record<number, number>>, isWhole = true) => {
    const readings = { before: table(...start), after: table(...plus(seconds)), isWhole };
    return foreignCpu(readings, busy, ({ pid }) => pid === 32, 10);
  };

  it('is nothing where only the trial’s containers, Tare, what Tare started, the engine and the kernel were busy', () => {
    expect(find({ 3: 0.2, 10: 0.1, 20: 0.4, 30: 0.3, 31: 0.1, 32: 0.6, 34: 0.2 })).toEqual({
      machine: 'boot-1',
      share: 0,
      cpuSeconds: 0,
      top: [],
      tareCpuSeconds: 0.1,
    });
  });

  it('is what other programs and other containers took, by name', () => {
    expect(find({ 32: 0.9, 40: 0.2, 50: 0.3, 51: 0.4 })).toMatchObject({
      share: 0.45,
      cpuSeconds: 0.9,
      top: [
        { name: 'sh', cpuSeconds: 0.7 },
        { name: 'postgres', cpuSeconds: 0.2 },
      ],
    });
  });

  it('asks only after those that used CPU, and their parents', () => {
    const readings = { before: table(...start), after: table(...plus({ 40: 0.2, 3: 0.2 })), isWhole: true };
    expect(undecided(readings).map(({ pid }) => pid)).toEqual([40, 31]);
  });

  it('goes by its parent’s container where a process was gone before it could be asked', () => {
    const child = { pid: 33, parent: 32, start: 8, used: 0.5 };
    const readings = { before: table(...start), after: table(...start, child), isWhole: true };
    const isOwn = ({ pid }: { pid: number }) => (pid === 33 ? undefined : pid === 32);
    expect(foreignCpu(readings, busy, isOwn, 10).share).toBe(0);
  });

  it('names load that can’t be seen only where not all can be seen, and beyond what two clocks differ by', () => {
    const unseen = { name: 'programs that can’t be seen from here', cpuSeconds: 0.9 };
    expect(find({ 32: 1 }, false)).toMatchObject({ share: 0.45, top: [unseen] });
    expect(find({ 32: 1.75 }, false)).toMatchObject({ share: 0, top: [] });
    expect(find({ 32: 1 }, true)).toMatchObject({ share: 0, top: [] });
  });

  it('is never more than the whole machine', () => {
    expect(find({ 50: 5 }).share).toBe(1);
  });
});

/** An engine whose probe runs what it is told in a shell here, and whose containers are these. */
function sideHere(machine: string, containers: readonly string[] = []): SiteEngine {
  return {
    machine,
    engine: {
      id: machine,
      ownership: 'user',
      docker: { listContainers: async () => containers.map((Id) => ({ Id })) },
    },
    probe: { read: async (script: string) => (await execa('sh', ['-c', script], { reject: false })).stdout },
  } as never;
}

describe('CpuMeter', () => {
  /** Runs a busy loop by that name that is nobody's child, until it has been seen as foreign load. */
  async function seenAs(side: SiteEngine): Promise<ForeignCpu['top'][number] | undefined> {
    const folder = await mkdtemp(join(tmpdir(), 'tare-foreign-'));
    let pid = 0;
    try {
      await symlink('/bin/sh', join(folder, 'somebody-else'));
      // Four of them, so that they are among the greediest where the machine is busy anyway.
      const loop = `${folder}/somebody-else -c 'while :; do :; done'`;
      const loops = `timeout 30 sh -c "${Array(4).fill(loop).join(' & ')} & wait"`;
      const started = await execa('sh', ['-c', `(${loops} >/dev/null 2>&1 & echo $!)`]);
      pid = Number(started.stdout);
      const meter = await CpuMeter.create('a-run');
      for (let attempt = 0; attempt < 60; attempt += 1) {
        const stop = await meter.start([side]);
        await new Promise((resolve) => setTimeout(resolve, 300));
        const { foreign, cpu: machines } = await stop();
        expect(machines).toHaveLength(1);
        const found = foreign[0]?.top.find(({ name }) => name === 'somebody-else');
        if (found) return found;
      }
      return undefined;
    } finally {
      // It hands the signal on to its process group.
      if (pid > 0) process.kill(pid);
      await rm(folder, { recursive: true });
    }
  }

  it('names a busy loop that is not Tare’s, reading this machine itself', async () => {
    expect((await seenAs(sideHere(await ownMachine())))?.cpuSeconds).toBeGreaterThan(0);
  }, 60_000);

  it('names it, too, where it reads through a probe', async () => {
    expect((await seenAs(sideHere('another machine')))?.cpuSeconds).toBeGreaterThan(0);
  }, 60_000);

  it('counts the run’s containers and the private engine’s as its own, and no other', async () => {
    const [ours, theirs] = ['a'.repeat(64), 'b'.repeat(64)];
    const groups: Record<string, string> = {
      40: `0::/system.slice/docker-${ours}.scope`,
      41: `4:cpu:/docker/${theirs}`,
      42: `4:cpu:/${cgroupName()}/${theirs}`,
      43: '0::/user.slice',
    };
    const readings = [0, 1].map((used) =>
      [40, 41, 42, 43].map((pid) => line({ pid, name: `program-${pid}`, used })).join('\n'),
    );
    let reading = 0;
    const side = {
      ...sideHere('another machine', [ours]),
      probe: {
        read: async (script: string) => {
          if (script.includes('readlink')) return 'pid:[4026531836]\n';
          if (script.includes('/cgroup')) {
            const pids = [...script.matchAll(/proc\/(\d+)\/cgroup/g)].map(([, pid]) => pid as string);
            return pids
              .flatMap((pid) => (groups[pid] ? [`/proc/${pid}/cgroup:${groups[pid]}`] : []))
              .join('\n');
          }
          const stat = `cpu0 ${reading * 400} 0 0 0 0 0 0 0`;
          const [processes, mark] = [readings[reading++], '\n== stat\n'];
          return script.startsWith('cat /proc/stat')
            ? `${stat}${mark}${processes}`
            : `${processes}${mark}${stat}`;
        },
      },
    } as never;
    const stop = await (await CpuMeter.create('a-run')).start([side]);
    await new Promise((resolve) => setTimeout(resolve, 5));
    const names = (await stop()).foreign[0]?.top.map(({ name }) => name);
    // On another machine there is no private engine of this state folder, whatever a control group is called.
    expect(names?.sort()).toEqual(['program-41', 'program-42', 'program-43']);
  });

  it('leaves the load unknown where the engine can’t say which containers are its own', async () => {
    const side = sideHere('another machine');
    const refusing = {
      ...side,
      engine: { ...side.engine, docker: { listContainers: () => Promise.reject(new Error('gone')) } },
    };
    const read = side.probe.read.bind(side.probe);
    const probe = {
      read: async (script: string) =>
        script.includes('/cgroup') ? `/proc/1/cgroup:0::/docker/${'c'.repeat(64)}` : read(script),
    };
    const stop = await (await CpuMeter.create('a-run')).start([{ ...refusing, probe } as never]);
    const folder = await execa('sh', ['-c', '(timeout 0.3 sh -c "while :; do :; done" &); sleep 0.4']);
    expect(folder.exitCode).toBe(0);
    const { cpu: machines, foreign } = await stop();
    expect(machines).toHaveLength(1);
    expect(foreign).toEqual([]);
  });
});

describe('loadBefore', () => {
  const look = (share: number) => {
    const load = { machine: 'm', share, cpuSeconds: share, top: [{ name: 'sh', cpuSeconds: share }] };
    const meter = {
      start: async () => async () => ({ cpu: [cpu({ machine: 'm', wallSeconds: 0.5 })], foreign: [load] }),
    };
    return loadBefore(meter as never, [sideHere('m')]);
  };

  it('warns with the programs’ names from five hundredths on', async () => {
    const [busy] = await look(0.9);
    expect(busy?.warning).toMatch(/^other programs take 90 % of the CPU: sh 1\.8 cores\. /);
    expect(busy).toMatchObject({ share: 0.9, top: [{ name: 'sh', cores: 1.8 }] });
    expect((await look(0.04))[0]).not.toHaveProperty('warning');
  });
});

describe('a trial under foreign load', () => {
  const loaded: ForeignCpu = {
    machine: 'boot-1',
    share: 0.45,
    cpuSeconds: 0.9,
    top: [{ name: 'stress-ng', cpuSeconds: 0.9 }],
  };

  const trialUnder = async (plan: Pick<Plan, 'maxForeignCpuShare'>): Promise<Trial> => {
    const meter = { start: async () => async () => ({ cpu: [cpu()], foreign: [loaded] }) };
    const workload = {
      measure: async () => ({
        type: 'measured',
        metrics: [metric('goodput', 1e9)],
        measuredSeconds: 1,
        warnings: [],
        raw: '',
      }),
    };
    const planned = { block: 0, order: 0, chain: 0, scenario: 'same-host/bridge', workload: 'tcp-stream' };
    const settings = { durationSeconds: 1, omitSeconds: 0, cores: 2, offeredBitsPerSecond: 1 };
    const context = { plan: { maxStealShare: 1, ...plan }, meter } as never;
    const pair = { generation: 0, wiring: { server: { type: 'bare' }, client: { type: 'bare' } } } as never;
    return (await runTrial(planned, pair, workload as never, settings, context)).trial;
  };

  it('counts where the plan declares no bound, and keeps the load in the record', async () => {
    expect(await trialUnder({})).toMatchObject({ status: 'ok', foreignCpu: [loaded] });
    expect(await trialUnder({ maxForeignCpuShare: 0.5 })).toMatchObject({ status: 'ok' });
  });

  it('does not count beyond the bound that was declared, and says who it was', async () => {
    expect(await trialUnder({ maxForeignCpuShare: 0.05 })).toMatchObject({
      status: 'invalid',
      reason: {
        code: 'foreign-load',
        share: 0.45,
        allowedShare: 0.05,
        programs: [{ name: 'stress-ng', cores: 0.9 }],
      },
      foreignCpu: [loaded],
    });
  });
});

it('is one line of a report, however much it differed from trial to trial', () => {
  const measured = okTrial();
  const trials = [45, 61, 38].map((share, order): Trial => {
    const programs = [{ name: 'sh', cores: share / 50 }];
    const reason = { code: 'foreign-load' as const, share: share / 100, allowedShare: 0.05, programs };
    const scenario = order === 2 ? 'same-host/bridge' : measured.scenario;
    return { ...measured, order, scenario, status: 'invalid', reason };
  });
  const other = {
    ...okTrial({ order: 3 }),
    status: 'invalid' as const,
    reason: inWords('took another path'),
  };
  const found = losses(summarise({ run: run(), trials: [...trials, other] }));
  expect(
    found.map(({ reason, isVaried, ...loss }) => ({ ...loss, text: commonReasonText({ reason, isVaried }) })),
  ).toEqual([
    {
      status: 'invalid',
      text: 'other programs took 45 % of the CPU (the plan allows 5 %): sh 0.9 cores, and the like',
      count: 3,
      scenarios: [
        { id: 'same-host/host', count: 2 },
        { id: 'same-host/bridge', count: 1 },
      ],
    },
    {
      status: 'invalid',
      text: 'took another path',
      count: 1,
      scenarios: [{ id: 'same-host/host', count: 1 }],
    },
  ]);
});
