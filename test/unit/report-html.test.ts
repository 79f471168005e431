import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type SyntheticOptions, syntheticRun } from '../../bench/studies/synthetic/run.ts';
import { csvTrials, renderCsv } from '../../reports/csv.ts';
import { compactTrials, expandTrials } from '../../reports/html/compact-trials.ts';
import { fileStem } from '../../reports/html/file-stem.ts';
import { html, inlineScript, jsonScript } from '../../reports/html/markup.ts';
import type { PageData } from '../../reports/html/page-data.ts';
import { renderHtml } from '../../reports/html/render.ts';
import { plainStrings } from '../../reports/text.ts';
import type { PairFacts } from '../../results/schema.ts';
import { summarise } from '../../results/summarise.ts';
import { okTrial } from './results-builders.ts';

const hostile = '</script><script>alert(1)</script><img src=x onerror=alert(2)> "\'`x` <!-- \u2028';

async function page(options: SyntheticOptions = {}): Promise<string> {
  const record = syntheticRun({ blocks: 3, ...options });
  return renderHtml(summarise(record), record);
}

function dataOf(text: string): PageData {
  const json = /<script type="application\/json" id="tare-data">(.*?)<\/script>/s.exec(text)?.[1];
  return JSON.parse(json ?? '') as PageData;
}

describe('markup', () => {
  it('escapes every value of a template and leaves markup alone', () => {
    expect(
      html`<p title="${'"'}">${'<b>'}${html`<i>${'&'}</i>`}${[html`1`, html`2`]}${undefined}${false}</p>`
        .text,
    ).toBe('<p title="&quot;">&lt;b&gt;<i>&amp;</i>12</p>');
  });

  it('holds any data in a script element', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const element = jsonScript('x', { text, hostile }).text;
        expect(element.match(/<\/script/g)).toHaveLength(1);
        expect(element).not.toMatch(/<!--|[\u2028\u2029]/);
        const json = element.slice(element.indexOf('>') + 1, element.lastIndexOf('<'));
        expect(JSON.parse(json)).toEqual(plainStrings({ text, hostile }));
      }),
      { numRuns: 40 },
    );
  });

  it('keeps a program from ending its own element', () => {
    expect(inlineScript('a("</script>","<!--")').text).toBe('<script>a("<\\/script>","<\\!--")</script>');
  });
});

describe('compact trials', () => {
  it('give back what went in', () => {
    const trials = csvTrials(syntheticRun({ blocks: 2, failedShare: 0.1, invalidShare: 0.1 }).trials);
    const withArms = trials.map((trial, index) =>
      index % 3 ? trial : { ...trial, arm: 'head' as const, foreignCpuShare: index / 1000 },
    );
    const odd = [{ ...trials[0], startedAt: 'not a moment' }, ...withArms] as typeof trials;
    expect(expandTrials(JSON.parse(JSON.stringify(compactTrials(odd))))).toEqual(odd);
  });
});

describe('CSV', () => {
  it('has a row per trial and metric, and one for a trial without', () => {
    const record = syntheticRun({ blocks: 1, failedShare: 0.2 });
    const trials = csvTrials(record.trials);
    const lines = renderCsv('run', trials).trimEnd().split('\r\n');
    const expected = trials.reduce((sum, { metrics }) => sum + Math.max(1, metrics.length), 0);
    expect(lines).toHaveLength(1 + expected);
    expect(new Set(lines.map((line) => line.replace(/"(?:[^"]|"")*"/g, '').split(',').length))).toEqual(
      new Set([20]),
    );
    expect(lines.some((line) => line.includes(',failed,') && line.endsWith(',,,,,,wall'))).toBe(true);
    expect(lines.some((line) => line.includes(',cpu-per-gb,s/GB,lower,'))).toBe(true);
  });

  it('tells the share of the busiest machine that other programs took', () => {
    const foreign = (share: number) => ({ machine: `m${share}`, share, cpuSeconds: share, top: [] });
    const trial = okTrial({ foreignCpu: [foreign(0.1), foreign(0.45)] });
    expect(renderCsv('run', csvTrials([trial]))).toMatch(
      /,value,foreign_cpu_share,mtu_bytes,clock\r\n.*,10000000000,0\.45,,wall\r\n$/,
    );
  });

  it('tells the MTU of the very pair, by arm and generation', () => {
    const facts = { serverAddress: '198.19.0.2', path: [] };
    const trials = [
      okTrial({ arm: 'base' }),
      okTrial({ arm: 'head' }),
      okTrial({ arm: 'head', generation: 1 }),
    ];
    const pairs = trials.map(({ scenario, arm, generation }, index) => ({
      ...facts,
      scenario,
      arm,
      generation,
      mtuBytes: 1300 + index,
    })) as PairFacts[];
    expect(csvTrials(trials, { pairs }).map(({ mtuBytes }) => mtuBytes)).toEqual([1300, 1301, 1302]);
    const [old] = trials.map(({ scenario }) => ({ ...facts, scenario, mtuBytes: 1400 }));
    expect(csvTrials([okTrial({})], { pairs: old ? [old] : [] })[0]?.mtuBytes).toBe(1400);
  });

  it('quotes what must be quoted and lets no formula run', () => {
    const [trial] = csvTrials(syntheticRun({ blocks: 1 }).trials);
    if (!trial) throw new Error('no trial');
    const text = renderCsv('=1+1', [{ ...trial, status: 'failed', reason: 'a "b", c\nd', metrics: [] }]);
    expect(text).toContain('"a ""b"", c d"');
    expect(text).toContain("\r\n'=1+1,");
  });
});

describe('the page', () => {
  it('asks nothing of any network', async () => {
    const text = await page();
    const outside = text.replace(/<script>[\s\S]*?<\/script>/g, '');
    expect(outside).not.toMatch(/(?:src|href)="(?!#|data:,)/);
    expect(text).toContain("default-src 'none'");
  });

  it('holds hostile text as text', async () => {
    const text = await page({ label: hostile });
    expect(text).not.toContain('<img src=x');
    // The data, the program, and no third.
    expect(text.match(/<script/g)?.length).toBe(2);
    expect(text).toContain('&lt;/script&gt;&lt;script&gt;alert(1)');
  });

  it('has a chart per metric and topology, and every ok trial as a dot', async () => {
    const record = syntheticRun({ blocks: 3, workloads: ['tcp-stream'] });
    const data = dataOf(await renderHtml(summarise(record), record));
    const panels = data.overhead['tcp-stream/goodput'] ?? [];
    expect(panels.map(({ title }) => title)).toEqual([
      'Two engines on one kernel, no NIC (in place of two hosts)',
      'Same host',
    ]);
    const overlay = panels[0]?.rows.find(({ name }) => name === 'overlay');
    expect(overlay?.dots).toHaveLength(3);
    expect(data.trials.rows).toHaveLength(record.trials.length);
    expect(data.views.find(({ isMain }) => isMain)?.label).toBe('Throughput');
  });

  it('draws no dot for a trial that does not count, and keeps it in the data', async () => {
    const record = syntheticRun({
      blocks: 12,
      workloads: ['tcp-stream'],
      invalidShare: 0.3,
      failedShare: 0.1,
    });
    const data = dataOf(await renderHtml(summarise(record), record));
    for (const { title, rows } of data.overhead['tcp-stream/goodput'] ?? []) {
      const topology = title === 'Same host' ? 'same-host' : 'cross-host';
      for (const { name, dots } of rows) {
        const counting = record.trials.filter(
          (trial) => trial.scenario === `${topology}/${name}` && trial.status === 'ok' && trial.block >= 0,
        );
        const orders = new Set(counting.map(({ order }) => order));
        expect(dots.every(([, , , order]) => orders.has(order))).toBe(true);
      }
    }
    expect(data.trials.rows).toHaveLength(record.trials.length);
    expect(record.trials.some(({ status }) => status === 'invalid')).toBe(true);
  });

  it.each([
    ['empty', { scenarios: [], unsupported: [] }, 'could be compared with a baseline'],
    ['all invalid', { invalidShare: 1 }, 'the packets took another path'],
    ['all failed', { failedShare: 1 }, 'Connection refused'],
    [
      'of one scenario',
      { scenarios: ['cross-host/host'], unsupported: [] },
      'could be compared with a baseline',
    ],
    ['unfinished', { state: 'interrupted' }, 'The run is interrupted, not finished'],
    ['without histograms', { withHistograms: false }, 'Against the host network'],
  ] as const)('of a run that is %s says so', async (_, options, words) => {
    const text = await page(options);
    expect(text).toContain(words);
    expect(text.replace(/<script>[\s\S]*?<\/script>/g, '')).not.toMatch(/NaN|undefined|Infinity|\[object/);
  });

  it('with zero goodput draws no ratio that is not finite', async () => {
    const record = syntheticRun({ blocks: 3, workloads: ['tcp-stream'] });
    const zeroed = record.trials.map((trial) =>
      trial.status === 'ok' && trial.scenario === 'cross-host/overlay'
        ? {
            ...trial,
            metrics: trial.metrics.map((metric) =>
              metric.name === 'goodput' ? { ...metric, value: 0 } : metric,
            ),
          }
        : trial,
    );
    const odd = { ...record, trials: zeroed };
    const data = dataOf(await renderHtml(summarise(odd), odd));
    const row = data.overhead['tcp-stream/goodput']?.[0]?.rows.find(({ name }) => name === 'overlay');
    expect(row).toMatchObject({ figure: '0\u00a0bit/s', text: 'not compared' });
    expect(JSON.stringify(data)).not.toMatch(/null|NaN/);
  });

  it('names downloads harmlessly', () => {
    expect(fileStem('../../etc/passwd')).toBe('tare-etc-passwd');
    expect(fileStem('')).toBe('tare-run');
  });
});

describe('the page of a very long run', () => {
  it('draws some of the trials, counts all of them, and leaves their figures to report.csv', async () => {
    const record = syntheticRun({
      blocks: 2600,
      scenarios: ['same-host/host', 'same-host/bridge'],
      workloads: ['tcp-rr', 'tcp-stream', 'tcp-crr'],
      unsupported: [],
    });
    expect(record.trials.length).toBeGreaterThan(20_000);
    const summary = summarise(record);
    const text = await renderHtml(summary, record);
    expect(text.length).toBeLessThan(5e6);
    expect(text).not.toContain('id="download-csv"');
    expect(text).toContain('all trials: report.csv');
    const [data = ''] =
      /<script type="application\/json" id="tare-data">(.*?)<\/script>/s.exec(text)?.slice(1) ?? [];
    const page = JSON.parse(data);
    const row = page.overhead['tcp-rr/transactions'][0].rows.find(
      (each: { name: string }) => each.name === 'bridge',
    );
    expect(row.dots).toHaveLength(240);
    expect(row.trialCount).toBe(2600);
    expect(page.trials.rows).toEqual([]);
  });
});
