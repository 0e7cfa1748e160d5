/**
 * The connection that breaks between the server's commit and its answer: the caller cannot know, so the repeated statement
 * must recognise its own work. A proxy in front of Postgres swallows exactly that answer.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { after, before, test } from 'node:test';
import { databaseForTests, type TestDatabase } from '@toolfleet/testkit';
import { PostgresApprovalStore } from './approval-store.js';
import { commitOf, entryOf, newTenant, requestOf, textOf } from './testing/index.js';
import { PostgresEffectLedger } from './effect-ledger.js';
import { migrate } from './migrate.js';
import { Database } from './pool.js';
import { PostgresSessionStore } from './session-store.js';

let server: TestDatabase;
let proxy: Server;
let proxyUrl: string;
let database: Database;
const sockets = new Set<Socket>();
let answersToLose = 0;
let answersLost = 0;
/** How an answer is lost: its connection ends, or stays open and says nothing more. */
let silently = false;

/** Forwards both ways, except that an answer to be lost ends its connection instead. */
function forward(client: Socket, upstreamUrl: URL): void {
  const upstream = connect({ host: upstreamUrl.hostname, port: Number(upstreamUrl.port) });
  for (const [socket, peer] of [
    [client, upstream],
    [upstream, client],
  ] as const) {
    sockets.add(socket);
    socket.on('error', () => peer.destroy());
    socket.on('close', () => {
      sockets.delete(socket);
      peer.destroy();
    });
  }
  client.on('data', (bytes) => upstream.write(bytes));
  upstream.on('data', (bytes) => {
    if (answersToLose > 0) {
      answersToLose -= 1;
      answersLost += 1;
      if (silently) {
        upstream.pause();
      } else {
        client.destroy();
      }
    } else {
      client.write(bytes);
    }
  });
}

before(async () => {
  server = await databaseForTests();
  await migrate(server.url);
  const url = new URL(server.url);
  proxy = createServer((client) => forward(client, new URL(server.url)));
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  url.port = String((proxy.address() as AddressInfo).port);
  proxyUrl = url.href;
  database = new Database({ url: proxyUrl, applicationName: 'lost-answer-spec', connectionsMax: 1 });
});

after(async () => {
  await database.close();
  for (const socket of sockets) {
    socket.destroy();
  }
  proxy.close();
  await once(proxy, 'close');
  await server.stop();
});

/** Warm: the connection is there and the statement is known, so the next answer on it is the one of `work`. */
async function losingItsAnswer<T>(work: () => Promise<T>, through = database): Promise<T> {
  await through.query({ name: '', text: 'select 1' }, []);
  const lostBefore = answersLost;
  answersToLose = 1;
  const result = await work();
  assert.equal(answersLost, lostBefore + 1);
  return result;
}

test('a commit whose answer was lost succeeds, and its events are there once', async () => {
  const store = new PostgresSessionStore(database);
  const tenant = newTenant();
  const first = commitOf({ tenant });
  await losingItsAnswer(() => store.commit(first));
  const { sessionId } = first.head;
  const more = [2, 3, 4].map((firstSeq) => commitOf({ tenant, sessionId, firstSeq, payloads: [`${firstSeq}`] }));
  const others = Array.from({ length: 10 }, () => commitOf({ tenant }));
  await losingItsAnswer(() => Promise.all([...more, ...others].map((commit) => store.commit(commit))));
  assert.deepEqual((await store.load(tenant, sessionId))?.events.map(textOf), ['started', '2', '3', '4']);
});

test('a begin whose answer was lost is still reserved for its caller, and for nobody else', async () => {
  const ledger = new PostgresEffectLedger(database);
  const entry = entryOf({ tenant: newTenant() });
  assert.deepEqual(await losingItsAnswer(() => ledger.begin(entry)), { state: 'reserved' });
  assert.equal((await ledger.begin(entry)).state, 'executing');
});

test('a take-over and a settle whose answers were lost are still true', async () => {
  const ledger = new PostgresEffectLedger(database);
  const entry = entryOf({ tenant: newTenant() });
  const next = { ownerId: 'executor-2', epoch: 8n };
  await ledger.begin(entry);
  assert.equal(await losingItsAnswer(() => ledger.takeOver(entry, entry, next)), true);
  assert.equal(await ledger.takeOver(entry, entry, next), false);
  const settle = () => ledger.settle({ ...entry, ...next }, 'done', Buffer.from('ok'));
  assert.equal(await losingItsAnswer(settle), true);
});

test('a vote whose answer was lost counts once', async () => {
  const approvals = new PostgresApprovalStore(database);
  const request = requestOf({ tenant: newTenant(), approversNeeded: 2 });
  await losingItsAnswer(() => approvals.request(request));
  const vote = { approver: 'ann', approve: true, atMs: 2_000, comment: '' };
  const approval = await losingItsAnswer(() => approvals.decide(request, 'abc', vote));
  assert.deepEqual([approval.state, approval.votes.length], ['pending', 1]);
});

test('a server that falls silent is given up for another connection, and the commit is there once', async () => {
  const impatient = new Database({
    url: proxyUrl,
    applicationName: 'impatient',
    connectionsMax: 1,
    statementTimeoutMs: 200,
  });
  const store = new PostgresSessionStore(impatient);
  const commit = commitOf({ tenant: newTenant() });
  silently = true;
  await losingItsAnswer(() => store.commit(commit), impatient);
  silently = false;
  assert.equal((await store.load(commit.head.tenant, commit.head.sessionId))?.events.length, 1);
  await impatient.close();
});
