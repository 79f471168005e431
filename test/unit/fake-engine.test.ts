import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectEngine } from '../../bench/engine/connect.ts';
import { ContainerExecutor } from '../../bench/engine/container-executor.ts';
import { FakeEngine } from '../fixtures/fake-engine.ts';

// The stand-in must do what the real engine does wherever other tests lean on it.
let fake: FakeEngine;
beforeEach(async () => {
  fake = await FakeEngine.start();
});
afterEach(() => fake.stop());

const labels = { tare: '1', 'tare.run': 'r1' };

async function containerIn(engine: FakeEngine) {
  const { docker } = engine.engine();
  const container = await docker.createContainer({ name: 'one', Image: 'toolbox', Labels: labels });
  await container.start();
  return { docker, container };
}

describe('the stand-in for an engine', () => {
  it('is connected to as a real one is', async () => {
    expect(await connectEngine(fake.url, { ownership: 'user' })).toMatchObject({
      version: '26.1.5',
      id: fake.id,
    });
  });

  it('keeps containers and networks by their labels, and forgets what is removed', async () => {
    const { docker, container } = await containerIn(fake);
    await docker.createNetwork({ Name: 'net', Labels: labels });
    const filters = { label: ['tare=1', 'tare.run=r1'] };
    expect(await docker.listContainers({ filters })).toHaveLength(1);
    expect(await docker.listContainers({ filters: { label: ['tare.run=r2'] } })).toEqual([]);
    const [network] = await docker.listNetworks({ filters });
    await docker.getNetwork(network?.Id ?? '').remove();
    await container.remove({ force: true });
    expect([fake.containers.size, fake.networks.size]).toEqual([0, 0]);
    await expect(container.inspect()).rejects.toMatchObject({ statusCode: 404 });
  });

  it('runs scripts in open shells as it is told', async () => {
    const { docker, container } = await containerIn(fake);
    fake.script = (script, name) => ({ exitCode: 3, stdout: `${name}: ${script}`, stderr: 'words' });
    const executor = new ContainerExecutor(docker, { id: container.id, name: 'one' }, 'fake');
    expect(await executor.script('uname -r\ndate', 5)).toEqual({
      exitCode: 3,
      stdout: 'one: uname -r\ndate',
      stderr: 'words',
    });
    expect((await executor.script('again', 5)).stdout).toBe('one: again');
    const begun = new Promise<void>((resolve) => {
      fake.script = () => {
        resolve();
        return new Promise(() => undefined);
      };
    });
    const hanging = expect(executor.script('hangs', 5)).rejects.toThrow(/it was removed/);
    await begun;
    await container.remove({ force: true });
    await hanging;
  });

  it('has the faults that are ordered, for as long as they are', async () => {
    const { docker } = fake.engine();
    fake.order('GET /info', { type: 'refusing', status: 500, message: 'no' }, 1);
    await expect(docker.info()).rejects.toMatchObject({ statusCode: 500 });
    expect(await docker.info()).toMatchObject({ ID: fake.id });
    // A connection that was kept may be stale, so what only reads is asked once more.
    fake.order('GET /info', { type: 'gone' }, 2);
    await expect(docker.info()).rejects.toThrow(/hang up|ECONNRESET|went away/);
    fake.order('GET /info', { type: 'lying', body: 'no JSON' }, 1);
    expect(await docker.info().catch((error: Error) => error)).not.toMatchObject({ ID: fake.id });
    fake.order('GET /info', { type: 'hung' });
    const waited = new Promise((resolve) => setTimeout(() => resolve('waited'), 50));
    const hung = docker.info().catch(() => 'broke');
    expect(await Promise.race([hung, waited])).toBe('waited');
    await fake.die();
    expect(await hung).toBe('broke');
    await expect(docker.info()).rejects.toMatchObject({ code: 'ENOENT' });
    fake.relent();
    await fake.comeBack();
    expect(await docker.info()).toMatchObject({ ID: fake.id });
  });
});
