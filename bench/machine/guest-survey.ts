import { z } from 'zod';
import { Failure } from '../../results/failure.ts';
import { memberOffset } from './btf.ts';
import type { GuestAgent } from './guest-agent.ts';
import { SymbolTable } from './symbol-table.ts';

/**
 * Functions by whose calls a trial is measured: entries of system calls, which every kernel has under the same name, and
 * which a program calls once for each unit of its work.
 */
export const watchedCalls = ['sendto', 'sendmsg', 'sendmmsg', 'connect', 'write'] as const;
export type WatchedCall = (typeof watchedCalls)[number];

/**
 * Tasks of the guest whose work is no trial's: the kernel's housekeepers, and what manages containers. dockerd is none
 * of them: it is held, or it answers names. A name covers all that begin with it.
 */
const housekeepers = [
  ...['kworker/', 'rcu_', 'kcompactd', 'kswapd', 'ksmd', 'khugepaged', 'khungtaskd', 'oom_reaper'],
  ...['migration/', 'kauditd', 'jbd2', 'containerd', 'tare-agent'],
];

/** What the counter must know of a guest before it starts: addresses of one boot, and so of every start of its snapshot. */
export const guestSurveySchema = z.strictObject({
  switchAddress: z.string().regex(/^0x[0-9a-f]{1,16}$/),
  nameOffset: z.number().int().nonnegative(),
  /** Where the processor's own data begin is kept at the first; the clock lies at so many bytes from there. */
  clock: z.strictObject({
    base: z.string().regex(/^[0-9a-f]{1,16}$/),
    offset: z.string().regex(/^[0-9a-f]{1,16}$/),
  }),
  events: z.array(
    z.strictObject({ name: z.enum(watchedCalls), address: z.string().regex(/^[0-9a-f]{1,16}$/) }),
  ),
});
export type GuestSurvey = z.infer<typeof guestSurveySchema>;

/**
 * Asks a booted guest what its counter must know, and reads its symbols. Both hold for every start from a snapshot
 * that is made of it afterwards.
 * @throws Failure `infrastructure` where its kernel does not tell
 */
export async function surveyGuest(agent: GuestAgent): Promise<{ survey: GuestSurvey; kallsyms: Buffer }> {
  const kallsyms = await agent.read('/proc/kallsyms');
  const symbols = new SymbolTable(kallsyms.toString('latin1'));
  const btf = await agent.read('/sys/kernel/btf/vmlinux');
  const hex = (value: bigint) => value.toString(16);
  const needed = (name: string): bigint => {
    const address = symbols.address(name);
    if (address !== undefined) return address;
    throw new Failure(
      'infrastructure',
      `the guest's kernel has no ${name}, by which its instructions are told apart`,
      'Choose another kernel in the machine’s recipe.',
    );
  };
  const survey: GuestSurvey = {
    switchAddress: `0x${hex(needed('__switch_to'))}`,
    nameOffset: memberOffset(btf, 'task_struct', 'comm'),
    clock: {
      base: hex(needed('__per_cpu_offset')),
      offset: hex(needed('runqueues') + BigInt(memberOffset(btf, 'rq', 'clock'))),
    },
    events: watchedCalls.map((name) => ({ name, address: hex(needed(`__x64_sys_${name}`)) })),
  };
  return { survey, kallsyms };
}

/**
 * What the emulator is started with to count: the value of its `-plugin`.
 * @param plugin the compiled plugin
 * @param socket where it is to be asked
 */
export function counterOption(plugin: string, socket: string, survey: GuestSurvey): string {
  const { switchAddress, nameOffset, clock, events } = survey;
  // A comma separates; twice it stands for itself.
  const literal = (text: string) => text.replaceAll(',', ',,');
  return [
    literal(plugin),
    `socket=${literal(socket)}`,
    `switch=${switchAddress}`,
    `name=${nameOffset}`,
    `clock=${clock.base}:${clock.offset}`,
    ...events.map(({ name, address }) => `event=${name}:${address}`),
    ...housekeepers.map((name) => `apart=${name}`),
  ].join(',');
}
