import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { faultOf } from '@toolfleet/kernel';
import { eventually } from '@toolfleet/testkit';
import type { McpConnection } from './mcp-connection.js';
import type { ActOverHttp, ServedOverHttp } from './mcp-server.fixture.js';
import { call, connectionTo, currentOverHttp, messageBytesMax, plainOverHttp, served } from './mcp-server.fixture.js';

const open: { close(): unknown }[] = [];
afterEach(async () => void (await Promise.all(open.splice(0).map((one) => one.close()))));

async function connect(act: ActOverHttp, headers: Record<string, string> = {}) {
  const server = await served(plainOverHttp(act), headers);
  return connectTo(server);
}

function connectTo(server: ServedOverHttp): { connection: McpConnection; server: ServedOverHttp } {
  const connection = connectionTo(server.endpoint);
  open.push(server, connection);
  return { connection, server };
}

const faultOfCall = (connection: McpConnection, ...args: Parameters<typeof call>) =>
  connection.call(call(...args)).then(() => assert.fail('expected a fault'), faultOf);

const events = { 'content-type': 'text/event-stream' };
const event = (message: object) => `event: message\ndata: ${JSON.stringify({ jsonrpc: '2.0', ...message })}\n\n`;

describe('an MCP server over HTTP', () => {
  it('speaks the revision of 2026-07-28', async () => {
    const { connection } = connectTo(await served(currentOverHttp()));
    const { content } = await connection.call(call('add', { a: 1, b: 2 }));
    assert.deepEqual(content, [{ type: 'text', text: '3' }]);
    assert.equal(connection.server?.protocol, '2026-07-28');
  });

  it('gets the credential with every request', async () => {
    const answer: ActOverHttp = ({ id }, response) =>
      response.writeHead(200, events).end(event({ id, result: { content: [] } }));
    const { connection, server } = await connect(answer, { authorization: 'Bearer x' });
    await connection.call(call('act'));
    assert.deepEqual(new Set(server.requests.map(({ headers }) => headers.authorization)), new Set(['Bearer x']));
  });

  it('ends a call at once whose stream ends without an answer', async () => {
    const { connection } = await connect((_, response) => response.writeHead(200, events).end(': nothing\n\n'));
    const fault = await faultOfCall(connection, 'act', {}, 30_000);
    assert.deepEqual([fault.reason, fault.details['sent']], ['UPSTREAM_CONNECTION_LOST', 'maybe']);
  });

  it('ends a call at once whose connection is reset', async () => {
    const { connection } = await connect((_, response) => response.destroy());
    const fault = await faultOfCall(connection, 'act', {}, 30_000);
    assert.deepEqual([fault.kind, fault.details['sent']], ['unreachable', 'maybe']);
  });

  for (const [kind, headers] of [
    ['JSON', { 'content-type': 'application/json' }],
    ['a stream', events],
  ] as const) {
    it(`hangs up on an answer that is too large, as ${kind}`, async () => {
      let hungUp = false;
      const { connection } = await connect((_, response) => {
        response.on('close', () => (hungUp = !response.writableFinished));
        response.writeHead(200, headers);
        const more = () =>
          void (response.destroyed || response.write(`data: ${'x'.repeat(messageBytesMax / 4)}`, more));
        more();
      });
      const fault = await faultOfCall(connection, 'act', {}, 30_000);
      assert.deepEqual([fault.kind, fault.reason], ['invalid', 'RESPONSE_TOO_LARGE']);
      await eventually(() => hungUp, { withinMs: 2_000 });
    });
  }

  it('gives the connection back when a call is cancelled', async () => {
    let hungUp = false;
    const begun = Promise.withResolvers<void>();
    const { connection } = await connect((_, response) => {
      response.on('close', () => (hungUp = true));
      response.writeHead(200, events).write(': wait\n\n');
      begun.resolve();
    });
    const cancel = new AbortController();
    const cancelled = faultOfCall(connection, 'act', {}, 30_000, cancel.signal);
    await begun.promise;
    cancel.abort();
    await cancelled;
    await eventually(() => hungUp, { withinMs: 2_000 });
  });

  for (const [status, kind, sent] of [
    [401, 'broken', 'no'],
    [429, 'overloaded', 'no'],
    [500, 'unreachable', 'maybe'],
    [503, 'unreachable', 'no'],
  ] as const) {
    it(`makes ${kind} of the status ${status}`, async () => {
      const { connection } = await connect((_, response) => response.writeHead(status).end('secret'));
      const fault = await faultOfCall(connection, 'act');
      assert.deepEqual([fault.kind, fault.details['sent']], [kind, sent]);
      assert.doesNotMatch(fault.message + fault.hint + JSON.stringify(fault.details), /secret/);
    });
  }

  for (const status of [400, 404]) {
    it(`is asked once more after it has forgotten the connection, as it says with ${status}`, async () => {
      let forgotten = 1;
      const { connection } = await connect(({ id }, response) => {
        if (forgotten-- > 0) return void response.writeHead(status).end();
        response.writeHead(200, events).end(event({ id, result: { content: [] } }));
      });
      assert.deepEqual((await connection.call(call('act'))).content, []);
      forgotten = 2;
      const fault = await faultOfCall(connection, 'act');
      assert.deepEqual([fault.reason, fault.details['sent']], ['UPSTREAM_SESSION_LOST', 'no']);
    });
  }

  it('has not got a call that finds nobody listening any more', async () => {
    const { connection, server } = await connect(({ id }, response) =>
      response.writeHead(200, events).end(event({ id, result: { content: [] } })),
    );
    await connection.call(call('act'));
    server.close();
    // The first may still go into a connection whose end was not seen.
    const unsent = async () => (await faultOfCall(connection, 'act')).details['sent'] === 'no';
    await eventually(unsent, { withinMs: 5_000 });
  });

  it('says that no connection could be made while nobody listens', async () => {
    const server = await served(() => {});
    server.close();
    const fault = await faultOfCall(connectionTo(server.endpoint), 'act');
    assert.deepEqual(
      [fault.kind, fault.reason, fault.details['sent']],
      ['unreachable', 'UPSTREAM_CONNECT_FAILED', 'no'],
    );
  });
});
