import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createServer as createWebServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { stateSubfolder } from '../../bench/state/state.ts';
import { renderOpenMetrics } from '../../reports/openmetrics.ts';
import { summarise } from '../../results/summarise.ts';
import { freePort } from '../fixtures/free-port.ts';
import { gateRun } from '../fixtures/gate-runs.ts';

const dashboardFile = new URL('../../docs/grafana-dashboard.json', import.meta.url);
const packages = ['prometheus', 'prometheus-node-exporter'];
const started: ReturnType<typeof start>[] = [];
let served: Server | undefined;
let reason: string | undefined;
let bin = '';
let folder = '';
let prometheus = '';

/** The distribution's packages, unpacked and not installed: a monitor is no business of this machine's. */
async function unpack(): Promise<string> {
  const tree = join(stateSubfolder('monitoring'), 'tree');
  if (!existsSync(tree)) {
    const fresh = mkdtempSync(join(stateSubfolder('monitoring'), '.tree-'));
    try {
      await execa('apt-get', ['download', ...packages], { cwd: fresh });
      for (const file of readdirSync(fresh)) await execa('dpkg', ['--extract', file, '.'], { cwd: fresh });
      await execa('mv', [fresh, tree]);
    } finally {
      rmSync(fresh, { recursive: true, force: true });
    }
  }
  return join(tree, 'usr', 'bin');
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tare-monitoring-'));
  try {
    bin = await unpack();
  } catch (error) {
    reason = `apt has no Prometheus for this machine: ${(error as Error).message.split('\n')[0]}`;
    return;
  }
  mkdirSync(join(folder, 'textfile'));
  const text = renderOpenMetrics(summarise(gateRun({ id: 'watched', seed: 1 }), []));
  await writeFile(join(folder, 'textfile', 'tare.prom'), text);
  const [exporterPort, port] = [await freePort(), await freePort()];
  const exporter = start('prometheus-node-exporter', [
    '--collector.disable-defaults',
    '--collector.textfile',
    `--collector.textfile.directory=${join(folder, 'textfile')}`,
    `--web.listen-address=127.0.0.1:${exporterPort}`,
  ]);
  started.push(exporter);
  // As OpenMetrics it is read by another, stricter parser.
  served = createWebServer((_, answer) => {
    answer.setHeader('content-type', 'application/openmetrics-text; version=1.0.0; charset=utf-8').end(text);
  });
  const directPort = await freePort();
  served.listen(directPort, '127.0.0.1');
  const target = (name: string, at: number) => ({
    job_name: name,
    static_configs: [{ targets: [`127.0.0.1:${at}`] }],
  });
  const scrapes = [target('textfile', exporterPort), target('direct', directPort)];
  const config = { global: { scrape_interval: '1s' }, scrape_configs: scrapes };
  await writeFile(join(folder, 'prometheus.yml'), JSON.stringify(config));
  const monitor = start('prometheus', [
    `--config.file=${join(folder, 'prometheus.yml')}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
  ]);
  started.push(monitor);
  prometheus = `http://127.0.0.1:${port}`;
  for (let tries = 0; (await series('tare_run_info').catch(() => 0)) < 2; tries += 1) {
    if (tries > 300) throw new Error('Prometheus has no sample of the exporter’s after five minutes');
    await sleep(1000);
  }
});
beforeEach(({ skip }) => {
  if (reason !== undefined) skip(reason);
});
afterAll(async () => {
  for (const program of started) program.kill('SIGKILL');
  await Promise.allSettled(started);
  served?.close();
  rmSync(folder, { recursive: true, force: true });
});

function start(program: string, options: readonly string[]) {
  return execa(join(bin, program), options, { stdio: 'ignore', reject: false });
}

const answerSchema = z.object({ status: z.string(), data: z.object({ result: z.array(z.unknown()) }) });

/** How many series an expression gives. */
async function series(expression: string): Promise<number> {
  const answer = await fetch(`${prometheus}/api/v1/query?${new URLSearchParams({ query: expression })}`);
  const { status, data } = answerSchema.parse(await answer.json());
  expect(status).toBe('success');
  return data.result.length;
}

describe('a run in a real Prometheus', () => {
  it('is taken by node_exporter’s textfile collector without an error', async () => {
    expect(await series('node_textfile_scrape_error == 0')).toBe(1);
    expect(await series('tare_overhead_ratio')).toBeGreaterThan(0);
  });

  it('is good OpenMetrics', async () => {
    expect(await series('up{job="direct"} == 1')).toBe(1);
    expect(await series('tare_trial_median_bytes_per_second{job="direct"}')).toBeGreaterThan(0);
  });

  it('has no fault that promtool finds', async () => {
    const input = readFileSync(join(folder, 'textfile', 'tare.prom'));
    const { stdout, stderr } = await execa(join(bin, 'promtool'), ['check', 'metrics'], { input });
    expect(`${stdout}${stderr}`).toBe('');
  });

  it('answers every question of the dashboard', async () => {
    const dashboard = z
      .object({
        panels: z.array(z.object({ title: z.string(), targets: z.array(z.object({ expr: z.string() })) })),
      })
      .parse(JSON.parse(readFileSync(dashboardFile, 'utf8')));
    const chosen = { topology: 'same-host', workload: 'tcp-stream', metric: 'goodput' };
    for (const { title, targets } of dashboard.panels) {
      for (const { expr } of targets) {
        const expression = expr.replaceAll(
          /\$(\w+)/g,
          (all, name) => chosen[name as keyof typeof chosen] ?? all,
        );
        expect(await series(expression), `${title}: ${expression}`).toBeGreaterThan(0);
      }
    }
  });
});
