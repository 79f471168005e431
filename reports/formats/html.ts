import { adviceSection } from '../html/advice.ts';
import { claimsSection } from '../html/claims.ts';
import { renderHtml } from '../html/render.ts';
import { answered } from './answered.ts';
import type { ReportFormat } from './format.ts';

/** One page that needs nothing else. */
export const html: ReportFormat = {
  id: 'html',
  async make(reported) {
    const { summary, record, workloadNotes, judged } = reported;
    const { advised, claims } = answered(reported);
    const content = await renderHtml(summary, record, {
      ...(workloadNotes && { workloadNotes }),
      ...(judged && { judged }),
      sections: [...(advised ? [adviceSection(advised)] : []), ...(claims ? [claimsSection(claims)] : [])],
    });
    return [{ name: 'report.html', content }];
  },
};
