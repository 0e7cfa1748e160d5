import assert from 'node:assert/strict';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { after, describe, it } from 'node:test';
import { isFault, type Fault, type FaultKind } from '@toolfleet/kernel';
import { HttpClient, type HttpRequest } from './http-client.js';

const cleanups: (() => void)[] = [];
after(() => cleanups.forEach((cleanup) => cleanup()));

function clientFor(options: ConstructorParameters<typeof HttpClient>[0] = {}): HttpClient {
  const client = new HttpClient(options);
  cleanups.push(() => void client.close());
  return client;
}

async function listen(server: Server): Promise<string> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket.on('error', () => {})));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => {
    server.close();
    sockets.forEach((socket) => socket.destroy());
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const serve = (handler: RequestListener): Promise<string> => listen(createHttpServer(handler));

function get(url: string, options: Partial<HttpRequest> = {}): HttpRequest {
  const signal = new AbortController().signal;
  return { method: 'GET', url, signal, deadlineAtMs: Date.now() + 5_000, responseBytesMax: 64 * 1_024, ...options };
}

async function faultFrom(promise: Promise<unknown>, kind: FaultKind, reason: string): Promise<Fault> {
  const error = await promise.then(
    () => assert.fail('expected a fault'),
    (error: unknown) => error,
  );
  assert.ok(isFault(error), String(error));
  assert.deepEqual([error.kind, error.reason], [kind, reason]);
  return error;
}

describe('HttpClient', () => {
  it('hands back any status with headers and body', async () => {
    const url = await serve((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += String(chunk)));
      request.on('end', () => {
        response.writeHead(500, { 'X-Seen': `${request.method} ${request.url}` });
        response.end(`echo ${body} ${request.headers['x-in']}`);
      });
    });
    const answer = await clientFor().request(
      get(`${url}/a?b=c`, { method: 'POST', body: 'grüß', headers: { 'x-in': 'y' } }),
    );
    assert.equal(answer.status, 500);
    assert.equal(answer.headers['x-seen'], 'POST /a?b=c');
    assert.equal(answer.body.toString(), 'echo grüß y');
  });

  it('does not follow a redirect', async () => {
    const url = await serve((_request, response) => void response.writeHead(302, { location: '/elsewhere' }).end());
    const answer = await clientFor().request(get(url));
    assert.deepEqual([answer.status, answer.headers['location']], [302, '/elsewhere']);
  });

  it('ends a hanging call at its deadline and says that the request may have been seen', async () => {
    const url = await serve(() => {});
    const startedAtMs = Date.now();
    const fault = await faultFrom(
      clientFor().request(get(url, { deadlineAtMs: Date.now() + 150 })),
      'expired',
      'DEADLINE_PASSED',
    );
    assert.equal(fault.details['sent'], 'maybe');
    assert.ok(Date.now() - startedAtMs < 2_000);
  });

  it('ends a slow drip at its deadline although bytes keep coming', async () => {
    const url = await serve((_request, response) => {
      const drip = setInterval(() => response.write('x'), 20);
      response.on('close', () => clearInterval(drip));
    });
    await faultFrom(clientFor().request(get(url, { deadlineAtMs: Date.now() + 200 })), 'expired', 'DEADLINE_PASSED');
  });

  it('finds an answer that pauses longer than the idle limit unreachable', async () => {
    const url = await serve((_request, response) => void response.write('begun'));
    await faultFrom(clientFor({ idleTimeoutMs: 100 }).request(get(url)), 'unreachable', 'UPSTREAM_SILENT');
  });

  it('cuts a 10 MB answer off at the limit instead of buffering it', async () => {
    let closedEarly: (early: boolean) => void;
    const closed = new Promise<boolean>((resolve) => (closedEarly = resolve));
    const url = await serve((_request, response) => {
      response.on('close', () => closedEarly(!response.writableFinished));
      response.writeHead(200);
      const piece = Buffer.alloc(64 * 1_024, 'x');
      let left = 160;
      const push = (): void => {
        while (left-- > 0) if (!response.write(piece)) return void response.once('drain', push);
        response.end();
      };
      push();
    });
    await faultFrom(clientFor().request(get(url, { responseBytesMax: 100_000 })), 'invalid', 'RESPONSE_TOO_LARGE');
    assert.equal(await closed, true);
  });

  it('refuses a declared length over the limit before reading the body', async () => {
    const url = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': '10000000' });
      response.write('x');
    });
    await faultFrom(clientFor().request(get(url)), 'invalid', 'RESPONSE_TOO_LARGE');
  });

  it('finds a reset, a half-closed connection and a closed port unreachable', async () => {
    const reset = await listen(createServer((socket) => socket.once('data', () => socket.resetAndDestroy())));
    const lost = await faultFrom(clientFor().request(get(reset)), 'unreachable', 'UPSTREAM_CONNECTION_LOST');
    assert.equal(lost.details['sent'], 'maybe');
    const halfOpen = await listen(
      createServer({ allowHalfOpen: true }, (socket) => socket.once('data', () => socket.end())),
    );
    await faultFrom(clientFor().request(get(halfOpen)), 'unreachable', 'UPSTREAM_CONNECTION_LOST');
    const cut = await listen(
      createServer((socket) =>
        socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf')),
      ),
    );
    await faultFrom(clientFor().request(get(cut)), 'unreachable', 'UPSTREAM_CONNECTION_LOST');
    const closed = createServer();
    const url = await listen(closed);
    await new Promise((resolve) => closed.close(resolve));
    const refused = await faultFrom(clientFor().request(get(url)), 'unreachable', 'UPSTREAM_CONNECT_FAILED');
    assert.equal(refused.details['sent'], 'no');
  });

  it('finds an unknown host unreachable within the connect limit', async () => {
    const startedAtMs = Date.now();
    await faultFrom(clientFor().request(get('http://no-such-host.invalid/')), 'unreachable', 'UPSTREAM_CONNECT_FAILED');
    assert.ok(Date.now() - startedAtMs < 4_000);
  });

  it('rejects with the reason of the abort, whether the call is under way or queued', async () => {
    const url = await serve(() => {});
    const client = clientFor({ connectionsMax: 1 });
    const abort = new AbortController();
    const calls = [1, 2].map(() => client.request(get(url, { signal: abort.signal })));
    setTimeout(() => abort.abort(new Error('the session was cancelled')), 30);
    for (const call of calls) await assert.rejects(call, /the session was cancelled/);
    await assert.rejects(client.request(get(url, { signal: abort.signal })), /the session was cancelled/);
  });

  it('lets one abort leave the other calls alone and gives its slot back', async () => {
    const url = await serve((request, response) => {
      if (request.url === '/quick') response.end('ok');
    });
    const client = clientFor({ connectionsMax: 2 });
    const abort = new AbortController();
    const hanging = client.request(get(`${url}/hang`, { signal: abort.signal }));
    const quick = client.request(get(`${url}/quick`));
    abort.abort(new Error('gone'));
    await assert.rejects(hanging, /gone/);
    assert.equal((await quick).body.toString(), 'ok');
    assert.equal((await client.request(get(`${url}/quick`))).status, 200);
    assert.equal(client.inFlight, 0);
  });

  it('does not take its own queue for an upstream that is silent', async () => {
    const url = await serve((_request, response) => void setTimeout(() => response.end('ok'), 100));
    const client = clientFor({ connectionsMax: 1 });
    const exchange = (): Promise<void> =>
      client.exchange(
        {
          origin: url,
          path: '/',
          method: 'GET',
          headers: {},
          signal: new AbortController().signal,
          deadlineAtMs: Date.now() + 5_000,
          firstByteTimeoutMs: 600,
        },
        { start: () => {}, data: () => undefined },
      );
    await Promise.all(Array.from({ length: 8 }, exchange));
  });

  it('refuses a call beyond its bound of calls in flight', async () => {
    const url = await serve(() => {});
    const client = clientFor({ inFlightMax: 1 });
    const hanging = client.request(get(url, { deadlineAtMs: Date.now() + 100 }));
    await faultFrom(client.request(get(url)), 'overloaded', 'HTTP_CALLS_TOO_MANY');
    await faultFrom(hanging, 'expired', 'DEADLINE_PASSED');
  });

  it('refuses addresses that are not plain http and headers that would split a request', async () => {
    await faultFrom(clientFor().request(get('file:///etc/passwd')), 'invalid', 'URL_MALFORMED');
    await faultFrom(clientFor().request(get('http://user:word@localhost/')), 'invalid', 'URL_MALFORMED');
    const url = await serve((_request, response) => void response.end());
    await faultFrom(
      clientFor().request(get(url, { headers: { 'x-in': 'a\r\nb: c' } })),
      'invalid',
      'REQUEST_MALFORMED',
    );
  });
});
