import { describe, expect, it } from 'vitest';
import { migrateReason, migrateTrial } from '../../results/migrate.ts';
import { trialReasonText } from '../../results/reason-text.ts';
import { inWords, type TrialReason, trialReasonSchema } from '../../results/reasons.ts';
import { trialSchema } from '../../results/schema.ts';
import { okTrial } from './results-builders.ts';

const scenario = 'cross-host/overlay';

/** Each reason, and the sentence that version 1 of the record kept in its place. */
const sentences: readonly (readonly [TrialReason, string])[] = [
  [
    { code: 'machine-slept', seconds: 12.3, allowedSeconds: 2 },
    'the machine slept for 12.3 s during the trial (the plan allows 2 s)',
  ],
  [
    { code: 'stood-still', seconds: 3.5, allowedSeconds: 2 },
    'Tare stood still for 3.5 s during the trial, stopped or without CPU (the plan allows 2 s)',
  ],
  [
    { code: 'clock-set', seconds: 3600.1, allowedSeconds: 2.5 },
    'the clock was set by 3600.1 s during the trial (the plan allows 2.5 s)',
  ],
  [
    { code: 'measured-too-long', seconds: 9.5, askedSeconds: 1.2 },
    'the tool measured for 9.5 s where 1.2 s were asked for: an end of it stood still',
  ],
  [
    { code: 'took-too-long', seconds: 20.1, askedSeconds: 3 },
    'the trial took 20.1 s where 3 s were asked for: an end of it stood still',
  ],
  [
    {
      code: 'other-path',
      scenario,
      meaning: 'none of the traffic went through the underlay on the client’s host',
    },
    'cross-host/overlay: none of the traffic went through the underlay on the client’s host',
  ],
  [
    { code: 'cpu-stolen', share: 0.255, allowedShare: 0.05 },
    'the hypervisor took 26 % of the CPU (the plan allows 5 %)',
  ],
  [
    {
      code: 'foreign-load',
      share: 0.45,
      allowedShare: 0.05,
      programs: [
        { name: 'stress ng', cores: 0.9 },
        { name: 'node', cores: 0.2 },
      ],
    },
    'other programs took 45 % of the CPU (the plan allows 5 %): stress ng 0.9 cores, node 0.2',
  ],
  [
    { code: 'foreign-load', share: 0.45, allowedShare: 0.05, programs: [] },
    'other programs took 45 % of the CPU (the plan allows 5 %): none of them long',
  ],
  [
    { code: 'no-pair', said: 'engine local refused: no room. Free some.' },
    'could not be set up: engine local refused: no room. Free some.',
  ],
  [
    { code: 'engine-gone', engine: 'node-1', sinceUtc: '14:03:07', said: 'no answer within 10 s' },
    'the engine node-1 does not answer since 14:03:07 UTC (no answer within 10 s)',
  ],
  [
    {
      code: 'engine-gone',
      engine: 'node-1',
      sinceUtc: '14:03:07',
      said: 'no answer within 10 s',
      before: 'iperf3 did not end within its 17 s and was killed.',
    },
    'the engine node-1 does not answer since 14:03:07 UTC (no answer within 10 s); iperf3 did not end within its 17 s and was killed.',
  ],
  [
    { code: 'tool-stopped', tool: 'iperf3', because: 'its container was removed' },
    'iperf3 was stopped because its container was removed.',
  ],
  [
    { code: 'tool-hung', tool: 'netperf', deadlineSeconds: 16.5 },
    'netperf did not end within its 16.5 s and was killed.',
  ],
  [{ code: 'tool-broke', tool: 'irtt', exitCode: 3 }, 'irtt ended with exit code 3 and said nothing.'],
  [
    { code: 'tool-broke', tool: 'wrk', exitCode: 1, said: 'unable to connect: refused' },
    'wrk ended with exit code 1: unable to connect: refused',
  ],
  [inWords('iperf3: the server is busy'), 'iperf3: the server is busy'],
];

const rounded: Readonly<Record<string, Partial<TrialReason>>> = { 'cpu-stolen': { share: 0.26 } };

describe('the reason of a trial that does not count', () => {
  it.each(sentences)('is data, $code, and its sentence is that of version 1', (reason, sentence) => {
    expect(trialReasonSchema.parse(reason)).toEqual(reason);
    expect(trialReasonText(reason)).toBe(sentence);
  });

  it.each(sentences)('is read from a record of version 1: $code', (reason, sentence) => {
    const trial = { ...okTrial({ scenario }), status: 'invalid', reason: sentence };
    const read = trialSchema.parse(migrateTrial(trial));
    expect(read.status === 'invalid' && read.reason).toEqual({ ...reason, ...rounded[reason.code] });
  });

  it('has a sentence here for each code', () => {
    const known = trialReasonSchema.options.map(({ shape }) => shape.code.value);
    expect(new Set(sentences.map(([{ code }]) => code))).toEqual(new Set(known));
  });

  it.each([
    'the hypervisor took 7.04 % of the CPU (the plan allows 5 %)',
    'other programs took 45 % of the CPU (the plan allows 5 %): and nobody knows which',
    'the machine slept for very long s during the trial (the plan allows 2 s)',
    'same-host/bridge: the words of another scenario',
  ])('stays in its words where the data would give others: %s', (text) => {
    expect(migrateReason(text, scenario)).toEqual(inWords(text));
  });

  it('of today’s shape, or of none, is left as it is', () => {
    for (const json of [{ reason: inWords('x') }, { reason: '' }, { reason: 7 }, {}, null, 'reason']) {
      expect(migrateTrial(json)).toEqual(json);
    }
  });
});
