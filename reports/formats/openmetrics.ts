import { renderOpenMetrics } from '../openmetrics.ts';
import type { ReportFormat } from './format.ts';

/** For Prometheus: a file that node_exporter's textfile collector reads. */
export const openmetrics: ReportFormat = {
  id: 'openmetrics',
  async make({ summary }) {
    return [{ name: 'report.prom', content: renderOpenMetrics(summary) }];
  },
};
