import { describe, expect, test } from 'vitest';
import { describeLeftover, removeLabelled } from '../../bench/engine/clean-labelled.ts';
import type { Engine } from '../../bench/engine/engine.ts';
import { removeContainer, removeNetwork, removeVolume } from '../../bench/engine/remove.ts';

const answer = (statusCode: number, text: string) =>
  Object.assign(new Error(`(HTTP code ${statusCode}) unexpected - ${text} `), { statusCode });

function engineWith(parts: object, name = 'one'): Engine {
  return { name, url: `unix:///run/${name}.sock`, docker: parts } as never;
}

const refusing = (error: Error) => {
  const remove = () => Promise.reject(error);
  const handle = () => ({ remove });
  return engineWith({ getNetwork: handle, getContainer: handle, getVolume: handle });
};

describe('what is gone already', () => {
  test.each([
    [500, 'network vqvrkshvbutxdcexf4r0j13oa not found'],
    [500, 'network with id vqvrk not found: network vqvrk not found'],
    [404, 'no such network: abc'],
    [500, 'rpc error: code = NotFound desc = network abc not found'],
    [409, 'removal of container abc is already in progress'],
    [500, 'No such container: abc'],
    [404, 'get abc: no such volume'],
  ])('counts as removed: %i %s', async (status, text) => {
    const engine = refusing(answer(status, text));
    await removeNetwork(engine, 'abc');
    await removeContainer(engine, 'abc');
    await removeVolume(engine, 'abc');
  });

  test.each([
    [409, 'volume is being kept: [abc]'],
    [500, 'plugin "x" not found'],
    [409, 'conflict: container abc can not be stopped'],
  ])('but not %i %s', async (status, text) => {
    const engine = refusing(answer(status, text));
    await expect(removeNetwork(engine, 'abc')).rejects.toThrow(text);
    await expect(removeContainer(engine, 'abc')).rejects.toThrow(text);
    await expect(removeVolume(engine, 'abc')).rejects.toThrow(text);
  });
});

describe('a sweep', () => {
  const objects = {
    listContainers: async () => [{ Id: 'c1', Names: ['/tare-1'] }],
    listNetworks: async () => [
      { Id: 'n1', Name: 'tare-a' },
      { Id: 'n2', Name: 'tare-b c' },
    ],
    listVolumes: async () => ({ Volumes: [{ Name: 'v1' }] }),
    getContainer: () => ({ remove: async () => {} }),
    getNetwork: (id: string) => ({
      remove: () => (id === 'n2' ? Promise.reject(answer(500, 'driver failed')) : Promise.resolve()),
    }),
    getVolume: () => ({ remove: async () => {} }),
  };

  test('goes on past what can’t be removed, and tells it with the command that removes it', async () => {
    const [swept] = await removeLabelled([engineWith(objects)], 'a-run');
    expect(swept).toEqual({
      containers: ['tare-1'],
      kept: [],
      networks: ['tare-a'],
      volumes: ['v1'],
      leftovers: [
        {
          kind: 'network',
          name: 'tare-b c',
          engine: 'one',
          reason: '(HTTP code 500) unexpected - driver failed',
          command: "docker -H unix:///run/one.sock network rm 'tare-b c'",
        },
      ],
    });
  });

  test('goes on with the next engine where one has gone away', async () => {
    const away = engineWith(
      { listContainers: () => Promise.reject(new Error('connect ECONNREFUSED')) },
      'away',
    );
    const [first, second] = await removeLabelled([away, engineWith(objects)], 'a-run');
    expect(first?.leftovers).toEqual([
      {
        kind: 'engine',
        name: 'away',
        engine: 'away',
        reason: 'connect ECONNREFUSED',
        command: 'tare clean --engine unix:///run/away.sock',
      },
    ]);
    expect(first?.leftovers.map(describeLeftover)).toEqual([
      'what is left on away could not be removed (connect ECONNREFUSED); run `tare clean --engine unix:///run/away.sock`',
    ]);
    expect(second?.containers).toEqual(['tare-1']);
  });
});
