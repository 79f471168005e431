import junit, { type Builder } from 'junit-report-builder';
import type { GatedMetric, GateResult } from '../results/gate.ts';
import { changeText, figureName, mediansText, undecidedWords, verdictSentence } from './gate-prose.ts';
import { plainText } from './text.ts';

/**
 * A comparison as JUnit XML: a test case per figure. `regressed` is a failure; `inconclusive` is skipped, as nothing
 * was shown; an invalid comparison is one error and its figures count for nothing.
 */
export function renderGateJunit(result: GateResult): string {
  // The package's types speak of a default export inside; what Node imports is the builder itself.
  const builder = (junit as unknown as Builder).newBuilder();
  const suite = builder.testSuite().name('tare gate');
  if (result.verdict === 'invalid') {
    suite
      .testCase()
      .className('tare.gate')
      .name('comparison')
      .error(xmlText(verdictSentence(result)), 'invalid', xmlText(result.remedy ?? ''));
    return builder.build();
  }
  for (const metric of result.metrics) {
    const test = suite
      .testCase()
      .className(`tare.${xmlText(metric.scenario)}`)
      .name(xmlText(figureName(metric)))
      .standardOutput(xmlText(sentence(metric)));
    if (metric.verdict === 'regressed') test.failure(xmlText(sentence(metric)), 'regressed');
    if (metric.verdict === 'inconclusive') test.skipped();
  }
  return builder.build();
}

function sentence(metric: GatedMetric): string {
  const reason = metric.undecided === undefined ? '' : ` (${undecidedWords[metric.undecided]})`;
  return `${metric.verdict}: ${changeText(metric)}, ${mediansText(metric)}${reason}`;
}

/** XML 1.0 has no way to write control characters at all. */
const xmlText = plainText;
