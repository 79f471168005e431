import { expect, it } from 'vitest';
import { knownFault } from '../../bench/cli/known-fault.ts';
import { brokenConnection, silence } from '../../bench/engine/engine-fault.ts';

const at = { engine: 'one', url: 'tcp://192.0.2.1', call: 'GET /info' };
const broken = (code: string) => brokenConnection(at, Object.assign(new Error(`connect ${code}`), { code }));

it('a failure says as data whether its remedy ends in how to go on, so that nobody looks for words in it', () => {
  const refused = knownFault(Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }));
  for (const each of [silence(at, 5), broken('ECONNRESET'), broken('EOTHER'), refused])
    expect([each?.saysHowToGoOn, each?.remedy]).toEqual([true, expect.stringContaining('--resume')]);
  for (const each of [broken('EHOSTUNREACH'), broken('ETIMEDOUT')])
    expect([each.saysHowToGoOn, each.remedy]).toEqual([false, expect.not.stringContaining('--resume')]);
});

it('a broken connection tells why beside the sentence that names the engine', () => {
  expect(broken('ECONNRESET')).toMatchObject({
    message: 'engine one went away: it ended the connection in GET /info',
    why: 'went away: it ended the connection in GET /info',
  });
  expect(broken('EHOSTUNREACH')).toMatchObject({
    message: 'engine one: there is no way to tcp://192.0.2.1',
    why: 'there is no way to tcp://192.0.2.1',
  });
});
