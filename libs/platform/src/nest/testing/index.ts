/** Runs roles as a process does, on a real broker and database of the spec's own, and records what they put on the bus. */
import { rm } from 'node:fs/promises';
import { allTopics } from '@toolfleet/contracts';
import type { TopicName } from '@toolfleet/contracts';
import { databaseForTests, freePort, kafkaForTests, testDirectory } from '@toolfleet/testkit';
import { openLocalIssuer } from '../../identity/index.js';
import type { LocalIssuer } from '../../identity/index.js';
import type { BusRecord, KafkaConnection, TopicReader } from '../../kafka/index.js';
import { ensureTopics, readCompacted } from '../../kafka/index.js';
import { migrate } from '../../postgres/index.js';
import type { Role } from '../role.js';
import type { RunningRoles } from '../run-roles.js';
import { runRoles } from '../run-roles.js';

export interface RoleRig {
  readonly running: RunningRoles;
  readonly grpcAddress: string;
  /** Makes tokens that count at the roles: `await issuer.authorization('acme')` is a header. */
  readonly issuer: LocalIssuer;
  /** Everything on the topic so far, oldest first; the first call begins to read it. */
  records(topic: TopicName): Promise<readonly BusRecord[]>;
  /** Stops the roles and starts them again on the same broker and database. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export interface RoleRigOptions {
  readonly roles: readonly Role[];
  /** The spec's own environment; the settings of the rig are written into it. */
  readonly environment: Record<string, string | undefined>;
  readonly settings?: Readonly<Record<string, string>>;
  /** Before the roles start, when the topics of the table are there. */
  readonly prepare?: (brokers: readonly string[]) => Promise<void>;
}

const partitions = 4;

export async function startRoleRig({ roles, environment, settings, prepare }: RoleRigOptions): Promise<RoleRig> {
  const [kafka, database] = await Promise.all([kafkaForTests(), databaseForTests()]);
  const keys = await testDirectory('identity-');
  const removeKeys = () => rm(keys, { recursive: true, force: true });
  const stopParts = async () => void (await Promise.all([kafka.stop(), database.stop(), removeKeys()]));
  try {
    const issuer = await openLocalIssuer(keys);
    const [httpPort, grpcPort] = [await freePort(), await freePort()];
    Object.assign(environment, {
      TOOLFLEET_KAFKA_BROKERS: kafka.brokers.join(','),
      TOOLFLEET_TOPIC_PREFIX: kafka.prefix,
      TOOLFLEET_PARTITIONS: String(partitions),
      TOOLFLEET_DATABASE_URL: database.url,
      TOOLFLEET_HTTP_PORT: String(httpPort),
      TOOLFLEET_GRPC_PORT: String(grpcPort),
      TOOLFLEET_HOST: '127.0.0.1',
      TOOLFLEET_LOG_LEVEL: 'error',
      TOOLFLEET_DRAIN_MS: '3000',
      TOOLFLEET_RECEIPT_KEY: 'a receipt key of thirty-two characters and more',
      TOOLFLEET_AUDIT_SIGNING_KEY: 'a signing key of thirty-two characters and more',
      TOOLFLEET_AUDIT_SUBJECT_KEY: 'a subject key of thirty-two characters and more',
      TOOLFLEET_IDENTITY_ISSUERS: issuer.setting,
      ...settings,
    });
    const connection: KafkaConnection = {
      brokers: kafka.brokers,
      clientId: `${kafka.prefix}-rig`,
      log: () => undefined,
    };
    const onBus = (name: string) => `${kafka.prefix}.${name}.v1`;
    const specs = allTopics().map(({ name, sharded, config }) => {
      return { name: onBus(name), partitions: sharded ? partitions : 1, config };
    });
    await Promise.all([ensureTopics(connection, specs), migrate(database.url)]);
    await prepare?.(kafka.brokers);
    const readings = new Map<string, Reading>();
    let running = await runRoles(roles);
    return {
      get running() {
        return running;
      },
      grpcAddress: `127.0.0.1:${grpcPort}`,
      issuer,
      records: (topic) => recordsOf(connection, onBus(topic), readings),
      restart: async () => {
        await running.stop();
        running = await runRoles(roles);
      },
      stop: async () => {
        await Promise.all([...readings.values()].map(({ reader }) => reader.close()));
        await running.stop();
        await stopParts();
      },
    };
  } catch (error) {
    await stopParts();
    throw error;
  }
}

interface Reading {
  readonly reader: TopicReader;
  readonly records: BusRecord[];
}

async function recordsOf(
  connection: KafkaConnection,
  topic: string,
  readings: Map<string, Reading>,
): Promise<BusRecord[]> {
  let reading = readings.get(topic);
  if (!reading) {
    const records: BusRecord[] = [];
    const reader = readCompacted({ connection, topic, onRecord: (record) => void records.push(record) });
    readings.set(topic, (reading = { reader, records }));
  }
  await reading.reader.caughtUp;
  return reading.records;
}
