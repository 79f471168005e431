import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Flags } from '../config/flags.ts';

/** A number, or commander's error. */
export const number = (text: string): number => {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('It must be a number.');
  return value;
};

/** Of `--lab` without a number. */
const labNodes = 2;

/** Keys of a bench.yaml that are flags, too, each with the name that commander gives its option. */
const optionOf = {
  profile: 'profile',
  scenarios: 'scenario',
  workloads: 'workload',
  occasional: 'occasionally',
  engines: 'engine',
  lab: 'lab',
  machine: 'machine',
  sweep: 'sweep',
  equalLoad: 'equalLoad',
  blocks: 'blocks',
  duration: 'duration',
  seed: 'seed',
  subnets: 'subnets',
  underlay: 'underlay',
  label: 'label',
  out: 'out',
} as const satisfies Record<keyof Flags, string>;

/** Commander's options that are also keys of a bench.yaml, checked. @throws Failure `usage` */
export async function flagsOf(options: Record<string, unknown>): Promise<Flags> {
  // Loaded when it is needed, which `--help` does not.
  const { checkFlags } = await import('../config/flags.ts');
  const asked: Record<string, unknown> = { ...options, lab: options.lab === true ? labNodes : options.lab };
  const given = Object.entries(optionOf).flatMap(([key, option]) =>
    asked[option] === undefined ? [] : [[key, asked[option]]],
  );
  return checkFlags(Object.fromEntries(given));
}

/** Of a flag that no file can set: whoever writes a bench.yaml must not open the way. */
export const insecureTcpText =
  'speak to engines at tcp:// in clear also over a network: only where you trust all that is on it';

/** The same. */
export const labOnUserEngineText =
  'let the lab stand on your engine instead of one started for it: its nodes are as good as root there';

/** The options that say what is measured and where. */
export function selection(command: Command): Command {
  return command
    .option('--scenario <glob...>', 'scenarios to measure, such as "*overlay*" or same-host/bridge@mtu=9000')
    .option('--workload <glob...>', 'workloads to run, such as tcp-* (default: the profile’s)')
    .option(
      '--engine <url...>',
      'engines to measure on: one, or two for cross-host (unix://, ssh://, tcp://)',
    )
    .option('--insecure-tcp', insecureTcpText)
    .option('--lab-on-user-engine', labOnUserEngineText)
    .addOption(
      new Option('--lab [nodes]', 'measure cross-host in a lab of so many engines on this machine').argParser(
        number,
      ),
    )
    .option(
      '--machine <kind>',
      'measure in an emulated machine whose clock counts instructions: counted, or counted:SUITE of Debian',
    )
    .option(
      '--underlay <address|interface>',
      'where hosts are reached and servers listen (default: the swarm’s, else the way out)',
    )
    .option('--subnets <cidr>', 'range of which networks are made (default: 198.19.0.0/16)');
}
