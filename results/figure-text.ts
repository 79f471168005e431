/**
 * A share or ratio as percent: `3 %`, `2.5 %`, `88 %`. One decimal at most, below 10 % and where it tells a share from
 * 100 %.
 */
export function percentText(ratio: number): string {
  if (!Number.isFinite(ratio)) return 'n/a';
  const percent = ratio * 100;
  const size = Math.abs(percent);
  const decimals = size < 9.95 || (size > 99 && size < 100) ? 1 : 0;
  const text = percent.toFixed(decimals).replace(/\.0$/, '');
  return `${Number(text) === 0 ? '0' : text.replace('-', '−')} %`;
}

/**
 * What an interval holds, in whole percent: `87 %` of 0.875. Rounded down, so that none claims more than it has, and the
 * same wherever it is said.
 */
export function confidenceText(confidence: number): string {
  return `${Math.floor(confidence * 100 + 1e-6)} %`;
}

/** Bytes with three significant digits at most, in powers of 1000: `512 B`, `1.5 kB`, `45 MB`. */
export function bytesText(bytes: number): string {
  if (!Number.isFinite(bytes)) return 'n/a';
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  // 999.7 kB would print as 1000 kB: it belongs to the next unit.
  const power = Math.min(
    units.length - 1,
    Math.max(0, Math.floor(Math.log10(Math.max(1, bytes) * 1.0005) / 3)),
  );
  return `${Number((bytes / 1000 ** power).toPrecision(3))} ${units[power]}`;
}
