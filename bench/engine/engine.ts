import type Docker from 'dockerode';
import type { EngineRef } from '../../drivers/driver.ts';

/** One Docker Engine that Tare talks to. */
export interface Engine extends EngineRef {
  /** How it is reached, without a password: `unix:///…`, `ssh://…`, `tcp://…`. */
  readonly url: string;
  readonly docker: Docker;
  /** Engine version as it reports itself, such as `20.10.24+dfsg1`. */
  readonly version: string;
  readonly apiVersion: string;
  /** What its host is called, as it says itself. */
  readonly hostName?: string | undefined;
  /** What is unsafe about how it is reached. */
  readonly warnings?: readonly string[];
}
