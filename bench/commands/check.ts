import { jsonText, line } from '../../reports/text.ts';
import { unsupportedRemedy, unsupportedText } from '../../results/unsupported-text.ts';
import { allEngines } from '../site/site.ts';
import { type CommandContext, exitCodes } from './command.ts';
import { type Examination, type ExaminationOptions, examine } from './examination.ts';

/** `tare check`: what is ready here and what is not, and why; nothing stays behind. */
export async function check(options: ExaminationOptions, context: CommandContext): Promise<number> {
  return examine(options, context, (found) => {
    context.stdout.write(options.json ? jsonText(asJson(found)) : asText(found));
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
    swarm: swarm ? (swarm.manager ? 'manager' : 'worker') : 'none',
  }));

function asJson(found: Examination): object {
  const scenarios = found.scenarios.map(({ type, ...rest }) => ({
    ...rest,
    status: type,
    ...('reason' in rest && {
      code: rest.reason.code,
      reason: unsupportedText(rest.reason),
      remedy: unsupportedRemedy(rest.reason),
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
