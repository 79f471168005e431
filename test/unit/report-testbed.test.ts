import { describe, expect, it } from 'vitest';
import { syntheticRun } from '../../bench/studies/synthetic/run.ts';
import { answers } from '../../reports/answers.ts';
import { figurePages } from '../../reports/charts/figures.ts';
import { renderHtml } from '../../reports/html/render.ts';
import { renderMarkdown } from '../../reports/markdown.ts';
import { rankAll } from '../../reports/ranking.ts';
import { renderTerminal } from '../../reports/terminal.ts';
import { jsonOutput } from '../../results/json-output.ts';
import type { RunRecord } from '../../results/schema.ts';
import { summarise } from '../../results/summarise.ts';

const lab = syntheticRun({ blocks: 6, workloads: ['tcp-stream'] });
const apart: RunRecord = {
  ...lab,
  run: {
    ...lab.run,
    fingerprints: lab.run.fingerprints.map((each) => ({ ...each, machine: `boot of ${each.role}` })),
  },
};

async function everything(record: RunRecord): Promise<string[]> {
  const summary = summarise(record);
  return [
    renderTerminal(summary, { columns: 100, colour: false }),
    renderMarkdown(summary),
    (await renderHtml(summary, record)).replace(/<script>[\s\S]*?<\/script>/g, ''),
    JSON.stringify(figurePages(summary, record)),
  ];
}

describe('two engines on one kernel', () => {
  it('are called across hosts in no output, and two machines are', async () => {
    for (const text of await everything(lab)) {
      expect(text).toContain('Two engines on one kernel, no NIC');
      expect(text).not.toContain('Across hosts');
    }
    for (const text of await everything(apart)) {
      expect(text).toContain('Across hosts');
      expect(text).not.toContain('one kernel');
    }
    expect(jsonOutput(summarise(lab)).sharedKernel).toBe(true);
    expect(jsonOutput(summarise(apart)).sharedKernel).toBeUndefined();
  });

  it('are not assumed where the machines were not read', () => {
    const unread = { ...lab, run: { ...lab.run, fingerprints: [] } };
    expect(renderTerminal(summarise(unread), { columns: 100, colour: false })).toContain('Across hosts');
  });
});

describe('the testbed', () => {
  const loopback: RunRecord = {
    ...lab,
    run: {
      ...lab.run,
      pairs: lab.run.pairs.map((pair) =>
        pair.scenario === 'same-host/host'
          ? { ...pair, mtuBytes: 65_536, path: [{ kind: 'loopback', namespace: 'host' }] }
          : pair,
      ),
    },
  };

  it('stands on the first screen of each output: machine, kernel, engines, congestion control, baselines', async () => {
    const summary = summarise(loopback);
    const answer = answers(summary, rankAll(summary)).at(-1);
    expect(answer).toMatchObject({
      question: 'On what machine',
      answer: 'Synthetic CPU @ 2.0 GHz, 2 cores, Linux 6.18.5',
    });
    for (const text of await everything(loopback)) {
      expect(text.replace(/\s+/g, ' ')).toContain('Synthetic CPU @ 2.0 GHz, 2 cores, Linux 6.18.5');
      expect(text.replace(/\s+/g, ' ')).toContain('Docker Engine 20.10.24 and 26.1.5.');
      expect(text).toContain('cubic');
    }
  });

  it('says beside the baseline’s figure that it goes over loopback', async () => {
    for (const text of await everything(loopback))
      expect(text).toContain('baseline, over loopback, MTU 65,536');
  });
});
