import type Docker from 'dockerode';

/** One Docker Engine that Tare talks to. */
export interface Engine {
  /** Short name for people and records: `local`, `node-1`, or the URL's host. */
  readonly name: string;
  /** How it is reached: `unix:///…`, `ssh://…`, `tcp://…`. */
  readonly url: string;
  readonly docker: Docker;
  /** Engine version as it reports itself, such as `20.10.24+dfsg1`. */
  readonly version: string;
  readonly apiVersion: string;
  /** The engine's own id (`docker info` → ID); two URLs with one id are one engine. */
  readonly id: string;
  /**
   * `private`: started by Tare and its own to change (swarm, extra interfaces);
   * `lab`: a node of Tare's lab, likewise; `user`: someone's engine, on which only labelled objects are made.
   */
  readonly ownership: 'private' | 'lab' | 'user';
}
