import { describe, expect, it } from 'vitest';
import type { CountedBlock, Mark } from '../../bench/machine/instruction-counter.ts';
import { SymbolTable } from '../../bench/machine/symbol-table.ts';
import type { Pair } from '../../bench/pair/pair.ts';
import { type Counting, countingOf, runCountedTrial } from '../../bench/run/counted-trial.ts';
import { accountOf } from '../../bench/run/instruction-account.ts';
import { asCounted, callsOf } from '../../bench/workloads/counted.ts';
import { workloadById } from '../../bench/workloads/registry.ts';
import type { Workload } from '../../bench/workloads/workload.ts';
import { trialReasonText } from '../../results/reason-text.ts';
import { trialSchema } from '../../results/schema.ts';
import { testPair } from './workload-pair.ts';

const symbols = new SymbolTable(
  [
    'ffffffff81000000 T tcp_sendmsg',
    'ffffffff81001000 T process_one_work',
    'ffffffff81002000 t get_partial_node.part.0',
    'ffffffff81003000 t __queue_delayed_work',
    'ffffffffc0300000 t nft_do_chain\t[nf_tables]',
    'ffffffffc03ab150 t gc_worker\t[nf_conntrack]',
    '',
  ].join('\n'),
);

const path = (address: bigint, instructions: number): CountedBlock => ({
  ...{ address, instructions, task: undefined, isApart: false },
});
const user = (task: string, instructions: number): CountedBlock => ({
  ...{ address: undefined, instructions, task, isApart: false },
});
const apart = (task: string, address: bigint, instructions: number): CountedBlock => ({
  ...{ address, instructions, task, isApart: true },
});

const blocks: CountedBlock[] = [
  path(0xffffffff81000000n, 3000),
  path(0xffffffff81000040n, 1000),
  path(0xffffffff81002000n, 30),
  path(0xffffffffc0300010n, 5000),
  path(0xffffffffc0800000n, 500),
  user('netperf', 400),
  user('my server', 100),
  apart('kworker/0:1', 0xffffffff81001000n, 900),
  apart('kworker/0:1', 0xffffffff81003000n, 400),
  apart('kworker/0:1', 0xffffffffc03ab150n, 300),
  apart('rcu_preempt', 0xffffffff81000000n, 50),
];

describe('an account of a window', () => {
  it('gives the path by function and module, and sets workers aside by their work', () => {
    const account = accountOf(blocks, symbols, 100);
    expect(account.instructionsPerUnit).toBe(100);
    expect(account.functions).toEqual([
      { name: 'tcp_sendmsg', module: 'kernel', instructionsPerUnit: 40 },
      { name: 'nft_do_chain', module: 'nf_tables', instructionsPerUnit: 50 },
      { name: 'generated-code', module: 'kernel', instructionsPerUnit: 5 },
      { name: 'netperf', module: 'user', instructionsPerUnit: 4 },
      { name: 'my_server', module: 'user', instructionsPerUnit: 1 },
    ]);
    expect(account.setAside).toEqual([
      { name: 'kworker (gc_worker)', instructions: 1600 },
      { name: 'rcu_preempt', instructions: 50 },
      { name: 'refilling the heap', instructions: 30 },
    ]);
  });
});

const netperf = [
  ...['THROUGHPUT=20000.00', 'THROUGHPUT_UNITS=Trans/s', 'ELAPSED_TIME=0.07', 'MIN_LATENCY=46'],
  ...['MEAN_LATENCY=50.0', 'P50_LATENCY=49', 'P90_LATENCY=50', 'P99_LATENCY=55', 'MAX_LATENCY=90'],
  ...['LOCAL_SEND_CALLS=1340', ''],
].join('\n');

/** A pair and a machine that do as they are told, and what was asked of them. */
function rig(marks: readonly Mark[], said = '0') {
  const asked: string[] = [];
  const note = (text: string) => void asked.push(text);
  const client = {
    where: 'the client',
    folder: async () => '/tmp/tare-1',
    inShell: (argv: readonly string[]) => argv,
    run: async (argv: readonly string[]) => {
      note(`client runs ${argv.at(-1)}`);
      return { exitCode: 0, stdout: '', stderr: '', timedOut: false };
    },
    start: async () => note('tool waits'),
  };
  const container = {
    ...{ id: 'c1', name: 'client' },
    engine: { docker: { getContainer: () => ({ inspect: async () => ({ State: { Pid: 4711 } }) }) } },
  };
  const machine = {
    symbols,
    agent: {
      hold: async () => note('hold'),
      release: async () => note('release'),
      windows: async ({ go }: { go: string }) => {
        note(`go ${go}`);
        if (said === 'hangs') throw new Error('has not answered');
        return [{ nanoseconds: 1, said }];
      },
      read: async (file: string) => Buffer.from(file.endsWith('/out') ? netperf : 'no route\n'),
      run: async () => undefined,
    },
    counter: {
      forget: async () => note('forget'),
      arm: async (arming: unknown) => note(`arm ${JSON.stringify(arming)}`),
      marks: async () => marks,
      between: async (from: number, to: number) => {
        note(`between ${from} ${to}`);
        return blocks;
      },
    },
  };
  const pair = {
    ...testPair,
    ...{ client, generation: 2, wiring: { client: { type: 'container', container } } },
  } as unknown as Pair;
  const workload = workloadById('tcp-rr') as Workload;
  const counting = countingOf(workload, pair, machine as never) as Counting;
  const planned = { ...{ block: 0, order: 3, chain: 0 }, scenario: 'same-host/bridge', workload: 'tcp-rr' };
  return {
    asked,
    pair,
    workload,
    machine,
    run: () => runCountedTrial(planned, pair, workload, counting, undefined),
  };
}

const mark = (ofEvent: number | undefined, instructions: number, nanoseconds?: number): Mark => ({
  ...{ ofEvent, instructions, nanoseconds },
});
const goodMarks = [mark(undefined, 10), mark(0, 1e6, 5e6), mark(1, 3e6, 7e6), mark(2, 13e6, 17e6)];

describe('a counted trial', () => {
  it('takes its figures from what lies between two calls of a tool that runs on', async () => {
    const { asked, run } = rig(goodMarks);
    const { trial, functions, raw } = await run();
    expect(trialSchema.parse(trial)).toEqual(trial);
    expect(trial).toMatchObject({
      ...{ status: 'ok', order: 3, generation: 2, transactions: 1340, cpu: [] },
      counted: {
        ...{ unit: 'transaction', instructionsPerUnit: 10, secondsPerUnit: 10 / 1e9 },
        windows: [
          { units: 200, instructions: 2e6, seconds: 0.002 },
          { units: 1200, instructions: 12e6, seconds: 0.012 },
        ],
        setAside: [
          { name: 'kworker (gc_worker)', instructions: 1600 },
          { name: 'rcu_preempt', instructions: 50 },
          { name: 'refilling the heap', instructions: 30 },
        ],
      },
    });
    if (trial.status !== 'ok') throw new Error('unreachable');
    expect(trial.metrics.map(({ name, unit }) => `${name} ${unit}`)).toEqual([
      'transactions 1/s',
      'instructions instructions',
    ]);
    expect(functions).toHaveLength(5);
    expect(raw).toBe(netperf);
    expect(asked).toEqual([
      'client runs /tmp/tare-1/counted-3',
      'tool waits',
      'forget',
      'arm {"event":"sendto","task":"netperf","calls":[100,300,1300]}',
      'hold',
      'go /proc/4711/root/tmp/tare-1/counted-3/go',
      'release',
      'between 2 3',
    ]);
  });

  it('adds what the guest slept, where that is longer than its clock is old', async () => {
    const slept = goodMarks.map((each) => (each.ofEvent === 2 ? mark(2, 13e6, 37e6) : each));
    const { trial } = await rig(slept).run();
    if (trial.status !== 'ok') throw new Error('unreachable');
    expect(trial.counted?.secondsPerUnit).toBeCloseTo((10 + 20e6 / 1000) / 1e9, 12);
  });

  it('fails with the tool’s words where it ends badly, and where it was done too soon', async () => {
    const broken = await rig(goodMarks, '1').run();
    expect(broken.trial.status).toBe('failed');
    if (broken.trial.status !== 'failed') throw new Error('unreachable');
    expect(trialReasonText(broken.trial.reason)).toContain('netperf ended with 1: no route');
    const early = await rig(goodMarks.slice(0, 3)).run();
    if (early.trial.status !== 'failed') throw new Error('unreachable');
    expect(trialReasonText(early.trial.reason)).toContain('called sendto less often than was counted on');
  });

  it('lets the daemons go on whatever happens', async () => {
    const { asked, run } = rig(goodMarks, 'hangs');
    const { trial } = await run();
    expect(trial.status).toBe('failed');
    expect(asked.at(-1)).toBe('release');
  });
});

describe('counted workloads', () => {
  it('have a client that makes as many calls as are waited for', () => {
    for (const id of ['tcp-rr', 'udp-rr', 'tcp-crr', 'tcp-stream', 'dns']) {
      const work = workloadById(id)?.counted;
      if (!work) throw new Error(`${id} is not counted`);
      const argv = work.argv({ ...testPair, serverName: 'server' }, callsOf(work));
      const limit = Math.abs(Number(argv[argv.indexOf(id === 'dns' ? '-n' : '-l') + 1]));
      const bytes = argv.includes('-m') ? Number(argv[argv.indexOf('-m') + 1]) : 1;
      expect(limit / bytes, id).toBeGreaterThan(work.warmUpCalls + work.windowCalls[1]);
    }
  });

  it('run beside the servers that their tool needs', () => {
    const stream = asCounted(workloadById('tcp-stream') as Workload);
    expect(stream.servers(testPair).map(({ argv }) => argv[0])).toEqual(['netserver']);
    const rr = workloadById('tcp-rr') as Workload;
    expect(asCounted(rr)).toBe(rr);
  });
});
