import type { MetricCalibration } from '../results/calibration.ts';
import { deltaOf, type GateOptions } from '../results/gate.ts';
import { formatElapsed, formatFloor } from './format.ts';
import { plainText } from './text.ts';

/**
 * What a gate against a stored baseline can see, said before it measures.
 * @param metrics what the baseline's own scatter tells of each gating figure
 * @param minutesPerBlock as the baseline took them
 */
export function outlookLines(
  metrics: readonly MetricCalibration[],
  rules: GateOptions,
  minutesPerBlock: number,
): string[] {
  return metrics.map(({ scenario, workload, metric, observed, byBlocks }) => {
    const delta = deltaOf({ scenario, workload, metric, isPrimary: true }, rules);
    const least = byBlocks.find(({ blocks }) => blocks === observed)?.passableDelta;
    const name = `${metric} of ${workload} on ${scenario}`;
    if (least !== undefined && least <= delta) {
      return plainText(`${name}: an unchanged network passes within ${formatFloor(delta)}.`);
    }
    const enough = byBlocks.find(({ passableDelta = Number.POSITIVE_INFINITY }) => passableDelta <= delta);
    const time = enough && formatElapsed(enough.blocks * minutesPerBlock * 60);
    const seen =
      least === undefined ? 'nothing can be told' : `nothing below ${formatFloor(least)} can be told`;
    return plainText(
      `${name}: with ${observed} blocks ${seen}, and delta is ${formatFloor(delta)}. ` +
        (time === undefined
          ? 'No number of blocks up to 60 would do: take a greater delta (tare calibrate --stored --write bench.yaml).'
          : `About ${enough?.blocks} blocks a side (${time} each) would, or a greater delta (tare calibrate --stored).`),
    );
  });
}
