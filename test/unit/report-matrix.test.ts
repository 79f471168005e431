import { describe, expect, it } from 'vitest';
import { syntheticRun } from '../../bench/studies/synthetic/run.ts';
import { renderMarkdown } from '../../reports/markdown.ts';
import { type Matrix, matrixOf } from '../../reports/matrix.ts';
import { rankAll } from '../../reports/ranking.ts';
import { renderTerminal } from '../../reports/terminal.ts';
import { summarise } from '../../results/summarise.ts';

const plain = (text: string) => text.replaceAll('\u00a0', ' ');

function matrices(slowdowns: Record<string, number> = {}, blocks = 8): Matrix[] {
  return rankAll(summarise(syntheticRun({ blocks, slowdowns }))).map((ranked) => matrixOf(ranked));
}
const cellOf = (matrix: Matrix | undefined, network: string, workload: string) => {
  const column = matrix?.columns.findIndex((each) => each.workload === workload) ?? -1;
  return matrix?.rows.find(({ name }) => name === network)?.cells[column];
};

describe('the matrix', () => {
  it('has a row for each network and a column for each workload, what the order is by first', () => {
    for (const { columns, rows } of matrices()) {
      expect(columns[0]?.workload).toBe('tcp-stream');
      for (const { cells } of rows) expect(cells).toHaveLength(columns.length);
      expect(rows[0]?.isBaseline).toBe(true);
      expect(rows[0]?.cells[0]?.grade).toBe('figure');
    }
  });

  it('grades by how many times worse a figure is, in words and shades, with the figure behind it', () => {
    const grade = (slowdown: number) =>
      cellOf(matrices({ 'same-host/bridge': slowdown })[0], 'bridge', 'tcp-stream');
    // Its model is 1.27 times as dear as the host.
    expect(grade(1)?.grade).toBe('worse');
    expect(grade(2)?.grade).toBe('much');
    expect(grade(4)?.grade).toBe('far');
    expect(grade(0.5)?.grade).toBe('better');
    expect(plain(grade(4)?.detail ?? '')).toMatch(
      /^2\.\d+ Gbit\/s, −8\d % \[−8\d, −\d+\], far worse, n = 8$/,
    );
  });

  it('calls nothing worse or better on too few blocks', () => {
    const grades = new Set(
      matrices({}, 2).flatMap(({ rows }) => rows.flatMap(({ cells }) => cells.map(({ grade }) => grade))),
    );
    expect([...grades].sort()).toEqual(['few', 'figure']);
  });

  it('stands in terminal and Markdown instead of columns beyond a few workloads', () => {
    const summary = summarise(syntheticRun({ blocks: 8 }));
    const terminal = plain(renderTerminal(summary, { columns: 100, colour: false }));
    expect(terminal).toMatch(/bridge-proxy +▓ −\d+ %/);
    expect(terminal).toContain('█ far worse, 3 times and more');
    const markdown = plain(renderMarkdown(summary));
    const row = /\| `bridge-proxy` \| ✓ \| (.*)/.exec(markdown)?.[1];
    expect(row).toMatch(/^\d\.\d+ Gbit\/s, ▓ −5\d % much worse \| /);
    expect(markdown).toMatch(/<details><summary>Every figure with its interval<\/summary>/);
  });
});
