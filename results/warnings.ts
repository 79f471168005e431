/** What each kind of warning of a summary tells; published in docs/codes.md. */
export const warningMeanings = {
  noted: 'Noted as the run was measured, in words.',
  damaged: 'The files of the run are odd, such as a last line cut off.',
  incomplete: 'The record lacks trials that its plan says it must hold.',
  unfinished: 'The run did not come to its end.',
  counted: 'Measured in counted time.',
  emulated: 'Measured under an emulated kernel.',
  'no-baseline-beside': 'Trials have none of the baseline beside them and enter no overhead.',
  'no-ratio': 'Trials have a value that has no ratio to the baseline’s.',
  'lost-trials': 'Trials do not count; the most frequent reason is told.',
  'mtu-changed': 'A scenario’s containers had another MTU when they were made anew.',
  'beats-baseline': 'A scenario is faster than its baseline, beyond doubt.',
  'rate-against-rtt': 'Rate and round trip of one request at a time contradict one another.',
  'link-saturated': 'The link is full, so that drivers tie by it.',
  'generator-bound': 'A tool’s process kept a whole core busy and may be the limit.',
  'small-overlay-mtu': 'An overlay was made for far smaller packets than the underlay takes.',
  'overlay-fragments': 'Packets of an overlay do not fit the underlay, or were sent in fragments.',
  'unlike-mtu': 'Networks that are compared differ in MTU without having been asked to.',
  'offload-signature': 'An overlay is so slow that an offload is likely to be faulty.',
  'conntrack-full': 'A host’s connection table was nearly full, or dropped packets.',
  steal: 'The hypervisor took CPU time from the machine.',
  'foreign-load': 'Other programs took CPU time during the trials.',
  'old-iperf3': 'iperf3 has one thread for all streams.',
  'esp-sequence': 'An IPsec state has nearly used up its sequence numbers.',
} as const;

/** What kind of thing a warning tells. */
export type WarningCode = keyof typeof warningMeanings;

export interface SummaryWarning {
  readonly code: WarningCode;
  /** Tells warnings of one code apart that say different things, not only of different subjects and in other numbers. */
  readonly variant?: string;
  readonly text: string;
  /** What it is about; absent where it is the whole run. */
  readonly scenario?: string;
  readonly workload?: string;
  readonly metric?: string;
}
