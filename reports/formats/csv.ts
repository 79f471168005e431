import { clockOf } from '../../results/clock.ts';
import { csvTrials, renderCsv } from '../csv.ts';
import type { ReportFormat } from './format.ts';

/** Every trial's every figure, a row each. */
export const csv: ReportFormat = {
  id: 'csv',
  async make({ summary, record }) {
    const content = renderCsv(summary.run.id, csvTrials(record.trials, record.run), clockOf(record.run));
    return [{ name: 'report.csv', content }];
  },
};
