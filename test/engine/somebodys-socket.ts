import { chmod, chown } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { Transform } from 'node:stream';

/** A daemon of Tare's own says so by this label; without it, it is the machine's. */
const asSomebodys = () =>
  new Transform({
    transform(chunk: Buffer, _, done) {
      const text = chunk.toString('latin1');
      const isTold = text.includes('"tare=1"');
      done(null, isTold ? Buffer.from(text.replace('"tare=1"', '"self=1"'), 'latin1') : chunk);
    },
  });

/**
 * A socket behind which Tare's own engine passes for one that somebody else started.
 * @param group who may use it beside root
 */
export async function somebodysSocket(engineSocket: string, path: string, group: number): Promise<Server> {
  const server = createServer((client) => {
    const engine = connect(engineSocket);
    client.on('error', () => engine.destroy()).pipe(engine);
    engine
      .on('error', () => client.destroy())
      .pipe(asSomebodys())
      .pipe(client);
  });
  await new Promise<void>((done) => server.listen(path, done));
  await chown(path, 0, group);
  await chmod(path, 0o660);
  return server;
}
