import type { Reporter, TestCase, TestModule } from 'vitest/node';
import type { Totals } from './totals.ts';

/** Prints one line per test file, failures in full, and the lane's totals as one line for test/run.ts. */
export default class TareReporter implements Reporter {
  readonly #totals: Totals = { passed: 0, failed: 0, skips: [] };

  onTestCaseResult(test: TestCase): void {
    const result = test.result();
    if (result.state === 'passed') this.#totals.passed++;
    else if (result.state === 'failed') {
      this.#totals.failed++;
      console.log(`✗ ${test.module.relativeModuleId} > ${test.fullName}`);
      for (const error of result.errors) console.log(error.stack ?? error.message, error.diff ?? '');
    } else if (result.state === 'skipped') {
      const reason = result.note;
      // A skip that does not say why hides a test: it counts as a failure.
      if (reason) this.#totals.skips.push({ name: test.fullName, reason });
      else {
        this.#totals.failed++;
        console.log(`✗ ${test.module.relativeModuleId} > ${test.fullName}: skipped without a reason`);
      }
    }
  }

  onTestModuleEnd(module: TestModule): void {
    const errors = module.errors();
    if (errors.length > 0) this.#totals.failed += errors.length;
    for (const error of errors) console.log(`✗ ${module.relativeModuleId}`, error.stack ?? error.message);
    const { duration } = module.diagnostic();
    console.log(
      `${module.state() === 'failed' ? '✗' : '✓'} ${module.relativeModuleId} ${(duration / 1000).toFixed(1)} s`,
    );
  }

  onTestRunEnd(
    _modules: unknown,
    unhandled: readonly { readonly message: string; readonly stack?: string }[],
  ): void {
    for (const error of unhandled) {
      this.#totals.failed++;
      console.log('✗ outside any test:', error.stack ?? error.message);
    }
    console.log(`TARE-TOTALS ${JSON.stringify(this.#totals)}`);
  }
}
