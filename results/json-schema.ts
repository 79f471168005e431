import { z } from 'zod';
import type { Immutable } from './immutable.ts';
import { armSchema, unitSchema } from './schema.ts';

/**
 * Version of what `--json` prints, the same for all commands. A field may be added under one version; what changes its
 * meaning or goes raises it. Published as docs/output.schema.json.
 */
export const jsonVersion = 1 as const;

export const verdictSchema = z.enum(['pass', 'improved', 'regressed', 'inconclusive', 'invalid']);

const texts = z.array(z.string());
const count = z.number().int().nonnegative();
const topology = z.enum(['same-host', 'cross-host']);
const better = z.enum(['higher', 'lower', 'neither']);
const share = z.number().min(0).max(1);

const countsSchema = z
  .object({ ok: count, invalid: count, failed: count })
  .describe('Trials that count, that took another path or were disturbed, and that came to no figure.');

const witnessSchema = z
  .object({
    verdict: z.enum(['proven', 'refuted', 'unobserved', 'absent']),
    proven: count,
    refuted: count,
    unobserved: count,
    absent: count,
    sentence: z.string().optional(),
  })
  .describe('What the counters said of the path: numbers of trials, the worst verdict, and its sentence.');

const estimateSchema = z.object({
  estimate: z.number(),
  low: z.number().optional(),
  high: z.number().optional(),
  confidence: share.optional(),
  n: count,
});

const metricSchema = z.object({
  name: z.string(),
  unit: unitSchema,
  better,
  derived: z.boolean().describe('Made by Tare from the record, not given by a tool.'),
  n: count.describe('Trials that count and have it.'),
  median: z.number().describe('In the unit; so are min and max.'),
  min: z.number(),
  max: z.number(),
  overhead: estimateSchema
    .optional()
    .describe(
      'Cost against the baseline: ratios minus one, positive is worse. Absent for the baseline; without low and high where one observation bounds nothing.',
    ),
  noiseFloor: z
    .object({ effect: z.number().nonnegative(), confidence: share })
    .optional()
    .describe('The smallest effect, as a ratio minus one, that could have been seen, and how surely.'),
});

const distributionSchema = z.object({
  metric: z.string(),
  samples: count,
  trials: count,
  percentilesSeconds: z
    .record(z.string(), z.number())
    .describe('p50 to p99.99, of all samples merged; absent where fewer than ten lie beyond.'),
});

const workloadSchema = z.object({
  id: z.string(),
  counts: countsSchema,
  witness: witnessSchema,
  metrics: z.array(metricSchema),
  distributions: z.array(distributionSchema),
});

const scenarioSchema = z.object({
  id: z.string(),
  topology,
  arm: armSchema.optional(),
  isBaseline: z.boolean(),
  status: z.enum(['ok', 'invalid', 'failed', 'unsupported']),
  reason: z.string().optional(),
  remedy: z.string().optional().describe('Of one that is not supported.'),
  mtuBytes: z.number().optional().describe('Effective MTU; absent where not read.'),
  mssBytes: z.number().optional().describe('TCP’s payload per segment; absent where not read.'),
  counts: countsSchema.optional().describe('Absent where it is not supported.'),
  witness: witnessSchema.optional(),
  workloads: z.array(workloadSchema),
});

const head = <K extends string>(kind: K) => ({
  schemaVersion: z.literal(jsonVersion),
  kind: z.literal(kind),
});

const runFields = {
  run: z.string().describe('Its id.'),
  label: z.string(),
  tareVersion: z.string(),
  startedAt: z.string(),
  finishedAt: z.string().optional(),
  state: z.enum(['running', 'finished', 'interrupted', 'failed']),
  clock: z
    .enum(['wall', 'counted'])
    .describe('What its figures were read from: `counted` ones are instructions of an emulated machine.'),
  profile: z.string(),
  blocks: count,
  seed: count,
  command: z.string().describe('What makes it again, quoted for a shell.'),
  measuredSeconds: z.number().nonnegative(),
  wallSeconds: z.number().nonnegative(),
  baselines: z.partialRecord(topology, z.string()).describe('Scenario that the others are compared with.'),
  sharedKernel: z
    .literal(true)
    .optional()
    .describe(
      'Set where both engines of the cross-host pairs run on one kernel, so that no NIC lies between them: no figure of two hosts.',
    ),
  counts: countsSchema,
  missing: z
    .object({ missing: count, expected: count })
    .optional()
    .describe('Trials that the record should hold and does not.'),
  warnings: texts,
};

export const runDocument = z.object({
  ...head('run'),
  ...runFields,
  verdict: verdictSchema.optional().describe('Of a live comparison.'),
  scenarios: z.array(scenarioSchema),
});

const metricId = { scenario: z.string(), workload: z.string(), metric: z.string() };
const side = z.object({ n: count, median: z.number() });

const changeSchema = estimateSchema
  .extend({
    verdict: verdictSchema.exclude(['invalid']),
    reason: z.string().optional(),
    delta: z.number().describe('The smallest change that matters, by which it was judged.'),
    base: side,
    head: side,
    blocksToDecide: count.optional(),
  })
  .describe('Head against base: ratios minus one, positive is worse.');

const countedChange = { base: z.number(), head: z.number(), difference: z.number() };

const countedSchema = z
  .object({
    recipes: z.array(
      z.object({
        part: z.enum(['package', 'file', 'option']),
        name: z.string(),
        base: z.string().optional(),
        head: z.string().optional(),
      }),
    ),
    changes: z.array(
      z.object({
        scenario: z.string(),
        workload: z.string(),
        unit: z.string(),
        ...countedChange,
        ratio: z.number(),
        repeatability: z.number(),
        functions: z.array(
          z.object({
            name: z.string(),
            module: z.string(),
            group: z.string(),
            ...countedChange,
            base: z.number().optional(),
          }),
        ),
        groups: z.array(z.object({ group: z.string(), ...countedChange })),
      }),
    ),
  })
  .describe('Of figures in counted time: what the machines are made of, and what changed by function.');

export const comparisonDocument = z.object({
  ...head('comparison'),
  ...runFields,
  verdict: verdictSchema,
  reason: z.string().optional(),
  remedy: z.string().optional(),
  base: z.string(),
  head: z.string(),
  alpha: z.number(),
  blocksToDecide: count.optional(),
  counted: countedSchema.optional(),
  differences: z.array(
    z.object({
      role: z.string(),
      fact: z.string(),
      base: z.string().optional(),
      head: z.string().optional(),
      isOtherMachine: z.boolean(),
    }),
  ),
  refusals: z.array(
    z.object({
      scope: z.enum(['run', 'scenario', 'workload', 'metric']),
      scenario: z.string().optional(),
      workload: z.string().optional(),
      metric: z.string().optional(),
      what: z.string(),
      reason: z.string(),
      remedy: z.string(),
    }),
  ),
  controls: z.array(
    z.object({
      ...metricId,
      holds: z.boolean(),
      estimate: z.number(),
      low: z.number().optional(),
      high: z.number().optional(),
    }),
  ),
  scenarios: z.array(
    scenarioSchema.extend({
      workloads: z.array(
        workloadSchema.extend({
          metrics: z.array(metricSchema.extend({ change: changeSchema.optional() })),
        }),
      ),
    }),
  ),
});

const intervalSchema = z.object({ low: z.number(), high: z.number(), confidence: share });
const costSchema = z.object({ estimate: z.number(), n: count, interval: intervalSchema.optional() });

/** Each document that `--json` prints, by its `kind`. */
export const jsonDocuments = {
  run: runDocument,
  runs: z.object({ ...head('runs'), runs: z.array(runDocument) }),
  comparison: comparisonDocument,
  check: z.object({
    ...head('check'),
    engines: z.array(
      z.object({
        name: z.string(),
        url: z.string(),
        version: z.string(),
        apiVersion: z.string(),
        underlay: z.string(),
        swarm: z.enum(['manager', 'worker', 'none']),
      }),
    ),
    tools: z.record(z.string(), z.string()),
    scenarios: z.array(
      z.object({
        id: z.string(),
        status: z.enum(['ready', 'unsupported']),
        code: z.string().optional().describe('Of the reason; docs/codes.md lists all.'),
        reason: z.string().optional(),
        remedy: z.string().optional(),
      }),
    ),
    foreignLoad: z
      .array(
        z.object({
          engines: texts,
          share,
          top: z.array(z.object({ name: z.string(), cores: z.number() })),
          warning: z.string().optional(),
        }),
      )
      .describe('What other programs did on each machine meanwhile, as a share of all its cores’ time.'),
    warnings: texts,
  }),
  doctor: z.object({
    ...head('doctor'),
    remedies: z.array(z.object({ remedy: z.string(), reasons: texts, scenarios: texts })),
    ready: texts,
    warnings: texts,
  }),
  workloads: z.object({
    ...head('workloads'),
    workloads: z.array(
      z.object({
        id: z.string(),
        summary: z.string(),
        metrics: texts,
        warmUp: z.string(),
        duration: z.string(),
        cannotTell: z.string(),
        sweeps: z.string().optional(),
      }),
    ),
  }),
  history: z.object({
    ...head('history'),
    runs: texts,
    metrics: z.array(
      z.object({
        ...metricId,
        unit: unitSchema,
        better,
        follows: z.enum(['overhead', 'median']),
        points: z.array(
          z.object({
            run: z.string(),
            label: z.string(),
            startedAt: z.string(),
            median: z.number(),
            overhead: costSchema.optional(),
          }),
        ),
        changes: z.array(
          z.object({ run: z.string(), previousRun: z.string(), size: z.number(), probability: share }),
        ),
      }),
    ),
    warnings: texts,
  }),
  calibration: z.object({
    ...head('calibration'),
    run: z.string(),
    metrics: z.array(
      z.object({
        ...metricId,
        observed: count,
        byBlocks: z.array(
          z.object({
            blocks: count,
            detectable: z.number().optional(),
            passableDelta: z.number().optional(),
          }),
        ),
      }),
    ),
    recommendation: z.object({
      blocks: count,
      deltas: z.array(z.object({ ...metricId, delta: z.number() })),
    }),
    warnings: texts,
  }),
  claims: z.object({
    ...head('claims'),
    run: z.string(),
    claims: z.array(
      z.object({
        claim: count,
        words: z.string(),
        verdict: z.enum(['confirmed', 'refuted', 'not-tested']),
        reason: z.string().optional(),
        figures: z.array(
          z.object({
            type: z.enum(['change', 'value', 'absent']),
            what: z.string(),
            scenario: z.string(),
            against: z.string().optional(),
            workload: z.string(),
            metric: z.string(),
            criterion: z
              .object({ type: z.enum(['at-most', 'more-than']), cost: z.number(), why: z.string() })
              .optional(),
            finding: z
              .object({ type: z.enum(['agrees', 'disagrees', 'open']), reason: z.string().optional() })
              .optional(),
            better: better.optional(),
            cost: costSchema.optional(),
            note: z.string().optional(),
            unit: unitSchema.optional(),
            median: z.number().optional(),
            min: z.number().optional(),
            max: z.number().optional(),
            n: count.optional(),
            reason: z.string().optional(),
          }),
        ),
        observations: texts,
        sources: z.object({ run: z.string(), scenarios: texts, tried: z.boolean() }),
      }),
    ),
    warnings: texts,
  }),
  advice: z.object({
    ...head('advice'),
    run: z.string(),
    advice: z.array(
      z.object({
        title: z.string().optional(),
        needs: texts,
        topology,
        run: z.string(),
        measure: z.string(),
        figure: z
          .object({ workload: z.string(), metric: z.string(), baseline: z.string().optional() })
          .optional(),
        networks: z.array(
          z.object({
            scenario: z.string(),
            driver: z.string(),
            median: z.number(),
            unit: unitSchema,
            better,
            cost: costSchema.optional(),
            isTied: z.boolean(),
            proof: z.enum(['proven', 'partly', 'unproven']),
            givesUp: texts,
          }),
        ),
        tiedCostAtMost: z
          .number()
          .optional()
          .describe('The most that any of those that tie may cost, as a ratio minus one.'),
        unmeasured: z.array(z.object({ scenario: z.string(), reason: z.string() })),
      }),
    ),
    warnings: texts,
  }),
  lab: z.object({
    ...head('lab'),
    up: z.boolean(),
    nodes: z.array(
      z.object({
        name: z.string(),
        url: z.string(),
        state: z.string(),
        version: z.string().optional().describe('Of the engine, where it was brought up just now.'),
      }),
    ),
  }),
  clean: z.object({
    ...head('clean'),
    dryRun: z.boolean(),
    engines: z.record(
      z.string(),
      z.object({
        containers: texts,
        networks: texts,
        volumes: texts,
        interfaces: texts,
        lab: z.boolean(),
      }),
    ),
    programs: z.array(count),
    folders: texts,
    sockets: texts,
    machines: texts,
    privateEngineStopped: z.boolean(),
    kept: z.array(
      z.object({
        kind: z.string(),
        name: z.string(),
        engine: z.string(),
        run: z.string(),
        reason: z.string(),
      }),
    ),
    notRemoved: z.array(
      z.object({
        kind: z.string(),
        name: z.string(),
        engine: z.string(),
        reason: z.string(),
        command: z.string(),
      }),
    ),
  }),
  site: z.object({
    ...head('site'),
    runs: z.array(
      z.object({
        name: z.string(),
        run: z.string(),
        label: z.string(),
        startedAt: z.string(),
        clock: z.enum(['counted', 'wall clock']),
        page: z.string(),
        files: texts,
        figures: z.array(
          z.object({
            ...metricId,
            link: z.string(),
            badge: z.string().optional().describe('An SVG that says what the figure’s change is.'),
          }),
        ),
      }),
    ),
  }),
  error: z
    .object({
      ...head('error'),
      exitCode: z.union([z.literal(2), z.literal(4), z.literal(130)]),
      message: z.string(),
      remedy: z.string(),
    })
    .describe('Printed where a command ended before it had anything else to say.'),
} as const;

export type JsonKind = keyof typeof jsonDocuments;

/** What stands in a document beside its version and kind. */
export type JsonBody<K extends JsonKind> = Immutable<
  Omit<z.infer<(typeof jsonDocuments)[K]>, 'schemaVersion' | 'kind'>
>;
export type JsonDocument<K extends JsonKind> = Immutable<z.infer<(typeof jsonDocuments)[K]>>;

/** The one way in which a command's `--json` gets its version and kind, and the type that is published. */
export function jsonDocument<K extends JsonKind>(kind: K, body: JsonBody<K>) {
  return { schemaVersion: jsonVersion, kind, ...body };
}
