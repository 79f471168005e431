import type { ChartSpec, DistributionSpec, LinesSpec } from './spec.ts';

/** Lines that one chart holds and a reader can follow. */
export const mostLines = 6;

/**
 * A chart of more lines than can be told apart as small ones, each with one network and, where there is one, the baseline;
 * all on the same axes.
 */
export function multiples<T extends DistributionSpec | LinesSpec>(spec: T): T[] {
  if (spec.lines.length <= mostLines) return [spec];
  const baseline = spec.lines.find(({ look }) => look === 0);
  const others = spec.lines.filter((line) => line !== baseline);
  const shared = spec.kind === 'lines' ? { axesOf: spec.axesOf ?? spec.lines } : {};
  return others.map((line) => ({
    ...spec,
    ...shared,
    title: line.name,
    group: baseline ? `${spec.title} (black: ${baseline.name})` : spec.title,
    lines: baseline ? [baseline, line] : [line],
  }));
}

/** Charts in their order, small ones of one group together. */
export function chartGroups(
  specs: readonly ChartSpec[],
): { readonly group?: string; readonly charts: { spec: ChartSpec; index: number }[] }[] {
  const groups: { group?: string; charts: { spec: ChartSpec; index: number }[] }[] = [];
  specs.forEach((spec, index) => {
    const group = 'group' in spec ? spec.group : undefined;
    const last = groups.at(-1);
    if (group !== undefined && last?.group === group) last.charts.push({ spec, index });
    else groups.push({ ...(group !== undefined && { group }), charts: [{ spec, index }] });
  });
  return groups;
}
