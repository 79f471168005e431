import type { ServerPlace, ServerSpec } from '../workload.ts';

/** Bytes of the two bodies that the server offers, at `/small` and `/1m`. */
export const bodyBytes = { small: 128, '1m': 1 << 20 } as const;
export type Body = keyof typeof bodyBytes;

const hostPart = (address: string) => (address.includes(':') ? `[${address}]` : address);

/** One process, no log, connections kept open for as long as the client likes. */
function configuration(pair: ServerPlace): string {
  return `
# Root as it is: becoming another user, or giving it folders, would take capabilities that the container has not.
user root;
worker_processes 1;
daemon off;
master_process off;
pid nginx.pid;
error_log stderr crit;
events { worker_connections 1024; }
http {
  access_log off;
  sendfile on;
  tcp_nopush on;
  keepalive_requests 1000000000;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  server {
    listen ${hostPart(pair.listenAddress)}:${pair.ports.http} backlog=1024;
    root .;
    location = /small { default_type text/plain; return 200 "${'x'.repeat(bodyBytes.small)}"; }
  }
}
`;
}

/** nginx with a configuration and a body file of its own. */
export function nginxServer(pair: ServerPlace): ServerSpec {
  return {
    // All paths are relative to the folder in which it starts.
    argv: ['nginx', '-p', '.', '-c', 'nginx.conf', '-e', 'stderr'],
    files: { 'nginx.conf': configuration(pair), '1m': 'x'.repeat(bodyBytes['1m']) },
    slot: 'http',
    ready: 'tcp',
  };
}
