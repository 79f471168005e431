import { warningFacts } from './warning-text.ts';
import type { RunWarning, TrialWarning } from './warnings.ts';

/**
 * Turns the warnings that version 2 kept in words into data. A sentence stays in its words where the data would not give
 * the very same ones.
 */

type Made<Warning> = (...groups: string[]) => Warning;
type Reader<Warning> = readonly [pattern: RegExp, make: Made<Warning>];

/** @param json warnings of a trial of any version */
export const migrateTrialWarnings = (json: unknown): unknown => migrateEach(json, trialReaders);

/** @param json warnings of a run.json of any version */
export const migrateRunWarnings = (json: unknown): unknown => migrateEach(json, runReaders);

function migrateEach(json: unknown, readers: readonly Reader<RunWarning | TrialWarning>[]): unknown {
  if (!Array.isArray(json)) return json;
  return json.map((each: unknown) => (typeof each === 'string' ? read(each, readers) : each));
}

function read(
  text: string,
  readers: readonly Reader<RunWarning | TrialWarning>[],
): RunWarning | TrialWarning {
  for (const [pattern, make] of readers) {
    const match = pattern.exec(text);
    if (!match) continue;
    const warning = make(...match.slice(1).map((group: string | undefined) => group ?? ''));
    if (warningFacts(warning) === text) return warning;
  }
  return { code: 'said', text };
}

const tooled = (pattern: string) => new RegExp(`^(\\S{1,40}?)${pattern}$`, 's');
const end = (text: string) => (text === 'server' ? 'server' : 'client');

const trialReaders: readonly Reader<TrialWarning>[] = [
  [
    tooled(' gave no usable latencies \\((.*)\\); they are left out\\.'),
    (tool = '', because = '') => ({ code: 'latencies-unusable', tool, because }),
  ],
  [
    tooled(' gave no usable round trip (for|in) (\\d+) of (\\d+) (?:requests|samples); they are left out\\.'),
    (tool = '', word, odd, of) => ({
      code: 'samples-left-out',
      tool,
      odd: Number(odd),
      of: Number(of),
      unit: word === 'for' ? 'requests' : 'samples',
    }),
  ],
  [
    tooled(' gave no usable (.*) \\((.*?)\\); it is left out\\.'),
    (tool = '', figure = '', value = '') => ({ code: 'figure-left-out', tool, figure, value }),
  ],
  [
    tooled("'s latencies contradict one another \\((\\S+) is above (\\S+)\\); they are left out\\."),
    (tool = '', lower = '', higher = '') => ({ code: 'latencies-contradict', tool, lower, higher }),
  ],
  [
    tooled("'s histogram holds (\\d+) of (\\d+) answers; it is left out\\."),
    (tool = '', counted, answers) => ({
      code: 'histogram-not-whole',
      tool,
      counted: Number(counted),
      answers: Number(answers),
    }),
  ],
  [
    tooled(' gave no packet sizes: the bytes of its queries are unknown\\.'),
    (tool = '') => ({ code: 'packet-sizes-unknown', tool }),
  ],
  [
    /^The effective segment size could not be read while the test ran\.$/,
    () => ({ code: 'segment-size-unread' }),
  ],
  [
    tooled(' wrote beside its figures: (.*)'),
    (tool = '', said = '') => ({ code: 'wrote-beside', tool, said }),
  ],
  [
    tooled(' was run a second time, as the first measured nothing \\((.*)\\)\\.'),
    (tool = '', said = '') => ({ code: 'tool-repeated', tool, said }),
  ],
  [
    /^(?:A probe|(\d+) probes) measured nothing and had to be repeated: (.*)$/s,
    (count, said = '') => ({ code: 'probes-repeated', count: count === '' ? 1 : Number(count), said }),
  ],
  [
    tooled("'s (client|server) kept (\\d+\\.\\d\\d) cores busy: it may be the bottleneck itself\\."),
    (tool = '', side = '', cores) => ({ code: 'tool-busy', tool, end: end(side), cores: Number(cores) }),
  ],
  [
    /^The sender offered all it could and nothing was lost: the path may carry more\.$/,
    () => ({ code: 'sender-limited' }),
  ],
  [
    /^([\d.]+) % of the requests were due while the client could not send; their wait counts\.$/,
    (percent) => ({ code: 'client-behind', share: Number(percent) / 100 }),
  ],
  [/^(\d+) answers came twice\.$/, (count) => ({ code: 'answers-doubled', count: Number(count) })],
  [/^(\d+) answers came out of order\.$/, (count) => ({ code: 'answers-disordered', count: Number(count) })],
  [
    /^The (.+?) table of (.+) held (\d+) of (\d+) entries(?:: the trial waited (\d+) s\.|, and still (\d+) after (\d+) s: connections may have been refused\.)$/,
    (table = '', where = '', entries, limit, waited, still, waitedInVain) => ({
      code: 'table-full',
      table,
      where,
      entries: Number(entries),
      limit: Number(limit),
      waitedSeconds: Number(waited || waitedInVain),
      ...(still !== '' && { stillEntries: Number(still) }),
    }),
  ],
];

const oneScenario = String.raw`(?:same-host|cross-host)/\S+`;
/** A remark, with the scenarios before it that it names where it is not about all. */
const remark = (pattern: string) =>
  new RegExp(`^(?:(${oneScenario}(?:, ${oneScenario}){0,3}): )?${pattern}$`, 's');
const about = (names = '') => (names === '' ? {} : { subject: { scenarios: names.split(', ') } });

const runReaders: readonly Reader<RunWarning>[] = [
  [
    remark('(.+) runs rootless, so host is the network namespace of RootlessKit, not the machine’s\\.'),
    (names, engine = '') => ({ code: 'rootless-host', ...about(names), engine }),
  ],
  [
    remark('(.+?) is (.+), so host is its virtual machine, not your computer\\.'),
    (names, engine = '', machine = '') => ({ code: 'virtual-machine', ...about(names), engine, machine }),
  ],
  [
    remark('(.+?) runs containers with (.+), so every figure has that runtime’s cost in it\\.'),
    (names, engine = '', runtime = '') => ({ code: 'other-runtime', ...about(names), engine, runtime }),
  ],
  [
    remark('A container on (.+) may open (\\d+) files only \\(default-ulimits\\), which .* exceed\\.'),
    (names, engine = '', files) => ({
      code: 'few-open-files',
      ...about(names),
      engine,
      files: Number(files),
    }),
  ],
  [
    /^Full packets of (\S+) are (\d+) bytes and (\d+) with what surrounds them, more than the underlay’s (\d+): /,
    (scenario = '', own, full, underlay) => ({
      code: 'oversize-packets',
      subject: { scenario },
      ownBytes: Number(own),
      fullBytes: Number(full),
      underlayBytes: Number(underlay),
    }),
  ],
  [
    remark(
      '(.+?): the swarm’s overlays leave by (\\S+), all other networks by (\\S+) on (\\S+): their difference is .*',
    ),
    (names, engine = '', overlayInterface = '', address = '', own = '') => ({
      code: 'overlays-elsewhere',
      ...about(names),
      ...{ engine, overlayInterface, address, interface: own },
    }),
  ],
  [
    remark(
      '(.+?): all networks are measured over the swarm’s data path, (\\S+) on (\\S+), not over its advertised address (\\S+)\\.',
    ),
    (names, engine = '', address = '', own = '', advertised = '') => ({
      code: 'over-data-path',
      ...about(names),
      ...{ engine, address, interface: own, advertised },
    }),
  ],
  [
    remark('(.+?): its host has no default route, so (\\S+) on (\\S+) counts as its way to other hosts\\.'),
    (names, engine = '', address = '', own = '') => ({
      code: 'no-default-route',
      ...about(names),
      ...{ engine, address, interface: own },
    }),
  ],
  [
    remark('(.+?): the swarm’s data path could not be read; overlays .* beside them on (\\S+)\\.'),
    (names, engine = '', own = '') => ({
      code: 'data-path-assumed',
      ...about(names),
      ...{ engine, interface: own },
    }),
  ],
  [
    remark('(.+?): (.*); it is counted where its packets were seen\\.'),
    (names, engine = '', said = '') => ({ code: 'data-path-unknown', ...about(names), engine, said }),
  ],
  [/^Gone on with after a change: (.*)\.$/s, (list = '') => changedBetween(list.split('; '))],
];

function changedBetween(parts: readonly string[]): RunWarning {
  const restarted = parts[0] === 'the machine was started anew';
  const known = (text: string | undefined) => (text === 'not known' ? undefined : text);
  const changes = parts.slice(restarted ? 1 : 0).flatMap((part) => {
    const [, fact, role, was, is] = /^(.+) \(([a-z-]+)\) was (.*) and is (.*)$/s.exec(part) ?? [];
    if (fact === undefined || role === undefined) return [];
    return [
      {
        fact,
        role,
        ...(known(was) !== undefined && { was }),
        ...(known(is) !== undefined && { is }),
      },
    ];
  });
  return { code: 'changed-between', restarted, changes };
}
