import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { runFleetctl } from './fleetctl.fixture.js';

const refusal = { kind: 'missing', reason: 'AGENT_UNKNOWN', message: 'No such agent.', alternatives: ['retail'] };
const event = (seq: number, body: object) =>
  `id: ${seq}\ndata: ${JSON.stringify({ seq: `${seq}`, atMs: '1', ...body })}\n\n`;

/** Speaks as the gateway does; the first watch is cut after one event. */
let watches = 0;
const server = createServer((request, response) => {
  const url = new URL(request.url!, 'http://localhost');
  if (url.pathname.endsWith('/events')) {
    watches++;
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const seen = Number(url.searchParams.get('afterSeq'));
    if (seen === 0) response.end(`: hello\n\n${event(1, { started: { tools: ['a'] } })}`);
    else
      response.end(
        `${event(2, { finished: { status: 'SESSION_STATUS_COMPLETED', answer: 'yes' } })}event: end\ndata: {}\n\n`,
      );
    return;
  }
  response.writeHead(404, { 'content-type': 'application/problem+json' }).end(JSON.stringify(refusal));
});
let url = '';

before(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
after(() => void server.close());

const fleetctl = (...words: string[]) => runFleetctl(words);

test('a watch that is cut goes on from its last event', async () => {
  const { code, stdout } = await fleetctl('session', 'watch', 'abc', '--tenant', 'acme', '--url', url, '--json');
  assert.equal(code, 0);
  const seqs = stdout
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { seq: string }).seq);
  assert.deepEqual(seqs, ['1', '2']);
  assert.equal(watches, 2);
});

test('a refusal of the gateway is printed with what would work, and its kind is the exit code', async () => {
  const { code, stderr } = await fleetctl('session', 'start', 'hi', '--tenant', 'acme', '--agent', 'x', '--url', url);
  assert.equal(code, 4);
  assert.match(stderr, /No such agent\. \(AGENT_UNKNOWN\)[^]*retail/);
});

test('a gateway that is not there is said in one line, with the way on', async () => {
  const { code, stderr } = await fleetctl(
    'session',
    'list',
    '--tenant',
    'acme',
    '--url',
    'http://127.0.0.1:1',
    '--json',
  );
  assert.equal(code, 7);
  assert.equal((JSON.parse(stderr) as { error: { reason: string } }).error.reason, 'GATEWAY_UNREACHABLE');
});

test('the pages that are written from the code are those in the repository', async () => {
  const [topology, settings] = await Promise.all([
    fleetctl('topology', '--check'),
    fleetctl('config', 'reference', '--check'),
  ]);
  assert.deepEqual([topology.code, topology.stderr], [0, '']);
  assert.deepEqual([settings.code, settings.stderr], [0, '']);
});
