import { describe, expect, it } from 'vitest';
import { type SyntheticOptions, syntheticRun } from '../../bench/studies/synthetic/run.ts';
import { workloadById } from '../../bench/workloads/registry.ts';
import { driverById } from '../../drivers/registry.ts';
import { markdown } from '../../reports/formats/markdown.ts';
import { literatureMarkdown } from '../../reports/literature-markdown.ts';
import { holdAgainst } from '../../results/literature.ts';
import { statements } from '../../results/literature-statements.ts';
import { parseScenarioId } from '../../results/scenario.ts';
import { summarise } from '../../results/summarise.ts';

const scenarios = [
  ...['host', 'bare', 'bridge', 'bridge-published', 'macvlan'].map((name) => `same-host/${name}`),
  ...['host', 'bridge-published', 'overlay', 'overlay-encrypted', 'macvlan'].map(
    (name) => `cross-host/${name}`,
  ),
];

function held(id: string, options: SyntheticOptions = {}) {
  const plan = statements.find((each) => each.id === id);
  if (!plan) throw new Error(`${id} is no statement`);
  const record = syntheticRun({
    blocks: 30,
    workloads: ['tcp-stream', 'tcp-rr', 'udp-load'],
    scenarios,
    unsupported: [],
    ...options,
  });
  return holdAgainst(plan, summarise(record));
}

describe('a statement of the literature', () => {
  it('is confirmed where all that decides agrees', () => {
    expect(held('slim-twice')).toMatchObject({ verdict: 'confirmed' });
    expect(held('moby-33133')).toMatchObject({ verdict: 'confirmed' });
  });

  it('is refuted where a figure disagrees beyond doubt', () => {
    const fast = { slowdowns: { 'cross-host/overlay': 0.3 } };
    expect(held('slim-twice', fast).verdict).toBe('refuted');
    expect(held('stanisic-loss').verdict).toBe('refuted');
    expect(held('stanisic-overlay').verdict).toBe('refuted');
  });

  it('can’t be told, with the reason, where nothing was measured, can decide, or is sure enough', () => {
    expect(held('ipvlan-better')).toMatchObject({
      verdict: 'cannot-tell',
      reason: expect.stringContaining('same-host/ipvlan-l2 is not in this run'),
    });
    expect(held('moby-35082').reason).toContain('routing mesh');
    expect(held('hermans-overlay')).toMatchObject({ verdict: 'cannot-tell' });
    expect(held('slim-twice', { blocks: 4 }).reason).toContain('87 % confidence');
    expect(held('stanisic-loss', { workloads: ['tcp-rr'] }).reason).toContain('no udp-load loss');
  });

  it.each(statements.map((plan) => [plan.id, plan] as const))('%s asks for what there is', (id, plan) => {
    expect(statements.filter((each) => each.id === id)).toHaveLength(1);
    const asked = [...plan.figures, ...(plan.atLeast ?? [])];
    expect(asked.length > 0 || plan.cannot !== undefined).toBe(true);
    for (const figure of asked) {
      for (const scenario of [figure.scenario, 'against' in figure ? figure.against : undefined]) {
        if (scenario === undefined) continue;
        expect(driverById(parseScenarioId(scenario)?.driver ?? ''), scenario).toBeDefined();
      }
      const workload = workloadById(figure.workload);
      expect(
        workload?.metrics.map(({ name }) => name),
        figure.what,
      ).toContain(figure.metric);
    }
  });

  it('stands in the Markdown of a run that is made to be published, and of no other', async () => {
    const record = syntheticRun({ blocks: 6, scenarios, workloads: ['tcp-stream', 'tcp-rr'] });
    const text = async (profile: string) => {
      const run = { ...record.run, plan: { ...record.run.plan, profile } };
      const own = { ...record, run };
      const [file] = await markdown.make({ record: own, summary: summarise(own), pictures: [] } as never);
      return String(file?.content);
    };
    expect(await text('publish')).toContain('Held against the literature');
    expect(await text('quick')).not.toContain('Held against the literature');
    expect(literatureMarkdown([held('slim-twice')]).join('\n')).toContain('✓ confirmed');
  });
});
