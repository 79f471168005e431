import { setTimeout as delay } from 'node:timers/promises';
import { percentText } from '../../results/figure-text.ts';
import { coreList, notableForeignShare, programsOf } from '../../results/foreign-load.ts';
import type { ForeignCpu } from '../../results/schema.ts';
import type { SiteEngine } from '../site/site.ts';
import type { CpuMeter } from './cpu-meter.ts';

/** Long enough to see a program that works all the time, short enough to hide behind other preparations. */
const lookSeconds = 0.5;

/** What other programs take of a machine's CPU before anything is measured there. */
export interface LoadBefore {
  /** Names of the engines on that machine. */
  readonly engines: readonly string[];
  /** Share of all its cores' time, 0 to 1. */
  readonly share: number;
  readonly top: readonly { readonly name: string; readonly cores: number }[];
  /** A sentence with what to do, where the load is worth a word. */
  readonly warning?: string;
}

/** Looks for half a second at what other programs do on each machine. */
export async function loadBefore(meter: CpuMeter, engines: readonly SiteEngine[]): Promise<LoadBefore[]> {
  const stop = await meter.start(engines);
  await delay(lookSeconds * 1000);
  const { cpu, foreign } = await stop();
  const machines = new Set(engines.map(({ machine }) => machine)).size;
  return foreign.map((load) => {
    const wallSeconds = cpu.find(({ machine }) => machine === load.machine)?.wallSeconds ?? lookSeconds;
    const names = engines.filter(({ machine }) => machine === load.machine).map(({ engine }) => engine.name);
    return {
      engines: names,
      share: load.share,
      top: load.top.map(({ name, cpuSeconds }) => ({ name, cores: cpuSeconds / wallSeconds })),
      ...(load.share >= notableForeignShare && {
        warning: sentence(load, wallSeconds, machines > 1 ? ` of ${names.join(' and ')}` : ''),
      }),
    };
  });
}

function sentence({ share, top }: ForeignCpu, wallSeconds: number, where: string): string {
  return (
    `other programs take ${percentText(share)} of the CPU${where}: ${coreList(programsOf(top, wallSeconds))}. ` +
    'Figures will scatter for it: stop them, or measure when the machine is quiet.'
  );
}
