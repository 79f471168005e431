/// <reference lib="dom" />
import {
  BarController,
  BarElement,
  CategoryScale,
  Chart,
  type ChartConfiguration,
  Legend,
  LinearScale,
  LineController,
  LineElement,
  LogarithmicScale,
  PointElement,
  ScatterController,
  Tooltip,
} from 'chart.js';
import { cpuConfig } from './cpu-config.ts';
import { distributionConfig } from './distribution-config.ts';
import { historyConfig } from './history-config.ts';
import { icicleConfig } from './icicle-config.ts';
import { linesConfig } from './lines-config.ts';
import { overheadConfig } from './overhead-config.ts';
import { pathConfig } from './path-config.ts';
import type { ChartSpec } from './spec.ts';
import type { ChartLook } from './theme.ts';
import { tradeOffConfig } from './trade-off-config.ts';

Chart.register(
  BarController,
  BarElement,
  CategoryScale,
  Legend,
  LinearScale,
  LineController,
  LineElement,
  LogarithmicScale,
  PointElement,
  ScatterController,
  Tooltip,
);

/** Chart.js with what the charts here need registered; the page and node-canvas draw with the same one. */
export { Chart };

/** A chart as Chart.js wants it. Never animated: a report is looked at, not watched. */
export function chartConfig(spec: ChartSpec, look: ChartLook): ChartConfiguration {
  switch (spec.kind) {
    case 'overhead':
      return overheadConfig(spec, look);
    case 'distribution':
      return distributionConfig(spec, look);
    case 'cpu':
      return cpuConfig(spec, look);
    case 'lines':
      return linesConfig(spec, look);
    case 'history':
      return historyConfig(spec, look);
    case 'trade-off':
      return tradeOffConfig(spec, look);
    case 'path':
      return pathConfig(spec, look);
    case 'icicle':
      return icicleConfig(spec, look);
  }
}
