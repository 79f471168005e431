import { Failure } from '../../results/failure.ts';
import type { Arm } from '../../results/schema.ts';
import { readConfig, type Trust } from './config-file.ts';

/**
 * Reads the two arms of a live comparison.
 * @param specifications `base=FILE` and `head=FILE`; each file holds `scenarios` and nothing else
 * @throws Failure `usage`
 */
export async function readArms(
  specifications: readonly string[],
  trust: Trust = 'own',
): Promise<Record<Arm, string[]>> {
  const files = new Map(
    specifications.map((text) => text.split(/=(.*)/s, 2) as [string, string | undefined]),
  );
  const base = files.get('base');
  const head = files.get('head');
  if (files.size !== 2 || !base || !head) {
    throw new Failure(
      'usage',
      `--arm was given as ${specifications.map((each) => JSON.stringify(each)).join(', ')}`,
      'Give it twice: --arm base=FILE --arm head=FILE.',
    );
  }
  return { base: await scenariosIn(base, trust), head: await scenariosIn(head, trust) };
}

async function scenariosIn(file: string, trust: Trust): Promise<string[]> {
  const { scenarios, ...others } = await readConfig(file, trust);
  const [surplus] = Object.keys(others);
  if (surplus) {
    throw new Failure(
      'usage',
      `${file}: an arm holds scenarios only, not "${surplus}"`,
      'What both arms share is given by flags or by --config.',
    );
  }
  if (!scenarios)
    throw new Failure('usage', `${file} names no scenarios`, 'List them under the key "scenarios".');
  return scenarios;
}
