import assert from 'node:assert/strict';
import type { IncomingHttpHeaders } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { isFault } from '@toolfleet/kernel';
import type { Fault, ToolSpec } from '@toolfleet/kernel';
import { Breakers } from '@toolfleet/platform/breaker';
import { HttpClient } from '@toolfleet/platform/http';
import type { TestServer } from '../executor.fixture.js';
import { callOf, catalogueOf, quiet, serve, toolOf, upstreamOf } from '../executor.fixture.js';
import type { ToolAnswer } from './driver.js';
import { HttpDriver } from './http-driver.js';
import { Upstreams } from './upstreams.js';

const http = new HttpClient();
const breakers = new Breakers({ callsMin: 1_000 });
let shop: TestServer;
before(async () => (shop = await serve((_request, response) => response.end())));
after(async () => {
  shop.close();
  await http.close();
});

interface RunOptions {
  readonly headers?: Record<string, string>;
  readonly tool?: Partial<ToolSpec>;
  readonly user?: string;
}

function run({ headers = {}, tool = {}, user = 'u1' }: RunOptions = {}): Promise<ToolAnswer> {
  const spec = toolOf(tool);
  const upstream = upstreamOf(shop.url, { credential: { headers } });
  const driver = new HttpDriver({
    http,
    upstreams: new Upstreams({ breakers }),
    catalogue: catalogueOf(upstream, spec),
  });
  return driver.run({ call: callOf(spec, { user }), tool: spec, args: { a: 1 }, signal: quiet });
}

async function faultOf(promise: Promise<unknown>): Promise<Fault> {
  const error = await promise.then(
    () => assert.fail('expected a fault'),
    (error: unknown) => error,
  );
  assert.ok(isFault(error), String(error));
  return error;
}

async function headersSeen(options: RunOptions): Promise<IncomingHttpHeaders> {
  const seen = Promise.withResolvers<IncomingHttpHeaders>();
  shop.answer = (request, response) => {
    seen.resolve(request.headers);
    response.end();
  };
  await run(options);
  return seen.promise;
}

describe('HttpDriver', () => {
  it('fills credentials in, and nobody can break out of a header', async () => {
    process.env['TOOLFLEET_CREDENTIAL_SHOP'] = 'secret\r\nx-evil: 1';
    const templates = { Authorization: 'Bearer {env:TOOLFLEET_CREDENTIAL_SHOP}', 'X-User': '{tenant}/{user}' };
    const seen = await headersSeen({ headers: templates, user: 'eve\r\nx-evil: 1 {tenant}' });
    assert.equal(seen['authorization'], 'Bearer secretx-evil: 1');
    assert.equal(seen['x-user'], 'acme/eve%0D%0Ax-evil%3A%201%20%7Btenant%7D');
    assert.equal(seen['x-evil'], undefined);
  });

  it("never hands out the executor's own environment", async () => {
    for (const name of ['PATH', 'TOOLFLEET_RECEIPT_KEY', 'TOOLFLEET_CREDENTIAL_UNSET']) {
      const fault = await faultOf(run({ headers: { 'x-key': `{env:${name}}` } }));
      assert.deepEqual([fault.kind, fault.reason, fault.details['sent']], ['broken', 'CREDENTIAL_MISSING', 'no']);
    }
  });

  it('gives a write its key, which no template can replace, and a read none', async () => {
    const headers = { 'Idempotency-Key': 'mine' };
    const write = await headersSeen({ headers, tool: { effect: 'write' } });
    assert.match(String(write['idempotency-key']), /^[0-9a-f-]{36}$/);
    assert.equal((await headersSeen({}))['idempotency-key'], undefined);
  });

  it('tells the tool how much of the call’s time is left', async () => {
    const spec = toolOf();
    const driver = new HttpDriver({
      ...{ http, upstreams: new Upstreams({ breakers }), catalogue: catalogueOf(upstreamOf(shop.url), spec) },
    });
    let leftMs = NaN;
    shop.answer = ({ headers }, response) => {
      leftMs = Number(headers['x-request-timeout-ms']);
      response.end();
    };
    await driver.run({ call: callOf(spec, { deadlineAtMs: Date.now() + 900 }), tool: spec, args: {}, signal: quiet });
    assert.ok(leftMs > 700 && leftMs <= 900, `${leftMs} ms`);
  });

  it('reads a status as the contract says', async () => {
    const cases: readonly [number, string][] = [
      [301, 'broken/UPSTREAM_REDIRECTED'],
      [429, 'overloaded/UPSTREAM_RATE_LIMITED no 7000'],
      [500, 'unreachable/UPSTREAM_FAILED maybe 7000'],
      [502, 'unreachable/UPSTREAM_FAILED maybe 7000'],
      [503, 'unreachable/UPSTREAM_FAILED no 7000'],
      [504, 'unreachable/UPSTREAM_FAILED maybe 7000'],
    ];
    for (const [status, expected] of cases) {
      shop.answer = (_request, response) => response.writeHead(status, { 'retry-after': '7' }).end();
      const { kind, reason, details, retryAfterMs } = await faultOf(run());
      const rest = [details['sent'], retryAfterMs].filter((part) => part !== undefined);
      assert.equal([`${kind}/${reason}`, ...rest].join(' '), expected);
    }
    for (const status of [200, 204, 400, 404, 409, 422]) {
      shop.answer = (_request, response) => response.writeHead(status, { 'content-type': 'text/plain; x=y' }).end();
      const { ok, contentType, reason } = await run();
      assert.deepEqual(
        [ok, contentType, reason],
        [status < 300, 'text/plain', status < 300 ? undefined : 'TOOL_REFUSED'],
      );
    }
  });

  it('asks a slow read a second time, and never a write', async () => {
    const upstreams = new Upstreams({ breakers });
    const runHedged = async (effect: ToolSpec['effect']): Promise<number> => {
      const spec = toolOf({ effect, hedgeAfterMs: 20 });
      const driver = new HttpDriver({ http, upstreams, catalogue: catalogueOf(upstreamOf(shop.url), spec) });
      const once = () => driver.run({ call: callOf(spec), tool: spec, args: {}, signal: quiet });
      shop.answer = (_request, response) => response.end('fast');
      for (let calls = 0; calls < 10; calls += 1) await once();
      let asked = 0;
      shop.answer = (_request, response) => {
        const slow = (asked += 1) === 1;
        setTimeout(() => response.end(slow ? 'first' : 'second'), slow ? 500 : 0);
      };
      const { body } = await once();
      assert.equal(Buffer.from(body).toString(), effect === 'read' ? 'second' : 'first');
      return asked;
    };
    assert.deepEqual([await runHedged('read'), await runHedged('write')], [2, 1]);
  });

  it('waits no longer than is sensible, whatever the upstream asks for', async () => {
    const asked = async (value: string) => {
      shop.answer = (_request, response) => response.writeHead(429, { 'retry-after': value }).end();
      return (await faultOf(run())).retryAfterMs;
    };
    assert.deepEqual([await asked('1e300'), await asked('-1'), await asked('soon')], [600_000, 1_000, 1_000]);
  });
});
