import { confidenceText, percentText } from '../results/figure-text.ts';
import type { Unit } from '../results/schema.ts';
import { leastConfidence } from '../results/ties.ts';

const minus = '\u2212';
/** Between a number and its unit: lines must not break there. */
const space = '\u00a0';

/**
 * A number with three significant digits and no exponent: `9.41`, `94.1`, `941`, `0.00941`.
 * Values of 1,000 and above keep every digit before the point, grouped by thousands.
 */
export function formatNumber(value: number, significantDigits = 3): string {
  if (!Number.isFinite(value)) return 'n/a';
  if (value === 0) return '0';
  const magnitude = Math.floor(Math.log10(Math.abs(value)));
  const decimals = Math.min(12, Math.max(0, significantDigits - 1 - magnitude));
  let text = Math.abs(value).toFixed(decimals);
  // 9.999 rounds up to 10.00, a digit too many.
  if (decimals > 0 && text.replace(/^0\.0*/, '').replace('.', '').length > significantDigits) {
    text = Math.abs(value).toFixed(decimals - 1);
  }
  const [whole = '', fraction] = text.split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return `${value < 0 ? minus : ''}${grouped}${fraction ? `.${fraction}` : ''}`;
}

interface Scale {
  readonly factor: number;
  readonly suffix: string;
}

const decimalScales = (suffix: string): readonly Scale[] => [
  { factor: 1e12, suffix: `T${suffix}` },
  { factor: 1e9, suffix: `G${suffix}` },
  { factor: 1e6, suffix: `M${suffix}` },
  { factor: 1e3, suffix: `k${suffix}` },
  { factor: 1, suffix },
];

const durationScales = (per: string): readonly Scale[] => [
  { factor: 1, suffix: `s${per}` },
  { factor: 1e-3, suffix: `ms${per}` },
  { factor: 1e-6, suffix: `µs${per}` },
  { factor: 1e-9, suffix: `ns${per}` },
];

const scalesByUnit: Readonly<Record<Unit, readonly Scale[]>> = {
  'bit/s': decimalScales('bit/s'),
  s: durationScales(''),
  ratio: [{ factor: 0.01, suffix: '%' }],
  count: [{ factor: 1, suffix: '' }],
  byte: [{ factor: 1, suffix: 'B' }],
  // Rates stay whole: 7,231/s is compared at a glance with 8,904/s.
  '1/s': [{ factor: 1, suffix: '/s' }],
  's/GB': durationScales('/GB'),
  's/transaction': durationScales('/transaction'),
  // Whole numbers tell one function from another; none is hidden behind a k.
  instructions: [{ factor: 1, suffix: 'instructions' }],
};

/** The scale in which `value` has one to three digits before the point. */
export function scaleFor(value: number, unit: Unit): Scale {
  const scales = scalesByUnit[unit];
  const last = scales[scales.length - 1] as Scale;
  const first = scales[0] as Scale;
  if (value === 0) return first.factor === 1 ? first : last;
  // 999.7 would print as 1,000: it belongs to the next scale.
  return scales.find((scale) => Math.abs(value) >= scale.factor * 0.9995) ?? last;
}

/**
 * A quantity in base units as a person reads it: `9.41 Gbit/s`, `118 µs`, `0.1 %`, `7,231`.
 * What is missing prints as an en dash, never as 0.
 */
export function formatQuantity(value: number | undefined, unit: Unit): string {
  if (value === undefined || !Number.isFinite(value)) return '–';
  const { factor, suffix } = scaleFor(value, unit);
  const number = unit === 'count' || unit === 'byte' ? formatCount(value) : formatNumber(value / factor);
  return suffix === ''
    ? number
    : suffix.startsWith('/')
      ? `${number}${suffix}`
      : `${number}${space}${suffix}`;
}

/** Several quantities in one scale, that of the largest, for axes and columns: `0.500 s/GB` beside `2.00 s/GB`. */
export function commonScale(largest: number, unit: Unit): (value: number) => string {
  const { factor, suffix } = scaleFor(largest, unit);
  return (value) => {
    const number = formatNumber(value / factor);
    return suffix === ''
      ? number
      : suffix.startsWith('/')
        ? `${number}${suffix}`
        : `${number}${space}${suffix}`;
  };
}

/** `0.5 s/GB` for `0.500 s/GB`: ticks are round by choice, not by precision. */
export function withoutTrailingZeros(text: string): string {
  return text.replace(/(\.\d*?)0+(?!\d)/, '$1').replace(/\.(?!\d)/, '');
}

/** `67.2 to 96.2 µs`: both ends in the scale of the larger. */
export function formatRange(low: number, high: number, unit: Unit): string {
  if (unit === 'count' || unit === 'byte')
    return `${formatQuantity(low, unit)} to ${formatQuantity(high, unit)}`;
  const { factor } = scaleFor(high, unit);
  return `${formatNumber(low / factor)} to ${formatQuantity(high, unit)}`;
}

/** Counts and bytes keep all digits while they are whole; medians of an even number may be halves. */
function formatCount(value: number): string {
  return Number.isInteger(value)
    ? `${value < 0 ? minus : ''}${group(Math.abs(value))}`
    : formatNumber(value, 4);
}

function group(whole: number): string {
  return whole.toFixed(0).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** A ratio as signed percent: 0.273 → `+27 %`, −0.0312 → `−3.1 %`; one decimal below 10 %. */
export function formatPercentChange(ratio: number): string {
  return `${signedPercent(ratio)}${space}%`;
}

function signedPercent(ratio: number): string {
  if (!Number.isFinite(ratio)) return ratio > 0 ? '+∞' : ratio < 0 ? `${minus}∞` : 'n/a';
  const percent = ratio * 100;
  const size = Math.abs(percent);
  const text = size >= 999.5 ? group(Math.round(size)) : size >= 9.95 ? size.toFixed(0) : size.toFixed(1);
  const isZero = Number(text.replaceAll(',', '')) === 0;
  return `${isZero ? '' : percent < 0 ? minus : '+'}${isZero ? '0' : text}`;
}

interface Bounds {
  readonly low: number;
  readonly high: number;
  readonly confidence: number;
}

/** Whether an estimate has an interval that the word fits. */
export function hasInterval<T extends { readonly interval?: Bounds }>(
  estimate: T,
): estimate is T & { readonly interval: Bounds } {
  return (estimate.interval?.confidence ?? 0) >= leastConfidence;
}

/**
 * `+39 % [35, 41]`; `+39 % [35, 41] at 50 %` where the interval holds less confidence than it is read as; `+39 % (n = 1)`
 * without one.
 * @param readAs confidence that goes without saying
 */
export function formatEstimate(
  { estimate, interval }: { readonly estimate: number; readonly interval?: Bounds | undefined },
  readAs = leastConfidence,
): string {
  const change = formatPercentChange(estimate);
  if (!interval) return `${change} (n = 1)`;
  const bounds = `${change} ${formatInterval(interval)}`;
  if (interval.confidence >= readAs) return bounds;
  return `${bounds} at ${formatConfidence(interval.confidence)}`;
}

/** `[22, 31]`: the bounds of a ratio in percent; the plus sign is left out, the minus sign is not. */
export function formatInterval(bounds: { readonly low: number; readonly high: number }): string {
  return `[${bound(bounds.low)}, ${bound(bounds.high)}]`;
}

function bound(ratio: number): string {
  const text = signedPercent(ratio);
  return text === '+∞' ? '∞' : text.replace(/^\+/, '');
}

/** A share (0 to 1) in percent, as figure-text.ts writes it, that no line breaks: `88 %`. */
export function formatShare(share: number): string {
  return percentText(share).replace(' ', space);
}

/** The confidence of an interval, as figure-text.ts writes it, that no line breaks: `87 %` of 0.875. */
export function formatConfidence(confidence: number): string {
  return confidenceText(confidence).replace(' ', space);
}

/** Seconds of a run for people: `42 s`, `3 min 07 s`, `1 h 02 min`. */
export function formatElapsed(seconds: number): string {
  if (!Number.isFinite(seconds)) return 'n/a';
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole}${space}s`;
  if (whole < 3600)
    return `${Math.floor(whole / 60)}${space}min${space}${String(whole % 60).padStart(2, '0')}${space}s`;
  return `${Math.floor(whole / 3600)}${space}h${space}${String(Math.floor((whole % 3600) / 60)).padStart(2, '0')}${space}min`;
}

/** ISO 8601 as `2026-08-01 12:30 UTC`; anything else is given back unchanged. */
export function formatMoment(iso: string): string {
  const match = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2})/.exec(iso);
  return match ? `${match[1]} ${match[2]} UTC` : iso;
}

/** A noise floor without a sign: `4.1 %`. */
export function formatFloor(effect: number): string {
  return formatPercentChange(Math.abs(effect)).replace(/^\+/, '');
}

/** Long whole numbers in a sentence of counters, grouped by thousands: `4,518,211,000 bytes`. */
export function formatCounter(sentence: string): string {
  return sentence.replace(/(?<![\w.:/-])\d{5,}(?![\w.:/-])/g, (digits) =>
    digits.replace(/\B(?=(\d{3})+$)/g, ','),
  );
}
