import { z } from 'zod';
import type { Immutable } from './immutable.ts';
import { programLoadSchema, trialReasonSchema } from './reasons.ts';

/**
 * What a reader should know before trusting a figure, as data: a code with what it is about and in what numbers. Words
 * are made last (warning-text.ts). The sentence on each code is published in docs/codes.md.
 */

const count = z.number().int().nonnegative();
const bytes = z.number().int().positive();
const seconds = z.number().nonnegative();
const share = z.number().min(0);
const tool = z.string().describe('Name of a tool');
const engine = z.string().describe('Name of an engine');
const words = z.string().describe('Words of somebody else, such as a program’s last line');
const side = z.enum(['server', 'client']);

const ofScenario = z.strictObject({ scenario: z.string() });
const ofWorkload = z.strictObject({ scenario: z.string(), workload: z.string() });
const ofMetric = z.strictObject({ scenario: z.string(), workload: z.string(), metric: z.string() });
const ofScenarios = z
  .strictObject({ scenarios: z.array(z.string()).min(1) })
  .optional()
  .describe('Absent where it is about every scenario');

const likelyCause = z
  .strictObject({
    what: z
      .enum(['placement', 'steal', 'foreign-load', 'made-anew'])
      .describe('Both ends on one core, stolen CPU, other programs’ CPU, or containers just made'),
    inOdd: share.describe('Share of time, or of trials, in the odd ones'),
    inOthers: share,
  })
  .optional()
  .describe('What sets them apart of all that is recorded; absent where nothing does');
export type LikelyCause = Immutable<NonNullable<z.infer<typeof likelyCause>>>;

function warning<Code extends string, Shape extends z.ZodRawShape>(
  code: Code,
  meaning: string,
  shape: Shape,
) {
  return z.strictObject({ code: z.literal(code), ...shape }).describe(meaning);
}

const said = warning('said', 'A warning that is known in words alone: of an older record.', {
  text: z.string(),
});

/** What is to be known of one trial, which is its subject; in the record. */
export const trialWarningSchema = z.discriminatedUnion('code', [
  warning('figure-left-out', 'A tool gave a figure that can’t be, which is left out.', {
    tool,
    figure: z.string().describe('What is left out, as a noun'),
    value: z.string().describe('As the tool gave it, or what kind of thing it was'),
  }),
  warning('latencies-contradict', 'Two latencies of a tool can’t both be, so all are left out.', {
    tool,
    lower: z.string().describe('Metric that should be the lower one, and is above the other'),
    higher: z.string(),
  }),
  warning('latencies-unusable', 'A tool gave no latencies that can be read.', { tool, because: z.string() }),
  warning('samples-left-out', 'A few of a tool’s samples have no possible round trip and are left out.', {
    tool,
    odd: count,
    of: count,
    unit: z.enum(['requests', 'samples']),
  }),
  warning('histogram-not-whole', 'A tool’s histogram does not hold every answer and is left out.', {
    tool,
    counted: count,
    answers: count,
  }),
  warning('packet-sizes-unknown', 'A tool gave no packet sizes, so the bytes that it sent are not known.', {
    tool,
  }),
  warning('segment-size-unread', 'The segment size that TCP used could not be read.', {}),
  warning('wrote-beside', 'A tool wrote words beside its figures.', { tool, said: words }),
  warning('tool-repeated', 'A tool was turned away before it measured anything, and was run again.', {
    tool,
    said: words,
  }),
  warning('probes-repeated', 'Probes of a search measured nothing and were repeated.', {
    count,
    said: words,
  }),
  warning('tool-busy', 'A tool’s process kept its cores busy and may be the limit itself.', {
    tool,
    end: side,
    cores: z.number().nonnegative(),
  }),
  warning('sender-limited', 'The sender offered all it could and nothing was lost.', {}),
  warning('client-behind', 'Requests were due while the client could not send.', { share }),
  warning('answers-doubled', 'Answers came twice.', { count }),
  warning('answers-disordered', 'Answers came out of order.', { count }),
  warning('table-full', 'A kernel table that connections fill was nearly full before the trial.', {
    table: z.string(),
    where: z.string(),
    entries: count,
    limit: count,
    waitedSeconds: seconds,
    stillEntries: count.optional().describe('Present where it stayed nearly full'),
  }),
  said,
]);
export type TrialWarning = z.infer<typeof trialWarningSchema>;

/** What was noted of a run as it was measured, before its figures were known; in the record. */
export const runWarningSchema = z.discriminatedUnion('code', [
  warning('rootless-host', 'The engine is rootless: `host` is its own namespace.', {
    subject: ofScenarios,
    engine,
  }),
  warning('virtual-machine', 'The engine runs in a virtual machine: `host` is that.', {
    subject: ofScenarios,
    engine,
    machine: z.string().describe('What made it'),
  }),
  warning('other-runtime', 'Containers run under another runtime than the host’s own kernel.', {
    subject: ofScenarios,
    engine,
    runtime: z.string(),
  }),
  warning('few-open-files', 'A container may open few files only.', {
    subject: ofScenarios,
    engine,
    files: count,
  }),
  warning('oversize-packets', 'Full packets of an overlay do not fit the underlay.', {
    subject: ofScenario,
    ownBytes: bytes,
    fullBytes: bytes.describe('With what surrounds them'),
    underlayBytes: bytes,
  }),
  warning('overlays-elsewhere', 'Overlays leave the host by another interface than other networks.', {
    subject: ofScenarios,
    engine,
    overlayInterface: z.string(),
    address: z.string(),
    interface: z.string(),
  }),
  warning('over-data-path', 'Networks are measured over the swarm’s data path, not its advertised address.', {
    subject: ofScenarios,
    engine,
    address: z.string(),
    interface: z.string(),
    advertised: z.string(),
  }),
  warning('no-default-route', 'The host has no default route, so its way to others was guessed.', {
    subject: ofScenarios,
    engine,
    address: z.string(),
    interface: z.string(),
  }),
  warning('data-path-assumed', 'The swarm’s data path could not be read and is assumed.', {
    subject: ofScenarios,
    engine,
    interface: z.string(),
  }),
  warning('data-path-unknown', 'It can’t be told where the swarm sends its data.', {
    subject: ofScenarios,
    engine,
    said: words,
  }),
  warning('changed-between', 'The run was gone on with after something had changed.', {
    restarted: z.boolean().describe('Whether a machine was started anew'),
    changes: z.array(
      z.strictObject({
        fact: z.string(),
        role: z.string(),
        was: z.string().optional(),
        is: z.string().optional(),
      }),
    ),
  }),
  said,
]);
export type RunWarning = Immutable<z.infer<typeof runWarningSchema>>;

/** What is found as a record is read; in no record. */
export const foundWarningSchema = z.discriminatedUnion('code', [
  warning('line-cut-off', 'The last line of trials.ndjson is cut off.', {
    path: z.string(),
    line: count,
    bytes: count,
  }),
  warning('process-gone', 'The process that measured the run is gone, and noted no end.', {}),
  warning('incomplete', 'The record lacks trials that its plan says it must hold.', {
    missing: count,
    expected: count,
  }),
  warning('unfinished', 'The run did not come to its end.', { state: z.string() }),
  warning('emulated', 'Measured under an emulated kernel.', {}),
  warning('counted', 'Measured in counted time.', {}),
  warning('no-baseline-beside', 'Trials have none of the baseline beside them and enter no overhead.', {
    subject: ofWorkload,
    trials: count,
  }),
  warning('no-ratio', 'Trials have a value that has no ratio to the baseline’s.', {
    subject: ofMetric,
    trials: count,
  }),
  warning('lost-trials', 'Trials do not count; the most frequent reason is told.', {
    subject: ofWorkload,
    lost: count,
    of: count,
    reason: trialReasonSchema,
    isVaried: z.boolean().describe('Whether others of its kind differ from it'),
  }),
  warning('mtu-changed', 'A scenario’s containers had another MTU when they were made anew.', {
    subject: ofScenario,
    sizes: z.array(bytes).describe('In bytes, as they came'),
  }),
  warning('beats-baseline', 'A scenario is faster than its baseline, beyond doubt.', {
    subject: ofMetric,
    leastShare: share,
    mostShare: share,
  }),
  warning('rate-against-rtt', 'Rate and round trip of one request at a time contradict one another.', {
    subject: ofMetric,
    product: z.number().describe('Median round trip times rate; it should be about 1'),
    foreignShare: share.optional().describe('Of CPU time, where that is the likely cause'),
  }),
  warning(
    'two-modes',
    'Trials of one thing fall into a fast and a slow heap, so that no single figure tells it.',
    {
      subject: ofMetric,
      ofBaseline: z.boolean(),
      slowTrials: count,
      of: count,
      slowMedian: z.number().describe('In the metric’s unit'),
      fastMedian: z.number(),
      stretches: count.describe('Into how many the slow ones fall, by time'),
      cause: likelyCause,
    },
  ),
  warning('outliers', 'Single trials lie far from all others.', {
    subject: ofMetric,
    trials: count,
    of: count,
    cause: likelyCause,
  }),
  warning('link-saturated', 'The link is full, so that drivers tie by it.', { subject: ofWorkload, share }),
  warning('generator-bound', 'A tool’s process kept a whole core busy and may be the limit.', {
    subject: ofWorkload,
    ends: z.array(side).min(1),
  }),
  warning('small-overlay-mtu', 'An overlay was made for far smaller packets than the underlay takes.', {
    subject: ofScenario,
    ownBytes: bytes,
    underlayBytes: bytes,
  }),
  warning('overlay-fragments', 'Packets of an overlay do not fit the underlay, or were sent in fragments.', {
    subject: ofScenario,
    oversize: z
      .strictObject({ ownBytes: bytes, fullBytes: bytes, underlayBytes: bytes })
      .optional()
      .describe('Absent where the run’s own warnings tell it'),
    fragments: count.optional().describe('Most in one trial; absent where they were not counted'),
  }),
  warning('unlike-mtu', 'Networks that are compared differ in MTU without having been asked to.', {
    topology: z.string(),
    networks: z
      .array(z.strictObject({ name: z.string(), mtuBytes: bytes }))
      .describe('The greatest packets first'),
  }),
  warning('offload-signature', 'An overlay is so slow that an offload is likely to be faulty.', {
    subject: ofWorkload,
    factor: z.number().describe('How many times slower than the host it is'),
  }),
  warning('conntrack-full', 'A host’s connection table was nearly full.', {
    subject: ofWorkload,
    side,
    share,
  }),
  warning('conntrack-drops', 'Connection tracking of a host dropped packets.', {
    subject: ofWorkload,
    side,
    packets: count,
  }),
  warning('steal', 'The hypervisor took CPU time from the machine.', { share }),
  warning('foreign-load', 'Other programs took CPU time during the trials.', {
    engines: z.array(engine).describe('Those on that machine; empty where there is one machine'),
    medianShare: share,
    mostShare: share,
    programs: z.array(programLoadSchema).describe('The greediest first'),
  }),
  warning('old-iperf3', 'iperf3 has one thread for all streams.', { engine, version: z.string() }),
  warning('esp-sequence', 'An IPsec state has nearly used up its sequence numbers.', {
    subject: ofScenario,
    side,
    share,
  }),
]);
export type FoundWarning = z.infer<typeof foundWarningSchema>;

/** What a summary tells: noted as the run was measured, or found as it was read. */
export type SummaryWarning = RunWarning | FoundWarning;
export type Warning = TrialWarning | SummaryWarning;
export type WarningCode = Warning['code'];

const notedCodes: ReadonlySet<string> = new Set(
  runWarningSchema.options.map(({ shape }) => shape.code.value),
);

/** Whether a warning was noted as the run was measured. */
export function isNoted(each: SummaryWarning): each is RunWarning {
  return notedCodes.has(each.code);
}

/** What a warning is about, from the whole to its part; nothing where it is the whole run, or the trial that has it. */
export function subjectOf(each: Warning): readonly string[] {
  return 'subject' in each && each.subject ? Object.values(each.subject).flat() : [];
}
