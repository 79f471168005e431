import type { ReportFormat } from './format.ts';

/** The charts as pictures. */
export const png: ReportFormat = {
  id: 'png',
  comesFirst: true,
  async make({ summary, record }) {
    // Drawing takes canvas, which not every machine has.
    const { renderPng } = await import('../png.ts');
    const pictures = await renderPng(summary, record);
    return pictures.map(({ file, alt, png: content }) => ({ name: file, content, alt }));
  },
};
