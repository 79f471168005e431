/** Colours and type of a chart. Hues are Okabe and Ito's, told apart with any colour vision; shape and text say the same. */
export interface Theme {
  readonly ink: string;
  readonly muted: string;
  readonly grid: string;
  readonly surface: string;
  readonly dot: string;
  readonly worse: string;
  readonly better: string;
  readonly unsure: string;
  /** Series in a fixed order: the first is the baseline's. */
  readonly series: readonly string[];
  /** Parts of a CPU cost: user, system, softirq. */
  readonly parts: readonly [string, string, string];
  readonly partInk: readonly [string, string, string];
  readonly font: string;
}

/** How a chart is drawn, apart from what it says. */
export interface ChartLook {
  readonly theme: Theme;
  /** True where there is little width: shorter labels, fewer ticks. */
  readonly isNarrow: boolean;
}

const font = '"DejaVu Sans", ui-sans-serif, system-ui, sans-serif';

export const lightTheme: Theme = {
  ink: '#1c2024',
  muted: '#5b646d',
  grid: '#e3e5e4',
  surface: '#ffffff',
  dot: 'rgba(60, 72, 84, 0.34)',
  worse: '#b84a00',
  better: '#00705a',
  unsure: '#5b646d',
  series: ['#1c2024', '#0072b2', '#d55e00', '#009e73', '#aa4a87', '#a07800', '#3a8fc4', '#7a5c3e', '#6b6b6b'],
  parts: ['#8fb8d3', '#2f7fb5', '#0b3c5d'],
  partInk: ['#10222e', '#ffffff', '#ffffff'],
  font,
};

export const darkTheme: Theme = {
  ink: '#e8eaeb',
  muted: '#a3adb5',
  grid: '#31373c',
  surface: '#1a1e21',
  dot: 'rgba(190, 200, 208, 0.36)',
  worse: '#ff9d5c',
  better: '#4fd0ae',
  unsure: '#a3adb5',
  series: ['#e8eaeb', '#56b4e9', '#ff9d5c', '#3ecfa4', '#e094c4', '#e6c34a', '#9bd0f0', '#c9a57d', '#a8a8a8'],
  parts: ['#b9d6e8', '#5fa8d6', '#2d6f9e'],
  partInk: ['#10222e', '#0c1a24', '#ffffff'],
  font,
};
