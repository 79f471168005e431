import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { memberOffset } from '../../bench/machine/btf.ts';
import { counterOption, guestSurveySchema, surveyGuest } from '../../bench/machine/guest-survey.ts';
import { InstructionCounter } from '../../bench/machine/instruction-counter.ts';
import { SymbolTable } from '../../bench/machine/symbol-table.ts';

const kallsyms = [
  '0000000000000000 A __per_cpu_start',
  '0000000000035e80 A runqueues',
  'ffffffff81000000 T _stext',
  'ffffffff81000000 T _text',
  'ffffffff8103cd20 T __switch_to',
  'ffffffff82574e20 D __per_cpu_offset',
  'ffffffff819d1160 T __x64_sys_sendto',
  'ffffffff819d1ae0 T __x64_sys_sendmsg',
  'ffffffff819d1d50 T __x64_sys_sendmmsg',
  'ffffffff819d0c20 T __x64_sys_connect',
  'ffffffff81435960 T __x64_sys_write',
  'ffffffffc03ab150 t gc_worker\t[nf_conntrack]',
  'ffffffffc0300000 t nft_do_chain\t[nf_tables]',
  '',
].join('\n');

describe('the symbols of a kernel', () => {
  const table = new SymbolTable(kallsyms);

  it('name the function that an address lies in, and its module', () => {
    expect(table.at(0xffffffff8103cd20n)).toEqual({ name: '__switch_to', module: 'kernel' });
    expect(table.at(0xffffffff81000fffn)).toEqual({ name: '_stext', module: 'kernel' });
    expect(table.at(0xffffffff8103cd1fn)).toBeUndefined();
    expect(table.at(0xffffffffc03ab150n)).toEqual({ name: 'gc_worker', module: 'nf_conntrack' });
    expect(table.at(0xffffffffc0300001n)).toEqual({ name: 'nft_do_chain', module: 'nf_tables' });
    expect(table.at(0x1000n)).toBeUndefined();
    expect(table.address('runqueues')).toBe(0x35e80n);
    expect(table.address('nothing')).toBeUndefined();
  });

  it('are refused where they are hidden or none', () => {
    expect(() => new SymbolTable('0000000000000000 T _stext\n')).toThrow('it hides the addresses');
    expect(() => new SymbolTable('<html>\n')).toThrow('a line of it is no symbol');
  });
});

/** A structure of one member in the kernel's own format. */
function btfOf(structure: string, member: string, offsetBytes: number): Buffer {
  const names = Buffer.from(`\0int\0${structure}\0${member}\0`);
  const [structureAt, memberAt] = [5, 5 + structure.length + 1];
  const words = (...values: number[]) => Buffer.from(Uint32Array.from(values).buffer);
  const types = Buffer.concat([
    words(1, 1 << 24, 4, 32),
    words(0, (13 << 24) | 1, 1, 0, 1),
    words(structureAt, ((4 << 24) | 1) >>> 0, 64, memberAt, 1, offsetBytes * 8),
  ]);
  return Buffer.concat([
    Buffer.from([0x9f, 0xeb, 1, 0]),
    words(24, 0, types.length, types.length, names.length),
    types,
    names,
  ]);
}

describe('the types of a kernel', () => {
  it('tell where a member lies', () => {
    const btf = btfOf('task_struct', 'comm', 2976);
    expect(memberOffset(btf, 'task_struct', 'comm')).toBe(2976);
    expect(() => memberOffset(btf, 'task_struct', 'com')).toThrow('knows no task_struct.com');
    expect(() => memberOffset(btf, 'rq', 'clock')).toThrow('knows no rq.clock');
  });

  it('are refused where they are damaged, however', () => {
    const btf = btfOf('task_struct', 'comm', 2976);
    fc.assert(
      fc.property(fc.nat(btf.length - 1), fc.nat(255), fc.nat(btf.length), (at, byte, length) => {
        const damaged = Buffer.from(btf);
        damaged[at] = byte;
        try {
          expect(memberOffset(damaged.subarray(0, length), 'task_struct', 'comm')).toBeGreaterThanOrEqual(0);
        } catch (error) {
          expect((error as Error).message).toMatch(/^what the guest's kernel tells of its types/);
        }
      }),
    );
  });
});

describe('the counter', () => {
  let folder: string;
  let server: Server;
  let answers: string[];
  let asked: string[];

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tare-counter-'));
    [answers, asked] = [[], []];
    server = createServer((socket) => {
      socket.on('data', (chunk) => {
        asked.push(chunk.toString().trimEnd());
        const answer = answers.shift();
        if (answer === undefined) socket.destroy();
        else socket.write(answer);
      });
    });
    await new Promise<void>((resolve) => server.listen(join(folder, 'socket'), resolve));
  });
  afterEach(() => {
    server.close();
    rmSync(folder, { recursive: true });
  });

  it('reads marks and what was executed between them', async () => {
    const counter = await InstructionCounter.connect(join(folder, 'socket'));
    answers = [
      '.\n',
      '.\n',
      '1 5000 0\n256 123456789012 6500\n257 123456999999 7500\n.\n',
      'u 268 netperf\nb 12 containerd-shim\nk ffffffff81000010 40\na ffffffffc03ab150 7 kworker/0:1\n.\n',
    ];
    await counter.forget();
    await counter.arm({ event: 'sendto', task: 'netperf', calls: [4, 204] });
    expect(await counter.marks()).toEqual([
      { ofEvent: undefined, instructions: 5000, nanoseconds: undefined },
      { ofEvent: 0, instructions: 123456789012, nanoseconds: 6500 },
      { ofEvent: 1, instructions: 123456999999, nanoseconds: 7500 },
    ]);
    expect(await counter.between(1, 2)).toEqual([
      { address: undefined, instructions: 268, task: 'netperf', isApart: false },
      { address: undefined, instructions: 12, task: 'containerd-shim', isApart: true },
      { address: 0xffffffff81000010n, instructions: 40, task: undefined, isApart: false },
      { address: 0xffffffffc03ab150n, instructions: 7, task: 'kworker/0:1', isApart: true },
    ]);
    expect(asked).toEqual(['forget', 'arm sendto netperf 4 204', 'marks', 'between 1 2']);
    counter.close();
  });

  it('says what it was refused, what it can not read, and that its machine ended', async () => {
    const counter = await InstructionCounter.connect(join(folder, 'socket'));
    answers = ['! that event is not watched\n.\n', 'k zz 1\n.\n'];
    const arming = { event: 'sendto', task: 'netperf', calls: [1] };
    await expect(counter.arm(arming)).rejects.toThrow('refused: that event is not watched');
    await expect(counter.between(0, 1)).rejects.toThrow('told of a count in other words: k zz 1');
    await expect(counter.marks()).rejects.toThrow('its machine ended');
    await expect(counter.marks()).rejects.toThrow('its machine ended');
    await expect(InstructionCounter.connect(join(folder, 'nobody'))).rejects.toThrow("can't be reached");
  });

  it('is started with what a guest was found to be', async () => {
    const btf = Buffer.concat([btfOf('task_struct', 'comm', 2976)]);
    const read = (path: string) => {
      if (path === '/proc/kallsyms') return Promise.resolve(Buffer.from(kallsyms));
      return Promise.resolve(btf);
    };
    await expect(surveyGuest({ read } as never)).rejects.toThrow('knows no rq.clock');
    const survey = guestSurveySchema.parse({
      switchAddress: '0xffffffff8103cd20',
      nameOffset: 2976,
      clock: { base: 'ffffffff82574e20', offset: '36930' },
      events: [{ name: 'sendto', address: 'ffffffff819d1160' }],
    });
    expect(counterOption('/a,b/tare-count.so', '/run/s', survey)).toMatch(
      /^\/a,,b\/tare-count\.so,socket=\/run\/s,switch=0xffffffff8103cd20,name=2976,clock=ffffffff82574e20:36930,event=sendto:ffffffff819d1160,apart=kworker\/,/,
    );
  });
});
