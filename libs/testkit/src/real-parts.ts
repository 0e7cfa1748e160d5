/**
 * Kafka and Postgres for integration specs. The test runner may have started one of each for all files and say so in
 * TOOLFLEET_TEST_KAFKA and TOOLFLEET_TEST_DATABASE_URL; otherwise a file starts its own. Either way a file gets names
 * nobody else uses, so files can run side by side and the broker may hold any number of older topics.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import {
  startKafka,
  startPostgres,
  type LocalKafka,
  type LocalKafkaOptions,
  type LocalPostgres,
} from '@toolfleet/local';

const testsDirectory = fileURLToPath(new URL('../../../.toolfleet/tests', import.meta.url));
/** A test broker holds little; a small heap lets several run on a laptop. */
const heapMb = 256;

export interface TestKafka {
  readonly brokers: readonly string[];
  /** Begins every topic and group name of this file. */
  readonly prefix: string;
  /** Present when the broker is this file's own and may be stopped, killed or suspended. */
  readonly own: LocalKafka | undefined;
  stop(): Promise<void>;
}

export interface TestDatabase {
  /** An empty database of this file's own. */
  readonly url: string;
  readonly own: LocalPostgres | undefined;
  stop(): Promise<void>;
}

export interface TestPartOptions {
  /** Never share: the spec stops, kills or suspends it. */
  readonly own?: boolean;
}

export interface TestKafkaOptions extends TestPartOptions {
  /** Of an own broker. */
  readonly broker?: Pick<LocalKafkaOptions, 'properties' | 'secured' | 'formatArguments'>;
}

/** Call in `before`, and its `stop` in `after`. */
export async function kafkaForTests(options: TestKafkaOptions = {}): Promise<TestKafka> {
  const prefix = `t${uniqueName()}`;
  const shared = process.env['TOOLFLEET_TEST_KAFKA'];
  if (shared !== undefined && shared !== '' && options.own !== true) {
    return { brokers: shared.split(','), prefix, own: undefined, stop: async () => undefined };
  }
  const directory = await testDirectory('kafka-');
  const own = await startKafka({ directory, heapMb, ...options.broker });
  return { brokers: own.brokers, prefix, own, stop: () => stopAndRemove(own, directory) };
}

/** Call in `before`, and its `stop` in `after`; with a shared server `stop` drops the database. */
export async function databaseForTests(options: TestPartOptions = {}): Promise<TestDatabase> {
  const name = `t${uniqueName()}`;
  const shared = process.env['TOOLFLEET_TEST_DATABASE_URL'];
  if (shared !== undefined && shared !== '' && options.own !== true) {
    await runOn(shared, `CREATE DATABASE "${name}"`);
    const url = new URL(shared);
    url.pathname = `/${name}`;
    const stop = (): Promise<void> => runOn(shared, `DROP DATABASE "${name}" WITH (FORCE)`);
    return { url: url.href, own: undefined, stop };
  }
  const directory = await testDirectory('postgres-');
  const own = await startPostgres({ directory });
  return { url: await own.createDatabase(name), own, stop: () => stopAndRemove(own, directory) };
}

/** A folder for one spec, under the repository's `.toolfleet`; the spec removes it. */
export async function testDirectory(prefix: string): Promise<string> {
  await mkdir(testsDirectory, { recursive: true });
  return mkdtemp(join(testsDirectory, prefix));
}

function uniqueName(): string {
  return `${Date.now().toString(36)}${randomBytes(4).toString('hex')}`;
}

async function stopAndRemove(part: { stop(): Promise<void> }, directory: string): Promise<void> {
  await part.stop();
  await rm(directory, { recursive: true, force: true });
}

async function runOn(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
