import type { FunctionGroup } from '../../results/function-groups.ts';

/**
 * A colour for each part of a path, the same in every picture. What any process on any host passes through is grey and
 * sand; what containers add has a hue, so that it is what a reader sees.
 */
const colours: Readonly<Record<FunctionGroup, string>> = {
  'user space': '#dfe3e6',
  'system calls': '#c3cad0',
  'security checks': '#b7a8cf',
  sockets: '#a3aeb8',
  TCP: '#7f95ab',
  UDP: '#7f95ab',
  'IP and routing': '#5f7f9f',
  'packet buffers': '#9db7cc',
  'device layer': '#41719c',
  veth: '#f0c419',
  bridge: '#d55e00',
  'macvlan, ipvlan': '#f0a36b',
  VXLAN: '#cc79a7',
  IPsec: '#8c2d62',
  IPVS: '#e3b3cf',
  'connection tracking': '#009e73',
  NAT: '#7fcfb3',
  filter: '#00563f',
  BPF: '#98a457',
  scheduler: '#8d8577',
  'timers and clocks': '#aaa292',
  interrupts: '#bfb7a7',
  'locks and RCU': '#d2cbbd',
  'memory and data structures': '#e2dccd',
  'CPU mitigations': '#efebe0',
  other: '#f4f2ec',
};

/** The colour of a part; of the sum of several small ones, which has no name of its own, the palest. */
export const partColour = (part: string): string => colours[part as FunctionGroup] ?? colours.other;

/** Black or white, whichever is read on a colour `#rrggbb` (relative luminance of WCAG 2.2). */
export function inkOn(colour: string): string {
  const [red, green, blue] = channels(colour).map((each) => {
    const share = each / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.24 ? '#16191c' : '#ffffff';
}

/** Between two colours `#rrggbb`; share 0 is the first. */
export function mixed(from: string, to: string, share: number): string {
  const [start, end] = [channels(from), channels(to)];
  const hex = start.map((each, i) => {
    const value = Math.round(each + ((end[i] ?? each) - each) * Math.min(1, Math.max(0, share)));
    return value.toString(16).padStart(2, '0');
  });
  return `#${hex.join('')}`;
}

const channels = (colour: string): number[] =>
  [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
