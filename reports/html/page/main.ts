/// <reference lib="dom" />
import { Chart } from '../../charts/config.ts';
import { type PageData, pageDataId } from '../page-data.ts';
import { drawWhenSeen } from './charts.ts';
import { offerDownloads } from './downloads.ts';
import { connectPanels } from './panels.ts';
import { connectSections } from './sections.ts';
import { connectTheme } from './theme-toggle.ts';

const element = document.getElementById(pageDataId);
const data = JSON.parse(element?.textContent ?? '{}') as PageData;

Chart.defaults.devicePixelRatio = Math.max(1, window.devicePixelRatio);
const panels = connectPanels(data);
const figures = drawWhenSeen(data.charts);
connectSections();
connectTheme(() => {
  panels.redraw();
  figures.redraw();
});
offerDownloads(data);
document.documentElement.dataset.ready = 'true';
