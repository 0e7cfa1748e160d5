/** `fleetctl effects` as a shell sees it, against a server that speaks as the gateway does. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, before, beforeEach, test } from 'node:test';
import { runFleetctl } from './fleetctl.fixture.js';

const effect = {
  ...{
    callId: 's1:1:0',
    tool: 'pay',
    requestedBy: 'ada',
    idempotencyKey: 'k-1',
    openedAtMs: '1700000000000',
    tries: 7,
  },
  arguments: Buffer.from('{"amount":5,"note":"\u001b[31mred"}').toString('base64'),
};
const asked: string[] = [];
let listed: object[] = [];
let url = '';

const server = createServer((request, response) => {
  const answer = async () => {
    const body = await text(request);
    asked.push(`${request.method} ${request.url} ${body}`);
    if (request.url!.includes('unknown')) {
      const refusal = { kind: 'missing', reason: 'EFFECT_UNKNOWN', message: 'There is no such write of unknown end.' };
      return response.writeHead(404, { 'content-type': 'application/problem+json' }).end(JSON.stringify(refusal));
    }
    const answered = request.method === 'GET' ? { effects: listed } : { effect };
    return response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answered));
  };
  void answer();
});

before(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
after(() => void server.close());
beforeEach(() => void (asked.length = 0));

const effects = (...words: string[]) => runFleetctl(['effects', ...words, '--tenant', 'acme', '--url', url]);

test('writes of unknown end are printed with what it takes to look for them, and nothing that moves a terminal', async () => {
  listed = [effect, { ...effect, callId: 's2:1:0', nextTryAtMs: '1700000060000' }];
  const { code, stdout } = await effects('list', '--state', 'unknown');
  assert.equal(code, 0);
  assert.deepEqual(asked, ['GET /v1/effects?tenant=acme ']);
  assert.match(stdout, /^s1:1:0 pay\(\{"amount":5/);
  assert.match(stdout, /for ada since 2023-11-14T22:13:20\.000Z, key k-1, asked 7 times, only a person can settle it/);
  assert.match(stdout, /s2:1:0 [^]*next at 2023-11-14T22:14:20\.000Z/);
  assert.ok(!stdout.includes('\u001b'), stdout);
});

test('as JSON they are printed as the gateway tells them, one a line', async () => {
  listed = [effect, effect];
  const { stdout } = await effects('list', '--json');
  assert.deepEqual(
    stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object),
    [effect, effect],
  );
});

test('that there are none is said', async () => {
  listed = [];
  assert.equal((await effects('list')).stdout, 'No write is of unknown end.\n');
});

test('one is settled with its end and the reason, and without either nothing is sent', async () => {
  const { code, stdout } = await effects('settle', 's1:1:0', '--as', 'done', '--reason', 'It is booked.');
  assert.deepEqual([code, stdout], [0, 's1:1:0 is settled as done; its session is told.\n']);
  assert.deepEqual(asked, [
    'POST /v1/effects/s1%3A1%3A0/settlement?tenant=acme {"end":"EFFECT_END_DONE","reason":"It is booked.","actor":""}',
  ]);
  asked.length = 0;
  const unsaid = [
    ['--as', 'done'],
    ['--reason', 'x'],
    ['--as', 'maybe', '--reason', 'x'],
  ];
  const codes = await Promise.all(unsaid.map(async (words) => (await effects('settle', 's1:1:0', ...words)).code));
  assert.deepEqual([codes.includes(0), asked.length], [false, 0]);
});

test('one that was settled meanwhile is refused, and its kind is the exit code', async () => {
  const { code, stderr } = await effects('settle', 'unknown:1:0', '--as', 'failed', '--reason', 'x');
  assert.equal(code, 4);
  assert.match(stderr, /There is no such write of unknown end\. \(EFFECT_UNKNOWN\)/);
});
