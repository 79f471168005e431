/// <reference lib="dom" />
import { renderCsv } from '../../csv.ts';
import { expandTrials } from '../compact-trials.ts';
import type { PageData } from '../page-data.ts';

/** JSON and CSV are made from what stands in the page, when they are asked for. */
export function offerDownloads(data: PageData): void {
  connect(
    'download-json',
    `${data.fileStem}.json`,
    'application/json',
    () => `${JSON.stringify(data.json, null, 2)}\n`,
  );
  connect('download-csv', `${data.fileStem}.csv`, 'text/csv', () =>
    renderCsv(data.run, expandTrials(data.trials), data.clock),
  );
  const copy = document.getElementById('copy-command');
  copy?.addEventListener('click', async () => {
    const text = document.getElementById('command')?.textContent ?? '';
    try {
      await navigator.clipboard.writeText(text);
      copy.textContent = 'Copied';
    } catch {
      copy.textContent = 'Select it and copy by hand';
    }
  });
}

function connect(id: string, file: string, type: string, make: () => string): void {
  document.getElementById(id)?.addEventListener('click', () => {
    const url = URL.createObjectURL(new Blob([make()], { type }));
    const link = document.createElement('a');
    link.href = url;
    link.download = file;
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  });
}
