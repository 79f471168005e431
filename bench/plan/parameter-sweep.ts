import { driverById } from '../../drivers/registry.ts';
import { Failure } from '../../results/failure.ts';
import { type Scenario, scenarioId } from '../../results/scenario.ts';
import { type SweepKind, sweptByDefault } from '../config/sweep-kinds.ts';
import type { SweptSetting, Workload } from '../workloads/workload.ts';
import type { Wish, WishedScenario } from './wish.ts';

/**
 * The points of each sweep, even on a logarithmic axis. `size`: bytes of a message, from netperf's classic smallest to
 * iperf3's default. `mtu`: bytes; IPv6's least (RFC 8200, section 5), a VXLAN overlay's over Ethernet, Ethernet's, and
 * two jumbo sizes. `streams`: TCP connections at once.
 */
export const sweepValues: Readonly<Record<SweepKind, readonly number[]>> = {
  size: [64, 256, 1024, 4096, 16_384, 65_536, 131_072],
  mtu: [1280, 1450, 1500, 4000, 9000],
  streams: [1, 2, 4, 8],
};

/**
 * Puts a sweep's points in the place of what was wished for: each is a workload or a scenario of its own, so that it
 * stands in the same chains, with trials of the baseline on both sides.
 * @throws Failure `usage` where what was named can't be swept
 */
export function sweepWish(wish: Wish, kind: SweepKind): Wish {
  return kind === 'mtu' ? sweepScenarios(wish) : { ...wish, workloads: sweepWorkloads(wish.workloads, kind) };
}

function sweepWorkloads(workloads: readonly Workload[], setting: SweptSetting & SweepKind): Workload[] {
  return workloads.flatMap((workload) => {
    const variant = workload.variants?.[setting];
    if (!variant) {
      throw new Failure(
        'usage',
        `${workload.id} can't be swept by ${setting}`,
        `Sweep ${sweptByDefault} (--workload ${sweptByDefault}), or leave --sweep out.`,
      );
    }
    return sweepValues[setting].map(variant);
  });
}

function sweepScenarios(wish: Wish): Wish {
  const isBaseline = ({ id, topology }: Scenario) => wish.baselines[topology] === id;
  const others = wish.scenarios.filter((scenario) => !isBaseline(scenario));
  const swept = others.filter(takesMtu);
  const [first] = others;
  if (swept.length === 0) {
    throw new Failure(
      'usage',
      first ? `${first.id} takes no MTU to sweep` : 'the baseline alone can’t be swept by mtu',
      'Name networks whose MTU the engine sets, such as --scenario same-host/bridge "*overlay*".',
    );
  }
  const topologies = new Set(swept.map(({ topology }) => topology));
  return {
    ...wish,
    scenarios: [
      ...wish.scenarios.filter((scenario) => isBaseline(scenario) && topologies.has(scenario.topology)),
      ...swept.flatMap((scenario) => sweepValues.mtu.map((mtu) => withMtu(scenario, mtu))),
    ],
    baselines: Object.fromEntries(
      Object.entries(wish.baselines).filter(([topology]) => topologies.has(topology as Scenario['topology'])),
    ),
  };
}

/** A scenario that sets its MTU itself is a point already, and not swept. */
function takesMtu({ driver, options }: Scenario): boolean {
  return 'mtu' in (driverById(driver)?.options ?? {}) && options.mtu === undefined;
}

function withMtu(scenario: WishedScenario, mtu: number): WishedScenario {
  const options = { ...scenario.options, mtu: String(mtu) };
  return { ...scenario, options, id: scenarioId(scenario.topology, scenario.driver, options) };
}
