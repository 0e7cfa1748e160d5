/** Both clients against a real broker with TLS, SASL/PLAIN and SCRAM, by the settings of a service. */
import assert from 'node:assert/strict';
import { copyFile, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { TestAuthority, eventually, freePort, kafkaForTests, testDirectory } from '@toolfleet/testkit';
import type { TestKafka } from '@toolfleet/testkit';
import { kafkaSecuritySettings } from '../config/tls-settings.js';
import { readSettings } from '../config/settings.js';
import { ensureTopics } from './admin.js';
import { readCompacted } from './compacted-reader.js';
import type { KafkaConnection } from './connection.js';
import { loadDriver } from './driver.js';
import { driverNames } from './driver-names.js';
import { kafkaSecurityOf } from './kafka-security.js';
import { BusProducer } from './producer.js';

const within = { withinMs: 60_000 };
const password = 'a password of the fleet';
let directory: string;
let kafka: TestKafka;
let port: number;
let caPath: string;
let strangerPath: string;

before(async () => {
  directory = await testDirectory('kafka-security-');
  const authority = await TestAuthority.create(directory);
  strangerPath = (await TestAuthority.create(directory, 'stranger')).ca;
  const server = await authority.sign('broker');
  const keystore = join(directory, 'broker-keystore.pem');
  await writeFile(keystore, (await readFile(server.key, 'utf8')) + (await readFile(server.cert, 'utf8')));
  caPath = join(directory, 'trusted.pem');
  await copyFile(authority.ca, caPath);
  port = await freePort();
  const listener = 'listener.name.sasl_ssl';
  const modules = 'org.apache.kafka.common.security';
  kafka = await kafkaForTests({
    own: true,
    broker: {
      secured: { port, protocol: 'SASL_SSL' },
      formatArguments: ['--add-scram', `SCRAM-SHA-512=[name=fleet,password=${password}]`],
      properties: {
        'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-512',
        [`${listener}.ssl.keystore.type`]: 'PEM',
        [`${listener}.ssl.keystore.location`]: keystore,
        [`${listener}.plain.sasl.jaas.config`]: `${modules}.plain.PlainLoginModule required user_fleet="${password}";`,
        [`${listener}.scram-sha-512.sasl.jaas.config`]: `${modules}.scram.ScramLoginModule required;`,
      },
    },
  });
  const plain = { brokers: kafka.brokers, clientId: 'spec', log: () => undefined };
  const names = driverNames.flatMap((driver) =>
    ['plain', 'scram-sha-512'].map((mechanism) => topicOf(driver, mechanism)),
  );
  await ensureTopics(
    plain,
    names.map((name) => ({ name, partitions: 1, config: { 'cleanup.policy': 'compact' } })),
  );
});

after(async () => {
  await kafka?.stop();
  await rm(directory, { recursive: true, force: true });
});

const topicOf = (driver: string, mechanism: string) => `${driver}-${mechanism}`;

async function connectionOf(driver: (typeof driverNames)[number], change: Readonly<Record<string, string>>) {
  const environment = {
    TOOLFLEET_KAFKA_TLS: 'on',
    TOOLFLEET_KAFKA_TLS_CA_PATH: caPath,
    TOOLFLEET_KAFKA_SASL_USERNAME: 'fleet',
    TOOLFLEET_KAFKA_SASL_PASSWORD: password,
    ...change,
  };
  const security = kafkaSecurityOf(readSettings(kafkaSecuritySettings, environment, () => ''));
  const base = { brokers: [`127.0.0.1:${port}`], clientId: 'secured', log: () => undefined };
  const connection: KafkaConnection = { ...base, ...security, driver: await loadDriver(driver) };
  return connection;
}

for (const driver of driverNames) {
  describe(`${driver} and a broker that asks who comes`, () => {
    for (const mechanism of ['plain', 'scram-sha-512']) {
      it(`sends and reads over TLS as its principal by ${mechanism}`, async () => {
        const connection = await connectionOf(driver, { TOOLFLEET_KAFKA_SASL_MECHANISM: mechanism });
        const producer = new BusProducer({ connection });
        const topic = topicOf(driver, mechanism);
        await producer.send({ topic, key: 'k', value: Buffer.from('hello') });
        await producer.disconnect();
        const seen: string[] = [];
        const onRecord = ({ value }: { readonly value: Buffer }) => void seen.push(value.toString());
        const reader = readCompacted({ connection, topic, onRecord });
        await eventually(() => seen.includes('hello'), within);
        await reader.close();
      });
    }

    it('gets nothing through with a wrong password, to a broker of another authority, or without saying who it is', async () => {
      const mechanism = { TOOLFLEET_KAFKA_SASL_MECHANISM: 'scram-sha-512' };
      for (const change of [
        { ...mechanism, TOOLFLEET_KAFKA_SASL_PASSWORD: 'another one' },
        { ...mechanism, TOOLFLEET_KAFKA_TLS_CA_PATH: strangerPath },
        {},
      ]) {
        // oxlint-disable-next-line no-await-in-loop
        const connection = await connectionOf(driver, change);
        const producer = new BusProducer({ connection, deadlineMs: 3_000 });
        const sent = producer.send({ topic: topicOf(driver, 'plain'), key: 'k', value: Buffer.from('stolen') });
        // oxlint-disable-next-line no-await-in-loop
        await assert.rejects(sent, { kind: 'unreachable' });
        // oxlint-disable-next-line no-await-in-loop
        await producer.disconnect();
      }
    });
  });
}

describe('the settings of the brokers', () => {
  const problemOf = (environment: Readonly<Record<string, string>>): string => {
    try {
      kafkaSecurityOf(readSettings(kafkaSecuritySettings, environment, () => ''));
      return '';
    } catch (error) {
      return (error as Error).message;
    }
  };

  it('say what is missing of what belongs together', () => {
    assert.equal(problemOf({}), '');
    assert.match(problemOf({ TOOLFLEET_KAFKA_SASL_MECHANISM: 'plain' }), /SASL_USERNAME and .*PASSWORD are required/);
    assert.match(problemOf({ TOOLFLEET_KAFKA_SASL_MECHANISM: 'oauthbearer' }), /SASL_TOKEN_PATH is required/);
    assert.match(problemOf({ TOOLFLEET_KAFKA_TLS: 'on', TOOLFLEET_KAFKA_TLS_CERT_PATH: 'x' }), /are set together/);
    assert.match(problemOf({ TOOLFLEET_KAFKA_TLS_CA_PATH: 'x' }), /TLS is off/);
  });

  it('have a token read at each connection', async () => {
    const path = join(directory, 'token');
    const environment = { TOOLFLEET_KAFKA_SASL_MECHANISM: 'oauthbearer', TOOLFLEET_KAFKA_SASL_TOKEN_PATH: path };
    const { sasl } = kafkaSecurityOf(readSettings(kafkaSecuritySettings, environment, () => ''));
    assert.ok(sasl?.mechanism === 'oauthbearer');
    for (const token of ['one', 'two']) {
      // oxlint-disable-next-line no-await-in-loop
      await writeFile(path, `${token}\n`);
      // oxlint-disable-next-line no-await-in-loop
      assert.deepEqual(await sasl.oauthBearerProvider(), { value: token });
    }
  });
});
