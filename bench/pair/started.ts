import type { Container, PairWiring } from '../../drivers/driver.ts';
import type { Engine } from '../engine/engine.ts';

/** A container with the engine that it runs on, which drivers know by reference only. */
export interface StartedContainer extends Container {
  readonly engine: Engine;
}

export type StartedEnd =
  | { readonly type: 'container'; readonly container: StartedContainer }
  | { readonly type: 'bare' };

/** What a driver wired, with the engines behind both ends. */
export interface StartedWiring extends PairWiring {
  readonly server: StartedEnd;
  readonly client: StartedEnd;
}
