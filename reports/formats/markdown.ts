import { adviceMarkdown } from '../advice-markdown.ts';
import { claimsMarkdown } from '../claims-markdown.ts';
import { literatureMarkdown } from '../literature-markdown.ts';
import { renderMarkdown } from '../markdown.ts';
import { answered } from './answered.ts';
import type { ReportFormat } from './format.ts';

/** For a pull request or an article; shows the pictures that are there. */
export const markdown: ReportFormat = {
  id: 'md',
  async make(reported) {
    const { summary, pictures, workloadNotes, judged } = reported;
    const { advised, claims, literature } = answered(reported);
    const content = renderMarkdown(summary, {
      images: pictures,
      ...(workloadNotes && { workloadNotes }),
      ...(judged && { judged }),
      sections: [
        ...(advised ? adviceMarkdown(advised) : []),
        ...(claims ? claimsMarkdown(claims) : []),
        ...(literature ? literatureMarkdown(literature) : []),
      ],
    });
    return [{ name: 'report.md', content }];
  },
};
