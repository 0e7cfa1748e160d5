/** Settings that every process of the fleet has, whatever its roles. */
import { ReceiptKey, hexDigestOf, limits, tenantPattern } from '@toolfleet/kernel';
import { z } from 'zod';
import { driverNames } from '../kafka/driver-names.js';
import { TokenSeal } from '../credentials/token-seal.js';
import { Secret } from './secret.js';
import { integerSetting, listSetting, portSetting, secretSetting } from './settings.js';
import { grpcTlsSettings, kafkaSecuritySettings } from './tls-settings.js';

export const fleetSettings = z.object({
  kafkaBrokers: listSetting.pipe(z.array(z.string()).min(1)).describe('host:port of the brokers, comma-separated.'),
  kafkaClient: z
    .enum(driverNames)
    .default('kafkajs')
    .describe('Client library of the bus. A group may hold members of both, so services change over one by one.'),
  ...kafkaSecuritySettings.shape,
  replica: z
    .string()
    .regex(/^[a-zA-Z0-9._-]{1,100}$/)
    .optional()
    .describe(
      'Name of this process, the same after a restart and in no other process: then its partitions are its own again as soon as it is back. Absent: after the session timeout of 6 s.',
    ),
  topicPrefix: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,30}$/)
    .default('toolfleet')
    .describe('First part of every topic and consumer group.'),
  partitions: integerSetting(1, 1024)
    .default(limits.partitions)
    .describe('Partitions of every sharded topic. Fixed once sessions run: it decides where they live.'),
  tenantSpan: integerSetting(1, 64).default(limits.tenantSpan).describe('Partitions that one tenant spreads over.'),
  tenantRequestTopics: listSetting
    .prefault('')
    .transform((entries, context) => {
      const topics = new Map<string, string>();
      for (const entry of entries) {
        const [, topic = '', tenant = ''] = /^([a-zA-Z0-9._-]{1,249})=(.{1,64})$/.exec(entry) ?? [];
        if (!tenantPattern.test(tenant) || topics.has(topic))
          context.addIssue(`${entry} is no topic=tenant, or the second`);
        topics.set(topic, tenant);
      }
      return topics as ReadonlyMap<string, string>;
    })
    .describe(
      'Topics of session requests that belong to one tenant, as topic=tenant, comma-separated. Their records need no token, so the broker’s ACL must let only that tenant’s principal write to each.',
    ),
  toolClasses: listSetting
    .prefault('read,write,export')
    .pipe(z.array(z.string().regex(/^[a-z][a-z0-9-]{0,30}$/)).min(1))
    .describe('Tool classes, each with its own topic and executors.'),
  databaseUrl: secretSetting.describe('Connection string of the Postgres database.'),
  databasePoolMax: integerSetting(1, 200).default(8).describe('Connections of one process to Postgres.'),
  httpPort: portSetting.default(8080).describe('Port of health, metrics and (gateway) the HTTP API.'),
  grpcPort: portSetting.default(9090).describe('Port of the gRPC services of this process.'),
  ...grpcTlsSettings.shape,
  host: z.string().default('0.0.0.0').describe('Address that the HTTP and gRPC ports listen on.'),
  handOver: z
    .enum(['on', 'off'])
    .default('on')
    .describe(
      'Whether a record whose next reader lives in the same process, or in a neighbour, is handed to it instead of the bus.',
    ),
  neighbourSocket: z
    .string()
    .max(limits.socketPathCharsMax)
    .optional()
    .describe(
      'Path of a Unix socket on which other processes of this host hand over records to this one, and take its own. In a folder that only its owner may enter.',
    ),
  neighbours: listSetting
    .prefault('')
    .pipe(z.array(z.string().max(limits.socketPathCharsMax)).max(16))
    .describe(
      'Sockets of other processes of this host, comma-separated: records whose next reader lives there are handed to it instead of the bus. Of two processes one names the other.',
    ),
  audit: z
    .enum(['on', 'off'])
    .default('on')
    .describe(
      'off: nothing of what this process does is recorded for the audit. For machines where nobody has to answer for it.',
    ),
  logLevel: z.enum(['debug', 'info', 'warn', 'error']).default('info').describe('Least level that is logged.'),
  drainMs: integerSetting(0, 600_000)
    .default(25_000)
    .describe('How long a stopping process finishes what it has begun. Keep below terminationGracePeriodSeconds.'),
});

export type FleetSettings = z.infer<typeof fleetSettings>;

const keySetting = z
  .string()
  .min(32, 'has fewer than 32 characters')
  .transform((text) => new Secret(text));

/** Settings of the roles that seal users' tokens or open them. */
export const subjectTokenSettings = z.object({
  subjectTokenKey: keySetting
    .optional()
    .describe(
      "Secret that seals users' tokens for tools that are reached with them, at least 32 characters. Same at gateway and executors; without it no such tool can be called.",
    ),
  subjectTokenKeyBefore: keySetting
    .optional()
    .describe('The secret before it, so that what was sealed before a rotation still opens.'),
});

/** Undefined without a key. */
export function tokenSealOf(settings: z.infer<typeof subjectTokenSettings>): TokenSeal | undefined {
  const { subjectTokenKey: key, subjectTokenKeyBefore: before } = settings;
  return key && new TokenSeal([key, ...(before ? [before] : [])]);
}

/** Settings of the roles that sign or verify receipts. */
export const receiptSettings = z.object({
  receiptKey: secretSetting.describe(
    'Secret that signs authorisation receipts, at least 32 characters. Same in all roles.',
  ),
});

/** The key's id is a short digest of the secret: it names the key in a receipt and gives nothing away. */
export function receiptKeyOf(secret: Secret): ReceiptKey {
  const id = hexDigestOf(`receipt key id ${secret.reveal()}`).slice(0, 8);
  return new ReceiptKey(id, Buffer.from(secret.reveal()));
}
