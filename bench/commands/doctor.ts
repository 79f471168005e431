import { jsonText, line } from '../../reports/text.ts';
import { Failure } from '../../results/failure.ts';
import { jsonDocument } from '../../results/json-schema.ts';
import { unsupportedRemedy, unsupportedText } from '../../results/unsupported-text.ts';
import { type CommandContext, exitCodes } from './command.ts';
import { type Examination, type ExaminationOptions, examine } from './examination.ts';
import { type MachineNeeds, machineNeeds } from './machine-needs.ts';

/** What to do, why, and what it would make ready. */
interface Advice {
  readonly remedy: string;
  readonly reasons: readonly string[];
  /** Scenarios; none where it is about all of them. */
  readonly scenarios: readonly string[];
}

interface Diagnosis {
  readonly remedies: readonly Advice[];
  readonly ready: readonly string[];
  readonly warnings: readonly string[];
}

/** `tare doctor`: what `tare check` finds, with what to do first; each remedy once. */
export async function doctor(options: ExaminationOptions, context: CommandContext): Promise<number> {
  const needs = await machineNeeds();
  const found = await examine(options, context, diagnosisOf).catch((error: unknown) => hopeless(error));
  const diagnosis = { ...found, remedies: [...machineAdvice(needs), ...found.remedies] };
  context.stdout.write(options.json ? jsonText(jsonDocument('doctor', diagnosis)) : asText(diagnosis));
  return diagnosis.ready.length > 0 ? exitCodes.ok : exitCodes.infrastructure;
}

function machineAdvice({ missing, commands }: MachineNeeds): Advice[] {
  if (missing.length === 0) return [];
  const needsRoot = commands.some(([program]) => program === 'apt-get') ? ', as root or with sudo' : '';
  return [
    {
      remedy: `Run \`tare setup\`${needsRoot}, which runs: ${commands.map((words) => words.join(' ')).join('; ')}`,
      reasons: missing.map(({ what, why }) => `${what}: ${why}`),
      scenarios: [],
    },
  ];
}

function diagnosisOf({ scenarios, warnings }: Examination): Diagnosis {
  const remedies = new Map<string, { reasons: Set<string>; scenarios: string[] }>();
  for (const scenario of scenarios) {
    if (scenario.type === 'ready') continue;
    const remedy = unsupportedRemedy(scenario.reason);
    const known = remedies.get(remedy) ?? { reasons: new Set(), scenarios: [] };
    known.reasons.add(unsupportedText(scenario.reason));
    known.scenarios.push(scenario.id);
    remedies.set(remedy, known);
  }
  return {
    remedies: [...remedies]
      .map(([remedy, { reasons, scenarios }]) => ({ remedy, reasons: [...reasons], scenarios }))
      .sort((a, b) => b.scenarios.length - a.scenarios.length),
    ready: scenarios.flatMap(({ id, type }) => (type === 'ready' ? [id] : [])),
    warnings,
  };
}

/** Nothing could be examined, and why that is so is the finding. */
function hopeless(error: unknown): Diagnosis {
  if (!(error instanceof Failure) || error.kind === 'usage') throw error;
  return {
    remedies: [{ remedy: error.remedy, reasons: [error.message], scenarios: [] }],
    ready: [],
    warnings: [],
  };
}

function asText({ remedies, ready, warnings }: Diagnosis): string {
  return [
    ...remedies.flatMap(({ remedy, reasons, scenarios }) => [
      line`→ ${remedy}`,
      ...reasons.map((reason) => line`  because ${reason}`),
      ...(scenarios.length > 0 ? [line`  for ${scenarios.join(', ')}`] : []),
    ]),
    ...warnings.map((warning) => line`warning: ${warning}`),
    ...(remedies.length + warnings.length > 0 ? ['\n'] : []),
    ready.length > 0
      ? line`${ready.length} scenarios are ready: ${ready.join(', ')}`
      : line`Nothing is ready to be measured.`,
  ].join('');
}
