import { jsonOutput } from '../../results/json-output.ts';
import { jsonText } from '../text.ts';
import type { ReportFormat } from './format.ts';

/** What `--json` prints. */
export const json: ReportFormat = {
  id: 'json',
  async make({ summary, judged }) {
    return [{ name: 'report.json', content: jsonText(jsonOutput(summary, judged?.verdict)) }];
  },
};
