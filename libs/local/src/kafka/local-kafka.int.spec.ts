import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '../free-port.js';
import { startKafka, type LocalKafka } from './local-kafka.js';
import { probeBroker } from './probe-broker.js';

const testsDirectory = fileURLToPath(new URL('../../../../.toolfleet/tests', import.meta.url));
let directory: string;
let kafka: LocalKafka;

const portOf = (broker: LocalKafka): number => Number(broker.brokers[0]?.split(':')[1]);

before(async () => {
  await mkdir(testsDirectory, { recursive: true });
  directory = await mkdtemp(join(testsDirectory, 'local-kafka-'));
  kafka = await startKafka({ directory, heapMb: 256 });
});

after(async () => {
  await kafka?.stop();
  await rm(directory, { recursive: true, force: true });
});

test('a started broker answers for itself', async () => {
  assert.equal(await probeBroker(portOf(kafka), 2_000), true);
});

test('a suspended broker answers nobody, and answers again when it is resumed', async () => {
  await kafka.suspend();
  assert.equal(await probeBroker(portOf(kafka), 300), false);
  kafka.resume();
  assert.equal(await probeBroker(portOf(kafka), 5_000), true);
});

test('a killed broker is gone, and a restart serves the same port with the same data', async () => {
  const pid = kafka.pid;
  await kafka.kill();
  assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
  assert.equal(await probeBroker(portOf(kafka), 300), false);
  await kafka.restart();
  assert.notEqual(kafka.pid, pid);
  assert.equal(await probeBroker(portOf(kafka), 2_000), true);
});

test('a broker that is stopped while it starts is gone at once, and the start is a fault', async () => {
  await kafka.stop();
  const restart = kafka.restart();
  const outcome = assert.rejects(restart, { reason: 'NOT_READY' });
  const before = kafka.pid;
  for (let attempt = 0; attempt < 500 && kafka.pid === before; attempt += 1) await sleep(10);
  const atMs = Date.now();
  await kafka.stop();
  await outcome;
  assert.ok(Date.now() - atMs < 5_000);
  await kafka.restart();
});

test('a taken port is a fault that names the port', async () => {
  const port = await freePort();
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const start = startKafka({ directory: join(directory, 'other'), port });
  await assert.rejects(start, { reason: 'PORT_TAKEN', message: `Port ${port} for Kafka is taken by another process.` });
  await new Promise((resolve) => server.close(resolve));
});

test('a broker that cannot start is a fault with its last lines, and no process stays', async () => {
  const start = startKafka({ directory: join(directory, 'bad'), properties: { 'num.io.threads': 'many' } });
  await assert.rejects(start, /num\.io\.threads/);
});

test('an aborted start leaves no process and no half-made data', async () => {
  const aborted = join(directory, 'aborted');
  const start = startKafka({ directory: aborted, heapMb: 256, signal: AbortSignal.timeout(300) });
  await assert.rejects(start, { name: 'TimeoutError' });
  const again = await startKafka({ directory: aborted, heapMb: 256 });
  await again.stop();
});

test('without Java the fault names the three ways on', async () => {
  const home = process.env['JAVA_HOME'];
  process.env['JAVA_HOME'] = '/nonexistent';
  try {
    await assert.rejects(startKafka({ directory: join(directory, 'java') }), {
      reason: 'JAVA_MISSING',
      message: /install Java >= 17 and Maven.*docker compose -f deploy\/compose\.yaml up.*TOOLFLEET_KAFKA_BROKERS/,
    });
  } finally {
    if (home === undefined) delete process.env['JAVA_HOME'];
    else process.env['JAVA_HOME'] = home;
  }
});
