import { z } from 'zod';
import type { Immutable } from './immutable.ts';

const seconds = z.number().nonnegative();
const share = z.number().min(0);
const words = z.string().describe('Words of somebody else, such as a program’s last line');
const engine = z.string().describe('Name of an engine');
const network = z.string().describe('Name of a network that is not Tare’s');

/** One reason: its code, what it means in a sentence (published in docs/codes.md), and its data. */
function reason<Code extends string, Shape extends z.ZodRawShape>(code: Code, meaning: string, shape: Shape) {
  return z.strictObject({ code: z.literal(code), ...shape }).describe(meaning);
}

const bound = { seconds, allowedSeconds: seconds };

/** What one program took of a machine: the cores that it kept busy. */
export const programLoadSchema = z.strictObject({
  name: z.string().min(1),
  cores: z.number().nonnegative(),
});

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
    programs: z.array(programLoadSchema).max(8).describe('The greediest first'),
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

/** Why a scenario can't be measured on a site. */
export const unsupportedReasonSchema = z.discriminatedUnion('code', [
  reason('no-driver', 'There is no such driver in this topology.', {
    driver: z.string(),
    topology: z.enum(['same-host', 'cross-host']),
    drivers: z.array(z.string()).describe('Those that there are'),
  }),
  reason('no-second-engine', 'The site has one engine only.', {}),
  reason('one-engine', 'Both addresses lead to one engine.', {}),
  reason('tare-in-container', 'Tare itself runs in a container.', {}),
  reason('engine-elsewhere', 'The engine is on another machine than Tare.', {}),
  reason('changes-host', 'An option would change the host of an engine that is not Tare’s own.', {
    option: z.string(),
    engine,
  }),
  reason('ipv4-only', 'The driver can’t be measured over IPv6.', { because: z.string() }),
  reason('mtu-too-small', 'IPv6 takes no MTU as small as was asked for.', {
    leastBytes: z.number().int().positive(),
  }),
  reason('data-path-unknown', 'It can’t be told where the swarm sends its data, so that nothing proves it.', {
    engine,
    said: words,
  }),
  reason('rootless-across', 'A rootless engine’s traffic to other hosts can’t be watched.', { engine }),
  reason('rootless-ports', 'A rootless engine’s published ports can’t be watched.', { engine }),
  reason('icc-off', 'Containers on that bridge may not talk to one another.', {
    engine,
    bridge: z.enum(['default', 'new', 'existing']),
  }),
  reason('no-cpu-quota', 'The kernel has no CPU quota.', { engine }),
  reason('live-restore', 'The engine keeps containers through its restarts, which excludes a swarm.', {
    engine,
  }),
  reason('no-swarm', 'The engine’s swarm is not at work.', {
    engine,
    state: z.string().describe('As the engine names it: `inactive`, `locked`, `error`, …'),
  }),
  reason('swarm-worker', 'The engine is a worker of its swarm and so makes no network.', { engine }),
  reason('no-swarm-manager', 'Neither engine is a manager of the swarm.', {}),
  reason('other-swarms', 'The engines are in different swarms.', { engine, otherEngine: engine }),
  reason('no-default-bridge', 'The engine was started without its default bridge.', {}),
  reason('no-forwarding', 'The engine’s host forwards no packets.', { engine }),
  reason('no-local-ipv6', 'This machine’s loopback has no IPv6 address.', {}),
  reason('no-ipv6', 'The kernel, the loopback or the underlay of an engine has no IPv6.', {
    engine,
    at: z.enum(['kernel', 'loopback', 'underlay']),
  }),
  reason('lacks', 'The engine or its kernel was asked for what the driver needs, and has it not.', {
    engine,
    need: z.string(),
    cause: z.string(),
  }),
  reason('not-found-out', 'Whether the engine has what the driver needs could not be found out.', {
    engine,
    need: z.string(),
    because: z.string(),
  }),
  reason('no-network', 'The engine has no network of that name.', { engine, network }),
  reason('network-unknown', 'Nothing is known that would prove the path over a network of that driver.', {
    engine,
    network,
    driver: z.string(),
  }),
  reason('network-of-one-host', 'Networks of that driver end at their host.', {
    engine,
    network,
    driver: z.string(),
  }),
  reason('not-attachable', 'The swarm lets no container join the network by hand.', { engine, network }),
  reason('network-full', 'The network has too few addresses left for a pair.', {
    engine,
    network,
    free: z.number().int().nonnegative(),
    wanted: z.number().int().positive(),
  }),
  reason('said', 'A reason that is known in words alone: of an older record.', {
    text: z.string(),
    remedy: z.string(),
  }),
]);
export type UnsupportedReason = Immutable<z.infer<typeof unsupportedReasonSchema>>;

/** Words that have no code. @param text not empty */
export const inWords = (text: string): TrialReason => ({ code: 'said', text });
