/** Shell script that prints the engine's userland proxies: `/proc/PID/comm` and the command line of each. */
export const listProxies = String.raw`for f in $(grep -sl "^docker-proxy" /proc/[0-9]*/comm); do
  echo "$f $(tr "\0" " " <"$(dirname "$f")/cmdline")"
done`;

/** Process ids of the proxies that stand at one of these ports of the host. */
export function proxyPids(printed: string, ports: readonly number[]): number[] {
  return printed.split('\n').flatMap((line) => {
    const match = /^\/proc\/(\d+)\/comm .*-host-port (\d+) /.exec(line);
    return match && ports.includes(Number(match[2])) ? [Number(match[1])] : [];
  });
}
