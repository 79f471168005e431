import type { RunSummary } from '../results/summary.ts';
import { baselineNote } from './packet-sizes.ts';
import { type RankedTopology, scenarioName } from './ranking.ts';
import { plainText } from './text.ts';
import { topologyPhrase } from './topology-title.ts';

/** On what a run was measured, in short; what was not read is left out. Plain text. */
export interface Testbed {
  /** `AMD EPYC 7B13, 2 cores, virtual machine, Linux 6.18.5`; of all machines where there are several. */
  readonly machine: string;
  /** Engines, congestion control, and what the baseline of each topology is: a sentence each. */
  readonly sentences: readonly string[];
}

/** Undefined where no fingerprint was recorded. */
export function testbed({ run }: RunSummary, ranked: readonly RankedTopology[]): Testbed | undefined {
  const prints = run.fingerprints;
  if (prints.length === 0) return undefined;
  const machines = prints.map(({ kernel, emulated, facts }) =>
    [
      facts['cpu/model'],
      facts['cpu/cores'] && `${facts['cpu/cores']} ${facts['cpu/cores'] === '1' ? 'core' : 'cores'}`,
      emulated ? 'emulated' : facts['cpu/virtualised'] === 'yes' && 'virtual machine',
      `Linux ${kernel}`,
    ]
      .filter(Boolean)
      .join(', '),
  );
  const engines = prints.map(({ engineVersion }) => engineVersion);
  const controls = prints.flatMap(({ facts }) => facts['sysctl/net.ipv4.tcp_congestion_control'] ?? []);
  const baselines = ranked.flatMap(({ title, measured }) => {
    const baseline = measured.find(({ isBaseline }) => isBaseline);
    const note = baseline && baselineNote(baseline);
    return baseline ? [`${topologyPhrase(title)}: ${scenarioName(baseline)}${note ? `, ${note}` : ''}`] : [];
  });
  return {
    machine: plainText(unique(machines).join('; ')),
    sentences: [
      `Docker Engine ${unique(engines).join(' and ')}.`,
      ...(controls.length > 0 ? [`TCP congestion control ${unique(controls).join(' and ')}.`] : []),
      ...(baselines.length > 0 ? [`Baseline: ${baselines.join('; ')}.`] : []),
    ].map(plainText),
  };
}

const unique = (texts: readonly string[]): string[] => [...new Set(texts)];
