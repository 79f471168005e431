/** How long an engine may be silent in one call. */
export interface CallLimits {
  /** Seconds until its answer is there; where much is sent, seconds in which nothing of it was taken. */
  readonly answerSeconds: number;
  /** Seconds between two pieces of an answer that comes bit by bit. */
  readonly idleSeconds: number;
}

// A call that asks is answered at once. One that makes the kernel, the runtime or a swarm do something may take a while
// on a busy or emulated host. What moves images counts from its last byte.
const small: CallLimits = { answerSeconds: 30, idleSeconds: 180 };
const making: CallLimits = { answerSeconds: 60, idleSeconds: 180 };
const starting: CallLimits = { answerSeconds: 120, idleSeconds: 180 };
const moving: CallLimits = { answerSeconds: 300, idleSeconds: 300 };
const building: CallLimits = { answerSeconds: 600, idleSeconds: 600 };

const named: readonly (readonly [RegExp, CallLimits])[] = [
  [/^POST \/build/, building],
  // Until the container ends, which whoever waits bounds.
  [/^POST \/containers\/[^/]+\/wait/, building],
  [/^(POST|GET) \/images\/(load|create|prune|get|.+\/get)/, moving],
  [/^(GET|PUT|HEAD) \/containers\/[^/]+\/(export|archive)/, moving],
  [/^POST \/containers\/[^/]+\/(start|restart|stop)/, starting],
  [/^POST \/swarm/, starting],
  [/^DELETE \//, making],
  [/^POST \/(containers|networks|volumes)/, making],
];

/** @param call such as `GET /containers/json` */
export function limitsOf(call: string): CallLimits {
  return named.find(([pattern]) => pattern.test(call))?.[1] ?? small;
}
