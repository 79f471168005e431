import { formatElapsed, formatQuantity } from '../../reports/format.ts';
import { line, plainText, truncate } from '../../reports/text.ts';
import { trialReasonText } from '../../results/reason-text.ts';
import type { Metric } from '../../results/schema.ts';
import type { RunEvent } from '../run/events.ts';
import type { Output } from './command.ts';

/** Seconds between progress lines where the output is not a terminal. */
const plainIntervalSeconds = 10;

/**
 * Presents a run's events on standard error, so that standard output stays clean for the table or JSON: one line that
 * renews itself on a terminal, else a plain line every ten seconds and for each step, warning and failure.
 */
export class Progress {
  readonly #output: Output;
  readonly #seen = new Map<string, Metric[]>();
  /** The newest figure: something to see long before the table. */
  #newest = '';
  #lastPlainMillis = 0;
  #lineShown = false;

  constructor(output: Output) {
    this.#output = output;
  }

  readonly listen = (event: RunEvent): void => {
    switch (event.type) {
      case 'step':
        this.#print(`${event.text} …`);
        return;
      case 'notice':
        this.#print(event.text);
        return;
      case 'warning':
        this.#print(`warning: ${event.text}`);
        return;
      case 'trial-started': {
        const { trial, done, total } = event;
        const what = `${trial.block < 0 ? 'warm-up' : `block ${trial.block + 1}`}  ${trial.scenario}  ${trial.workload}`;
        const left = event.secondsLeft === undefined ? '' : `  ${formatElapsed(event.secondsLeft)} left`;
        const estimate = this.#estimate(trial.scenario, trial.workload);
        this.#status(`[${done + 1}/${total}] ${what}${estimate}${left}`);
        return;
      }
      case 'trial-ended': {
        const { trial } = event;
        if (trial.status !== 'ok') {
          this.#print(
            `${trial.status}: ${trial.scenario} ${trial.workload}: ${trialReasonText(trial.reason)}`,
          );
          return;
        }
        const main = trial.metrics[0];
        if (!main || trial.block < 0) return;
        const key = `${trial.scenario} ${trial.workload}`;
        this.#newest = `  ${trial.scenario} ${formatQuantity(main.value, main.unit)}`;
        this.#seen.set(key, [...(this.#seen.get(key) ?? []), main]);
        return;
      }
    }
  };

  /** Clears the renewing line, so that what is printed next starts on a clean one. */
  end(): void {
    if (this.#lineShown) this.#output.renew('');
    this.#lineShown = false;
  }

  #estimate(scenario: string, workload: string): string {
    const metrics = [...(this.#seen.get(`${scenario} ${workload}`) ?? [])].sort((a, b) => a.value - b.value);
    const middle = metrics[Math.floor(metrics.length / 2)];
    return middle ? `  median so far ${formatQuantity(middle.value, middle.unit)}` : this.#newest;
  }

  #status(text: string): void {
    if (this.#output.isTTY) {
      this.#output.renew(truncate(plainText(text), (this.#output.columns ?? 80) - 1));
      this.#lineShown = true;
    } else if (Date.now() - this.#lastPlainMillis >= plainIntervalSeconds * 1000) {
      this.#lastPlainMillis = Date.now();
      this.#output.write(line`${text}`);
    }
  }

  #print(text: string): void {
    this.end();
    this.#output.write(line`${text}`);
  }
}
