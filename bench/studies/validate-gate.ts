import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { defaultGateOptions as gate } from '../../results/gate.ts';
import { powerPlot, replaceSection, tallyTable } from './gate/document.ts';
import { onePair, seenMachine, wholeMatrix } from './gate/model.ts';
import { readTrace, replay } from './gate/replay.ts';
import { shortened } from './gate/shorten-trace.ts';
import {
  calibratedGateRun,
  type GateRun,
  liveGateRun,
  storedGateRun,
  type Tally,
  tally,
} from './gate/simulate.ts';

/** How often the gate errs, on simulated machines and on recorded traces; see docs/gate.md. */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    /** A/A gate runs per design. */
    'gate-runs': { type: 'string', default: '10000' },
    /** Gate runs per design and size of change. */
    'power-runs': { type: 'string', default: '2000' },
    seed: { type: 'string', default: '1' },
    /** Only the designs whose name contains this. */
    design: { type: 'string', default: '' },
    /** Writes the figures into docs/gate.md, the plot and the figures as JSON beside it. */
    write: { type: 'boolean', default: false },
    /** Writes the one trace that is given to a file, without what no gate reads; nothing is replayed. */
    shorten: { type: 'string' },
  },
});

const slowdowns = [0, 0.03, 0.05, 0.08, 0.1, 0.15] as const;
const seed = Number(values.seed);

/** What `tare calibrate` would recommend for such a machine. */
const calibrated = { ...gate, deltas: [{ metrics: 'tcp-rr:*', delta: 0.1 }] };

const designs: Record<string, (slowdown: number, seed: number) => GateRun> = {
  'stored baseline, 6 blocks (profile standard), 6 scenarios × 2 metrics': (slowdown, own) =>
    storedGateRun(seenMachine, own, { blocks: 6, slowdown, gate }),
  'stored baseline, profile gate (30 blocks, 2 scenarios × 2 metrics), delta as calibrated, measured again before it is told':
    (slowdown, own) => calibratedGateRun(seenMachine, own, { blocks: 30, slowdown, gate }),
  'stored baseline, 30 blocks, 6 scenarios × 2 metrics': (slowdown, own) =>
    storedGateRun(seenMachine, own, { blocks: 30, slowdown, gate }),
  'live A/B, up to 30 blocks, 6 scenarios × 2 metrics': (slowdown, own) =>
    liveGateRun(seenMachine, own, { slowdown, gate, plan: wholeMatrix }),
  'the same with a delta of 10 % for round trips, as their noise calls for': (slowdown, own) =>
    liveGateRun(seenMachine, own, { slowdown, gate: calibrated, plan: wholeMatrix }),
  'live A/B, up to 30 blocks (300 s), one scenario’s goodput': (slowdown, own) =>
    liveGateRun(seenMachine, own, { slowdown, gate, plan: onePair }),
};

const document = 'docs/gate.md';
const figures = 'docs/gate-simulation.json';

// A trace alone is replayed without simulating again.
if (values.shorten !== undefined) await shorten(positionals, values.shorten);
else if (positionals.length === 0) await showSimulation();
else await showReplay(positionals);

async function showSimulation(): Promise<void> {
  const simulated = simulate();
  console.log(tables(simulated));
  if (!values.write) return;
  // Designs that were not simulated this time keep their figures.
  const earlier = JSON.parse(await readFile(figures, 'utf8').catch(() => '{}')) as Record<string, Tally[]>;
  const all = Object.keys(designs).flatMap((design) => {
    const tallies = simulated.get(design) ?? earlier[design];
    return tallies ? [[design, tallies] as const] : [];
  });
  await writeFile(figures, `${JSON.stringify(Object.fromEntries(all), null, 2)}\n`);
  await writeFile('docs/gate-power.svg', powerPlot(new Map(all)));
  await writeFile(
    document,
    replaceSection(await readFile(document, 'utf8'), 'simulation', tables(new Map(all))),
  );
}

async function shorten(paths: readonly string[], file: string): Promise<void> {
  const [path] = paths;
  if (path === undefined || paths.length !== 1) throw new Error('give one run’s folder to shorten');
  const { trials } = await readTrace(path);
  await writeFile(file, trials.map((trial) => `${JSON.stringify(shortened(trial))}\n`).join(''));
}

async function showReplay(paths: readonly string[]): Promise<void> {
  const text = `\n${(await replayAll(paths)).join('\n')}`;
  console.log(text);
  if (values.write)
    await writeFile(document, replaceSection(await readFile(document, 'utf8'), 'replay', text));
}

function tables(tallies: ReadonlyMap<string, readonly Tally[]>): string {
  const parts = [...tallies].map(([design, each]) => `### ${capitalised(design)}\n\n${tallyTable(each)}\n`);
  return `\n${parts.join('\n')}`;
}

function simulate(): Map<string, Tally[]> {
  const results = new Map<string, Tally[]>();
  for (const [design, gateRun] of Object.entries(designs)) {
    if (!design.includes(values.design)) continue;
    const tallies = slowdowns.map((slowdown, i) => {
      const gateRuns = Number(slowdown === 0 ? values['gate-runs'] : values['power-runs']);
      const from = performance.now();
      const result = tally(design, slowdown, gateRuns, gateRun(slowdown, seed + i));
      const seconds = ((performance.now() - from) / 1000).toFixed(0);
      console.error(`${design}, +${slowdown * 100} %: ${gateRuns} gate runs in ${seconds} s`);
      return result;
    });
    results.set(design, tallies);
  }
  return results;
}

async function replayAll(paths: readonly string[]): Promise<string[]> {
  const tables: string[] = [];
  for (const path of paths) {
    const trace = await readTrace(path);
    for (const blocks of trace.hasArms ? [0] : [6, 12, 30]) {
      const tallies = replay(trace, blocks, slowdowns, gate);
      const design = tallies[0]?.design ?? '';
      tables.push(
        `### ${capitalised(design)}: ${path}, ${trace.blocks.length} blocks\n\n${tallyTable(tallies)}\n`,
      );
    }
  }
  return tables;
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
