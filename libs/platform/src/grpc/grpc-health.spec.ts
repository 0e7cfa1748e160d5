import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client, Server, ServerCredentials, credentials, status } from '@grpc/grpc-js';
import { service } from 'grpc-health-check';
import { Health } from '../telemetry/health.js';
import { addGrpcHealth } from './grpc-health.js';

const health = new Health();
const server = new Server();
let client: Client;

before(async () => {
  addGrpcHealth(server, health, ['toolfleet.session.v1.SessionService']);
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  );
  client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
});

after(() => {
  client.close();
  server.forceShutdown();
});

const method = (name: string) => service[name]!;

function check(name: string): Promise<unknown> {
  const { path, requestSerialize, responseDeserialize } = method('Check');
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(path, requestSerialize, responseDeserialize, { service: name }, (error, answer) =>
      error ? reject(error) : resolve(answer),
    );
  });
}

test('a check is answered by readiness at that moment, and only for what is served here', async () => {
  assert.deepEqual(await check(''), { status: 'SERVING' });
  assert.deepEqual(await check('toolfleet.session.v1.SessionService'), { status: 'SERVING' });
  await assert.rejects(check('no.Such'), { code: status.NOT_FOUND });
});

test('a watcher hears of a change, and a check says the same', async () => {
  const { path, requestSerialize, responseDeserialize } = method('Watch');
  const watch = client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, { service: '' });
  const seen: unknown[] = [];
  for await (const answer of watch) {
    seen.push((answer as { status: unknown }).status);
    if (seen.length === 1) health.drain();
    else break;
  }
  assert.deepEqual(seen, ['SERVING', 'NOT_SERVING']);
  assert.deepEqual(await check(''), { status: 'NOT_SERVING' });
});
