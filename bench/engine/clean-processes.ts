import { readdir, readFile } from 'node:fs/promises';

/**
 * Ends the toolbox programs that a killed run left on this machine itself (scenario `bare`). They are known by
 * TARE_RUN in their environment, so nothing else can be hit.
 * @returns the process ids that were ended
 */
export async function killNativePrograms(): Promise<number[]> {
  const ended: number[] = [];
  for (const entry of await readdir('/proc').catch(() => [])) {
    const processId = Number(entry);
    if (!Number.isInteger(processId) || processId === process.pid) continue;
    // Gone meanwhile, or another user's: either way not ours to end.
    const environment = await readFile(`/proc/${entry}/environ`, 'utf8').catch(() => '');
    if (!environment.split('\0').some((each) => each.startsWith('TARE_RUN='))) continue;
    process.kill(processId, 'SIGKILL');
    ended.push(processId);
  }
  return ended;
}
