import { z } from 'zod';

const seconds = z.number().nonnegative();
const share = z.number().min(0);
const words = z.string().describe('Words of somebody else, such as a program’s last line');
const engine = z.string().describe('Name of an engine');

/** One reason: its code, what it means in a sentence (published in docs/codes.md), and its data. */
function reason<Code extends string, Shape extends z.ZodRawShape>(code: Code, meaning: string, shape: Shape) {
  return z.strictObject({ code: z.literal(code), ...shape }).describe(meaning);
}

const bound = { seconds, allowedSeconds: seconds };

/** Why a trial does not count. */
export const trialReasonSchema = z.discriminatedUnion('code', [
  reason(
    'machine-slept',
    'The machine was suspended during the trial for longer than the plan allows.',
    bound,
  ),
  reason('stood-still', 'Tare was stopped, or got no CPU, for longer than the plan allows.', bound),
  reason('clock-set', 'The clock was set during the trial by more than the plan allows.', bound),
  reason('measured-too-long', 'A timed tool measured for far longer than it was asked to.', {
    seconds,
    askedSeconds: seconds,
  }),
  reason('took-too-long', 'The trial took far longer than its measuring and all that belongs to it.', {
    seconds,
    askedSeconds: seconds,
  }),
  reason('other-path', 'The witness proved that the packets took another path than the scenario claims.', {
    scenario: z.string(),
    check: z.string().optional().describe('Name of the check that tells it most plainly'),
    meaning: z.string().describe('What that check showed'),
  }),
  reason('cpu-stolen', 'The hypervisor took more of the CPU than the plan allows.', {
    share,
    allowedShare: share,
  }),
  reason('foreign-load', 'Other programs took more of a machine’s CPU than the plan allows.', {
    share,
    allowedShare: share,
    programs: z
      .array(z.strictObject({ name: z.string().min(1), cores: z.number().nonnegative() }))
      .max(8)
      .describe('The greediest first'),
  }),
  reason('no-pair', 'The scenario’s pair could not be set up.', { said: words }),
  reason('engine-gone', 'An engine of the pair stopped answering; --resume measures the trial again.', {
    engine,
    sinceUtc: z.string().describe('Time of day, `14:03:07`'),
    said: words,
    before: z.string().optional().describe('What the trial failed with, seen from its own end'),
  }),
  reason('tool-stopped', 'A tool was stopped because what it ran in had gone.', {
    tool: z.string(),
    because: z.string(),
  }),
  reason('tool-hung', 'A tool did not end within its deadline and was killed.', {
    tool: z.string(),
    deadlineSeconds: seconds,
  }),
  reason('tool-broke', 'A tool ended with an exit code of its own.', {
    tool: z.string(),
    exitCode: z.number().int(),
    said: words.optional(),
  }),
  reason('said', 'A reason that is known in words alone: of a tool, of an error, or of an older record.', {
    text: z.string().min(1),
  }),
]);
export type TrialReason = z.infer<typeof trialReasonSchema>;

/** Words that have no code. @param text not empty */
export const inWords = (text: string): TrialReason => ({ code: 'said', text });
