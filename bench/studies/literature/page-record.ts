import { z } from 'zod';
import { parseScenarioId, type Topology } from '../../../results/scenario.ts';
import type { Metric, Run, RunRecord, Trial } from '../../../results/schema.ts';
import { metricSchema, runSchema, schemaVersion } from '../../../results/schema.ts';

const statuses = ['ok', 'invalid', 'failed'] as const;

/** What a report's page keeps of its run, as far as it is needed here. */
const pageSchema = z.object({
  run: z.string(),
  json: z.object({
    scenarios: z.array(z.object({ id: z.string(), status: z.string(), reason: z.string().optional() })),
  }),
  trials: z.object({
    texts: z.array(z.string()),
    metrics: z.array(z.tuple([z.string(), metricSchema.shape.unit, metricSchema.shape.better])),
    rows: z.array(
      z
        .tuple([
          ...([z.number(), z.number(), z.number(), z.number()] as const),
          ...([z.number(), z.number(), z.number(), z.union([z.number(), z.string()])] as const),
          ...([z.number(), z.number(), z.number()] as const),
          z.array(z.number()),
        ])
        .rest(z.unknown()),
    ),
  }),
});

/**
 * The record of a run as its report's page keeps it, for runs of which nothing else is left: every trial with its
 * figures and its place. Witnesses, machines and the plan's details are not in it.
 * @param html of a page of a run without arms
 */
export function recordOfPage(html: string): RunRecord {
  const command = /<pre id="command">([^<]*)</.exec(html)?.[1] ?? '';
  const data = /id="tare-data">(.*?)<\/script>/s.exec(html)?.[1];
  if (data === undefined) throw new Error('this page holds no run');
  const { run: id, json, trials: packed } = pageSchema.parse(JSON.parse(data));
  const trials = packed.rows.flatMap((row): Trial[] => {
    const [block, order, chain, generation, scenario, workload, , moment, status, , , pairs] = row;
    if (statuses[status] !== 'ok') return [];
    const metrics: Metric[] = [];
    for (let at = 0; at + 1 < pairs.length; at += 2) {
      const [name, unit, better] = packed.metrics[pairs[at] as number] ?? [];
      if (name !== undefined && unit && better)
        metrics.push({ name, unit, better, value: pairs[at + 1] as number });
    }
    const startedAt = new Date(moment).toISOString();
    const names = { scenario: packed.texts[scenario] ?? '', workload: packed.texts[workload] ?? '' };
    const times = { startedAt, wallSeconds: 1, measuredSeconds: 1 };
    return [
      { block, order, chain, generation, ...names, ...times, warnings: [], metrics, cpu: [], status: 'ok' },
    ];
  });
  return { run: runOf({ id, command: unescaped(command) }, json.scenarios, trials), trials };
}

const entities: Readonly<Record<string, string>> = {
  '&#39;': "'",
  '&quot;': '"',
  '&lt;': '<',
  '&gt;': '>',
  '&amp;': '&',
};
const unescaped = (html: string): string =>
  html.replace(/&(?:#39|quot|lt|gt|amp);/g, (each) => entities[each] ?? each);

function runOf(
  { id, command }: { id: string; command: string },
  scenarios: z.infer<typeof pageSchema>['json']['scenarios'],
  trials: readonly Trial[],
): Run {
  const measured = [...new Set(trials.map(({ workload }) => workload))];
  const hostOf = (topology: Topology) => `${topology}/host`;
  const topologies: readonly Topology[] = ['same-host', 'cross-host'];
  return runSchema.parse({
    schemaVersion,
    id,
    tareVersion: 'of the page',
    label: 'sample',
    startedAt: trials[0]?.startedAt ?? '',
    state: 'finished',
    command,
    emulated: false,
    plan: {
      profile: 'standard',
      seed: 0,
      blocks: 1 + Math.max(...trials.map(({ block }) => block)),
      blocksPerGeneration: 1,
      scenarios: scenarios.flatMap(({ id: scenario, status, reason = '' }): object[] => {
        const parsed = parseScenarioId(scenario);
        if (!parsed) return [];
        const { topology, driver, options } = parsed;
        const common = { id: scenario, topology, driver, options };
        return status === 'unsupported'
          ? [{ ...common, status, reason: { code: 'said', text: reason, remedy: '' } }]
          : [{ ...common, status: 'ready', isBaseline: scenario === hostOf(topology) }];
      }),
      workloads: measured.map((workload) => ({ id: workload, durationSeconds: 1, omitSeconds: 0 })),
      baselines: Object.fromEntries(topologies.map((topology) => [topology, hostOf(topology)])),
      offeredBitsPerSecond: 1e9,
      maxStealShare: 1,
    },
    fingerprints: [],
    pairs: [],
    measuredSeconds: 0,
    wallSeconds: 0,
    warnings: [],
  });
}
