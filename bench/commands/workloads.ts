import { jsonText } from '../../reports/text.ts';
import { Failure } from '../../results/failure.ts';
import { glob } from '../../results/glob.ts';
import { jsonDocument } from '../../results/json-schema.ts';
import { type Profile, type ProfileName, profiles } from '../config/profiles.ts';
import { sweepValues } from '../plan/parameter-sweep.ts';
import { workloads } from '../workloads/registry.ts';
import type { SweptSetting, Workload } from '../workloads/workload.ts';
import { type CommandContext, exitCodes } from './command.ts';

export interface WorkloadsOptions {
  readonly json?: boolean;
}

/** `tare workloads`: what each does, how long, with what warm-up, and what its figure can't tell. Needs no engine. */
export async function listWorkloads(
  patterns: readonly string[],
  options: WorkloadsOptions,
  context: CommandContext,
): Promise<number> {
  const unknown = patterns.find((pattern) => !workloads.some(({ id }) => glob(pattern)(id)));
  if (unknown !== undefined) {
    const known = workloads.map(({ id }) => id).join(', ');
    throw new Failure('usage', `no workload is called or matches "${unknown}"`, `Choose among ${known}.`);
  }
  const chosen = workloads.filter(
    ({ id }) => patterns.length === 0 || patterns.some((pattern) => glob(pattern)(id)),
  );
  const described = chosen.map(describe);
  context.stdout.write(
    options.json
      ? jsonText(jsonDocument('workloads', { workloads: described }))
      : `${described.map(asText).join('\n\n')}\n`,
  );
  return exitCodes.ok;
}

/** A workload in words, as `--json` gives it. */
export interface WorkloadDescription {
  readonly id: string;
  readonly summary: string;
  readonly metrics: readonly string[];
  readonly warmUp: string;
  readonly duration: string;
  readonly cannotTell: string;
  readonly sweeps?: string;
}

function describe(workload: Workload): WorkloadDescription {
  const settings = Object.keys(workload.variants ?? {}) as SweptSetting[];
  return {
    id: workload.id,
    summary: workload.summary,
    metrics: workload.metrics.map(({ name, unit }) => `${name} (${unit})`),
    warmUp: warmUpOf(workload),
    duration: durationOf(workload),
    cannotTell: workload.caveat,
    ...(settings.length > 0 && {
      sweeps: settings.map((setting) => `${setting} ${sweepValues[setting].join(', ')}`).join('; '),
    }),
  };
}

const named = Object.entries(profiles) as [ProfileName, Profile][];

function warmUpOf({ omits }: Workload): string {
  if (!omits) return 'none within a trial';
  return `the first ${named.map(([name, { omitSeconds }]) => `${omitSeconds} s (${name})`).join(', ')} of a trial are left out; omit in a bench.yaml sets it`;
}

function durationOf({ id, timing }: Workload): string {
  const isIn = (patterns: readonly string[] = []) => patterns.some((pattern) => glob(pattern)(id));
  const within = named.flatMap(([name, profile]) => {
    const { durationSeconds, blocksPerGeneration, workloads, occasional } = profile;
    if (isIn(workloads)) return [`${durationSeconds} s (${name})`];
    const seldom = `in one block of ${blocksPerGeneration}`;
    return isIn(occasional) ? [`${durationSeconds} s (${name}, ${seldom})`] : [];
  });
  return [within.join(', '), ...(timing ? [timing] : [])].join('; ');
}

function asText(described: WorkloadDescription): string {
  const lines: [string, string][] = [
    ['measures', described.metrics.join(', ')],
    ['warm-up', described.warmUp],
    ['duration', described.duration],
    ...(described.sweeps ? ([['sweeps', described.sweeps]] satisfies [string, string][]) : []),
    ['can’t tell', described.cannotTell],
  ];
  return [
    `${described.id}: ${described.summary}`,
    ...lines.map(([label, text]) => `  ${label.padEnd(11)}${text}`),
  ].join('\n');
}
