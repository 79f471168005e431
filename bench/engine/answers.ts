import { isIP } from 'node:net';
import { z } from 'zod';
import { said } from './words.ts';

// What an engine says is foreign: it may be hostile, and may be of a version that nobody here has seen. What Tare uses
// of each answer is checked here, once, before anything else sees it. Objects may have more keys, which nobody reads.

/** An object's id or name as it goes into a path or an argument: no blank, no slash, no leading dash. */
const id = z.string().regex(/^[A-Za-z0-9][\w.:-]{0,127}$/, 'is no id');
/** An image's id or a layer's digest. */
export const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/, 'is no SHA-256 digest');
const name = z
  .string()
  .max(1024)
  .transform((text) => said(text, 256));
const words = z.string().max(65_536);
const size = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const processId = z.number().int().min(0).max(4_194_304);
const nullish = <T extends z.ZodType>(schema: T) => schema.nullish().transform((value) => value ?? undefined);

/** An IP address, or nothing: an endpoint that is not connected has an empty one. */
const address = z.union([z.literal(''), z.string().refine((text) => isIP(text) !== 0, 'is no IP address')]);
/** The same for objects of other people: whatever else stands there is as good as nothing. */
const addressOrNothing = z
  .string()
  .optional()
  .catch(undefined)
  .transform((text) => (text !== undefined && isIP(text.split('/')[0] ?? '') !== 0 ? text : undefined));
const prefix = z
  .string()
  .optional()
  .catch(undefined)
  .transform((text) => {
    const [network, bits, ...rest] = (text ?? '').split('/');
    const isPrefix = isIP(network ?? '') !== 0 && /^\d{1,3}$/.test(bits ?? '') && rest.length === 0;
    return isPrefix ? text : undefined;
  });

const labels = nullish(z.record(words, words));

const cluster = nullish(
  z.looseObject({
    ID: z
      .string()
      .regex(/^[a-z0-9]{0,64}$/, 'is no id of a swarm')
      .optional(),
    DataPathPort: z.number().int().min(0).max(65_535).optional(),
  }),
);

const swarm = nullish(
  z.looseObject({
    LocalNodeState: z.string().regex(/^[a-z]{0,20}$/),
    NodeID: z
      .string()
      .regex(/^[a-z0-9]{0,64}$/, 'is no id of a node')
      .default(''),
    NodeAddr: address.default(''),
    ControlAvailable: z.boolean().default(false),
    RemoteManagers: nullish(
      z.array(z.looseObject({ NodeID: z.string().regex(/^[a-z0-9]{0,64}$/), Addr: words })).max(1000),
    ),
    Cluster: cluster,
  }),
);

export const infoAnswer = z.looseObject({
  ID: id,
  Name: name.optional(),
  Labels: nullish(z.array(words).max(1000)),
  OSType: z.string().max(64).optional(),
  Architecture: z.string().max(64).optional(),
  Swarm: swarm,
});

export const versionAnswer = z.looseObject({
  Version: name,
  ApiVersion: z.string().regex(/^\d{1,3}\.\d{1,3}$/, 'is no version'),
  MinAPIVersion: z
    .string()
    .regex(/^\d{1,3}\.\d{1,3}$/)
    .optional(),
});

const endpoint = z.looseObject({
  NetworkID: nullish(z.string().max(128)),
  IPAddress: nullish(address),
  GlobalIPv6Address: nullish(address),
  Gateway: addressOrNothing,
  MacAddress: nullish(z.string().regex(/^([0-9a-f]{2}(:[0-9a-f]{2}){5})?$/i, 'is no MAC address')),
});

const containerAnswer = z.looseObject({
  Id: id,
  Name: name.optional(),
  State: z.looseObject({ Pid: processId.optional(), Running: z.boolean().optional() }),
  HostConfig: z
    .looseObject({
      NetworkMode: z.string().max(1024).optional(),
      NanoCpus: size.optional(),
    })
    .default({}),
  NetworkSettings: z
    .looseObject({ Networks: z.record(words, endpoint).default({}) })
    .default({ Networks: {} }),
});

const containersAnswer = z.array(
  z.looseObject({
    Id: id,
    Names: z
      .array(name)
      .nullish()
      .transform((names) => names ?? []),
    State: z.string().max(64).optional(),
    Labels: labels,
    NetworkSettings: nullish(z.looseObject({ Networks: nullish(z.record(words, endpoint)) })),
  }),
);

const networkAnswer = z.looseObject({
  Id: id,
  Name: name,
  Driver: z.string().max(1024).optional(),
  IPAM: nullish(
    z.looseObject({
      Config: nullish(z.array(z.looseObject({ Subnet: prefix, Gateway: addressOrNothing }))),
    }),
  ),
  Options: nullish(z.record(words, words)),
  Labels: labels,
});

const imageAnswer = z.looseObject({
  Id: digest,
  RepoTags: nullish(z.array(words)),
  RootFS: nullish(z.looseObject({ Layers: nullish(z.array(digest).max(1000)) })),
  Size: size.optional(),
});

const imagesAnswer = z.array(
  z.looseObject({ Id: digest, RepoTags: nullish(z.array(words)), Size: size.optional() }),
);

const volumesAnswer = z.looseObject({
  Volumes: nullish(z.array(z.looseObject({ Name: id, Labels: labels }))),
});

const made = z.looseObject({ Id: id });

const answers: readonly (readonly [RegExp, z.ZodType])[] = [
  [/^GET \/info$/, infoAnswer],
  [/^GET \/version$/, versionAnswer],
  [/^GET \/containers\/json$/, containersAnswer],
  [/^GET \/containers\/[^/]+\/json$/, containerAnswer],
  [/^POST \/containers\/create$/, made],
  [/^POST \/containers\/[^/]+\/wait$/, z.looseObject({ StatusCode: z.number().int() })],
  [/^POST \/containers\/[^/]+\/exec$/, made],
  [
    /^GET \/exec\/[^/]+\/json$/,
    z.looseObject({ ExitCode: z.number().int().nullish(), Running: z.boolean() }),
  ],
  [/^GET \/networks$/, z.array(networkAnswer)],
  [/^GET \/networks\/[^/]+$/, networkAnswer],
  [/^POST \/networks\/create$/, made],
  [/^GET \/images\/json$/, imagesAnswer],
  [/^GET \/images\/.+\/json$/, imageAnswer],
  [/^GET \/volumes$/, volumesAnswer],
  [
    /^GET \/swarm$/,
    z.looseObject({ JoinTokens: z.looseObject({ Worker: z.string().regex(/^SWMTKN-[\w-]{1,256}$/) }) }),
  ],
];

/** How the answer to a call must look; undefined where Tare reads nothing of it. */
export function answerOf(call: string): z.ZodType | undefined {
  return answers.find(([pattern]) => pattern.test(call))?.[1];
}
