import { jsonText, line } from '../../reports/text.ts';
import { type JsonBody, jsonDocument } from '../../results/json-schema.ts';
import { unsupportedRemedy, unsupportedText } from '../../results/unsupported-text.ts';
import { allEngines } from '../site/site.ts';
import { type CommandContext, exitCodes } from './command.ts';
import { type Examination, type ExaminationOptions, examine } from './examination.ts';

/** `tare check`: what is ready here and what is not, and why; nothing stays behind. */
export async function check(options: ExaminationOptions, context: CommandContext): Promise<number> {
  return examine(options, context, (found) => {
    context.stdout.write(options.json ? jsonText(jsonDocument('check', asJson(found))) : asText(found));
    const isReady = found.scenarios.some((scenario) => scenario.type === 'ready');
    return options.json || isReady ? exitCodes.ok : exitCodes.infrastructure;
  });
}

const enginesOf = ({ site }: Examination) =>
  allEngines(site).map(({ engine, underlayAddress, underlayInterface, swarm }) => ({
    name: engine.name,
    url: engine.url,
    version: engine.version,
    apiVersion: engine.apiVersion,
    underlay: `${underlayAddress} on ${underlayInterface}`,
    swarm: swarm ? (swarm.manager ? ('manager' as const) : ('worker' as const)) : ('none' as const),
  }));

function asJson(found: Examination): JsonBody<'check'> {
  const scenarios = found.scenarios.map((scenario) => ({
    id: scenario.id,
    status: scenario.type,
    ...(scenario.type === 'unsupported' && {
      code: scenario.reason.code,
      reason: unsupportedText(scenario.reason),
      remedy: unsupportedRemedy(scenario.reason),
    }),
  }));
  const { site, loads, warnings } = found;
  return { engines: enginesOf(found), tools: site.toolbox.tools, scenarios, foreignLoad: loads, warnings };
}

function asText(found: Examination): string {
  const { scenarios, warnings } = found;
  const width = Math.max(...scenarios.map((scenario) => scenario.id.length));
  return [
    ...enginesOf(found).map(
      (each) =>
        line`${each.name}: Docker ${each.version} (API ${each.apiVersion}), ${each.underlay}, swarm: ${each.swarm}`,
    ),
    '\n',
    ...scenarios.map((scenario) => {
      const name = scenario.id.padEnd(width);
      return scenario.type === 'ready'
        ? line`${name}  ready`
        : line`${name}  unsupported: ${unsupportedText(scenario.reason)}` +
            line`${' '.repeat(width)}  → ${unsupportedRemedy(scenario.reason)}`;
    }),
    ...(warnings.length > 0 ? ['\n'] : []),
    ...warnings.map((warning) => line`warning: ${warning}`),
  ].join('');
}
