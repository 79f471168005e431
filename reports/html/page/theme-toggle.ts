/// <reference lib="dom" />
import { darkTheme, lightTheme, type Theme } from '../../charts/theme.ts';

const prefersDark = window.matchMedia('(prefers-color-scheme: dark)');

function isDark(): boolean {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === 'dark' : prefersDark.matches;
}

export function currentTheme(): Theme {
  return isDark() ? darkTheme : lightTheme;
}

/** The button that goes from light to dark and back; until it is used, the system's choice holds. */
export function connectTheme(redraw: () => void): void {
  const button = document.getElementById('theme');
  const label = () => {
    if (button) button.textContent = isDark() ? 'Light' : 'Dark';
  };
  button?.addEventListener('click', () => {
    document.documentElement.dataset.theme = isDark() ? 'light' : 'dark';
    label();
    redraw();
  });
  prefersDark.addEventListener('change', () => {
    label();
    redraw();
  });
  // Paper is white: dark charts would come out as dark blocks.
  let before: string | undefined;
  window.addEventListener('beforeprint', () => {
    before = document.documentElement.dataset.theme;
    document.documentElement.dataset.theme = 'light';
    redraw();
  });
  window.addEventListener('afterprint', () => {
    if (before) document.documentElement.dataset.theme = before;
    else delete document.documentElement.dataset.theme;
    redraw();
  });
  label();
}
