import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../../results/failure.ts';
import { programMarks } from '../engine/labels.ts';
import { said } from '../engine/words.ts';
import { runStamp } from '../state/run-stamp.ts';
import type { Emulator } from './emulator.ts';
import type { GuestFiles } from './guest-disk.ts';
import { runningFolder } from './machine-folders.ts';
import { Qmp } from './qmp.ts';

/**
 * The processor: of the emulator's plainest model that no kernel takes for one with a hardware fault but Spectre's, with
 * each feature by name that its own emulation has and a kernel's network path asks for (AES, carry-less multiplication).
 */
const processor = [
  'qemu64-v1,-svm,+ssse3,+sse4.1,+sse4.2,+popcnt,+aes,+pclmulqdq,+abm,+movbe,+bmi1,+bmi2,+adx',
  '+erms,+rdrand,+rdseed,+fsgsbase,+smep,+smap',
].join(',');

/** Without what works on its own account (huge pages, pressure accounting, audit, watchdogs) or makes addresses random. */
const parameters = [
  ...['console=ttyS0', 'quiet', 'panic=1', 'nokaslr', 'psi=0', 'audit=0', 'nowatchdog'],
  ...['transparent_hugepage=never', 'tsc=reliable', 'random.trust_cpu=on'],
];

/** The emulator's options that make a machine what it is, to be told in its recipe. */
export const emulatorOptions = {
  machine: 'pc-q35-10.0,accel=tcg,hpet=off',
  cpu: processor,
  icount: 'shift=0,sleep=on',
  rtc: 'base=2026-01-01T00:00:00,clock=vm',
  memory: '3G',
  seed: '1',
  kernel: parameters.join(' '),
} as const;

/** Where a node's engine listens on the emulator's own network, through which this machine reaches it. */
const engineAddress = (node: number) => `198.18.254.${20 + node}`;

export interface GuestRequest {
  readonly emulator: Emulator;
  readonly files: GuestFiles;
  /** Numbers of its nodes. */
  readonly nodes: { readonly first: number; readonly last: number };
  /** `instructions`: one is a nanosecond; `wall`: as quick as it goes, and no two runs are alike. */
  readonly clock: 'instructions' | 'wall';
  /** A network card on a wire between two guests, of which one serves the socket; one may record what passes. */
  readonly wire?:
    | { readonly socket: string; readonly serves: boolean; readonly record?: string | undefined }
    | undefined;
  /** Absolute, of what the guest starts from rather than to boot. */
  readonly state?: { readonly layer: string; readonly memory: string } | undefined;
  /** Where what it writes to its disk goes; thrown away where absent. */
  readonly layer?: string | undefined;
  /** `-plugin` of the emulator, whose socket is to lie in this folder. */
  readonly plugin?: ((folder: string) => string) | undefined;
  /** Of the run that it is for, by which `tare clean` knows it; made up where absent. */
  readonly runId?: string | undefined;
}

/** An emulated machine that runs. */
export interface GuestProcess {
  readonly qmp: Qmp;
  /** Its sockets lie here. */
  readonly folder: string;
  /** The other end of the guest's port `tare.agent`. */
  readonly agentSocket: string;
  readonly firstNode: number;
  /** Port of each node's engine at 127.0.0.1. */
  readonly ports: readonly number[];
  /** Resolves when it has ended, however. */
  readonly ended: Promise<void>;
  hasEnded(): boolean;
  /** The console's last lines. */
  console(): string;
  /** Ends it at once and removes what it left. */
  stop(): Promise<void>;
}

/**
 * Starts an emulated machine; it ends with this process. With `state` it stands still until it is told to go on.
 * @throws Failure `infrastructure` with the emulator's words; nothing is left then
 */
export async function startGuest(request: GuestRequest, signal: AbortSignal): Promise<GuestProcess> {
  const folder = runningFolder();
  const consoleFile = join(folder, 'console');
  const output = openSync(consoleFile, 'w', 0o600);
  const [program, ...words] = [
    // An engine's deadlines are fixed, so where they pass by the wall's clock such a guest goes first on a busy machine.
    ...(request.clock === 'wall' ? ['nice', '--adjustment', '-10'] : []),
    ...['setpriv', '--pdeathsig', 'KILL'],
    ...request.emulator.argv('qemu-system-x86_64', ...optionsOf(request, folder)),
  ];
  const child = spawn(program as string, words, {
    // Not in this process's group, so that Ctrl-C leaves it until all is cleaned.
    detached: true,
    stdio: ['ignore', output, output],
    env: { PATH: process.env.PATH, ...programMarks(request.runId ?? `${runStamp(new Date())}-mach`) },
  });
  closeSync(output);
  let over = false;
  const ended = new Promise<void>((resolve) => {
    const end = () => {
      over = true;
      resolve();
    };
    child.once('exit', end);
    child.once('error', end);
  });
  const console = () => lastLines(existsSync(consoleFile) ? readFileSync(consoleFile, 'utf8') : '');
  const stop = async () => {
    if (!over) child.kill('SIGKILL');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const gone = ended.then(() => {
      throw new Failure(
        'infrastructure',
        `the emulator ends as it starts: ${said(console())}`,
        'Look at what it says; `tare clean --all` removes the counted machine, so that it is made anew.',
      );
    });
    const given = new AbortController();
    const qmp = await Promise.race([
      Qmp.connect(join(folder, 'qmp'), 30, AbortSignal.any([signal, given.signal])),
      gone,
    ]).finally(() => given.abort());
    const ports = forwardedPorts(
      await qmp.ask('human-monitor-command', { 'command-line': 'info usernet' }),
      request.nodes,
    );
    return {
      ...{ qmp, folder, agentSocket: join(folder, 'agent'), ports, ended, console, stop },
      firstNode: request.nodes.first,
      hasEnded: () => over,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function optionsOf(request: GuestRequest, folder: string): string[] {
  const { emulator, files, nodes, state, layer, plugin, clock } = request;
  const shares = ['qemu', 'seabios'].flatMap((name) => ['-L', join(emulator.folder, 'usr', 'share', name)]);
  const forwards = numbersOf(nodes)
    .map((node) => `,hostfwd=tcp:127.0.0.1:0-${engineAddress(node)}:2375`)
    .join('');
  const disk = layer ?? state?.layer;
  const drive = `file=${disk ?? files.disk},format=qcow2,if=virtio,snapshot=${layer === undefined ? 'on' : 'off'}`;
  const { machine, cpu, icount, rtc, memory, seed, kernel } = emulatorOptions;
  return [
    ...shares,
    ...['-machine', machine, '-cpu', cpu, '-smp', '1', '-m', memory],
    ...(clock === 'instructions' ? ['-icount', icount, '-rtc', rtc] : []),
    ...['-seed', seed, '-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot'],
    ...['-serial', 'stdio', '-kernel', files.kernel, '-initrd', files.initrd],
    // By the wall's clock a busy host lets a second pass without a tick, which the kernel takes for a broken timer.
    ...[
      '-append',
      `${kernel}${clock === 'wall' ? ' no_timer_check' : ''} first_node=${nodes.first} last_node=${nodes.last}`,
      '-drive',
      drive,
    ],
    ...[
      '-device',
      'virtio-serial-pci',
      '-chardev',
      `socket,id=agent,path=${join(folder, 'agent')},server=on,wait=off`,
    ],
    ...['-device', 'virtserialport,chardev=agent,name=tare.agent'],
    ...['-chardev', `socket,id=qmp,path=${join(folder, 'qmp')},server=on,wait=off`],
    ...['-mon', 'chardev=qmp,mode=control'],
    ...['-netdev', `user,id=management,restrict=on,net=198.18.254.0/24,host=198.18.254.2${forwards}`],
    ...['-device', 'virtio-net-pci,netdev=management,mac=02:00:c6:12:fe:01,romfile='],
    ...wireOptions(request),
    ...(state ? ['-incoming', 'defer'] : []),
    ...(plugin ? ['-plugin', plugin(folder)] : []),
  ];
}

/** By its own list, since a free port that was looked for beforehand may be another's by now. */
function forwardedPorts(table: unknown, nodes: GuestRequest['nodes']): number[] {
  const rows = `${table}`.matchAll(/TCP\[HOST_FORWARD\]\s+\d+\s+127\.0\.0\.1\s+(\d+)\s+([\d.]+)\s+2375/g);
  const ports = new Map([...rows].map(([, port, address]) => [address, Number(port)]));
  return numbersOf(nodes).map((node) => {
    const port = ports.get(engineAddress(node));
    if (port === undefined) throw new Error(`the emulator forwards no port of node ${node}`);
    return port;
  });
}

const numbersOf = ({ first, last }: GuestRequest['nodes']): number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);

/** Frames are recorded up to this length: all headers of a VXLAN frame and of what it carries. */
const recordedBytes = 160;

function wireOptions({ wire, nodes }: GuestRequest): string[] {
  if (!wire) return [];
  const socket = `addr.type=unix,addr.path=${wire.socket}`;
  return [
    ...['-netdev', `stream,id=wire,server=${wire.serves ? 'on' : 'off'},${socket}`],
    ...['-device', `virtio-net-pci,netdev=wire,mac=02:00:c6:12:ff:1${nodes.first},romfile=`],
    ...(wire.record
      ? ['-object', `filter-dump,id=record,netdev=wire,file=${wire.record},maxlen=${recordedBytes}`]
      : []),
  ];
}

/** Printable, for messages. */
function lastLines(text: string): string {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  return lines.slice(-6).join(' · ');
}
