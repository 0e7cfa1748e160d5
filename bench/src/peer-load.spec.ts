import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { isFault } from '@toolfleet/kernel';
import { PeerLoad } from './peer-load.js';
import { sessionsUrlOf } from './peer-system.js';
import { plans } from './plans.js';

const calls = ['get_customer', 'get_order', 'update_order'].map((tool) => ({ callId: tool, tool, outcome: 'ok' }));

/** The fault that a session ends the run with in a peer that answers so, or `undefined` when it is taken as done. */
async function faultAt(status: number, answer: object): Promise<unknown> {
  const server = createServer((request, response) => {
    request.resume().on('end', () => response.writeHead(status).end(JSON.stringify(answer)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const load = new PeerLoad(`http://127.0.0.1:${(server.address() as AddressInfo).port}/sessions`);
  try {
    const tookMs = await Promise.race([load.session(plans.short), load.failed]);
    assert.equal(tookMs > 0, true);
    return undefined;
  } catch (fault) {
    return fault;
  } finally {
    await load.close();
    server.close();
  }
}

describe('the load on a peer', () => {
  it('takes a session that did every turn and call of its plan', async () => {
    assert.equal(await faultAt(200, { status: 'completed', turns: 3, calls }), undefined);
  });

  it('ends the run at the first session that left out a call, or was not answered well', async () => {
    for (const [status, answer, text] of [
      [200, { status: 'completed', turns: 3, calls: calls.slice(1) }, /2 calls instead of 3/],
      [200, { status: 'completed', turns: 2, calls }, /2 model turns instead of 3/],
      [200, { status: 'gaveUp', turns: 24, calls }, /gaveUp/],
      [500, { error: 'no such table' }, /answered 500: .*no such table/],
    ] as const) {
      // One server at a time.
      // oxlint-disable-next-line no-await-in-loop
      const fault = await faultAt(status, answer);
      assert.equal(isFault(fault) && fault.reason, 'SESSION_WRONG');
      assert.match(String(fault), text);
    }
  });

  it('begins at the one line that names where sessions go; a peer may print others', () => {
    assert.equal(sessionsUrlOf('{"sessionsUrl":"http://127.0.0.1:1/sessions"}'), 'http://127.0.0.1:1/sessions');
    assert.equal(sessionsUrlOf('{"level":30,"msg":"started"}'), undefined);
  });
});
