import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import type { CredentialSpec, ToolSpec } from '@toolfleet/kernel';
import { isFault } from '@toolfleet/kernel';
import { Breakers } from '@toolfleet/platform/breaker';
import { SecretFiles } from '@toolfleet/platform/credentials';
import { HttpClient } from '@toolfleet/platform/http';
import { Credentials } from '../credentials/credentials.js';
import type { TestServer } from '../executor.fixture.js';
import { callOf, catalogueOf, quiet, serve, toolOf, upstreamOf } from '../executor.fixture.js';
import { HttpDriver } from './http-driver.js';
import { Upstreams } from './upstreams.js';

const http = new HttpClient();
const breakers = new Breakers({ callsMin: 1_000 });
let shop: TestServer;
let directory: string;
/** What the shop takes. */
let valid: string;
/** Keys of the writes that it did. */
let done: string[];
before(async () => {
  shop = await serve((request, response) => {
    if (tokenOf(request) === valid) {
      done.push(String(request.headers['idempotency-key']));
      return response.end('{"done":true}');
    }
    return response.writeHead(401).end(`no such token: ${tokenOf(request)}`);
  });
});
after(async () => {
  shop.close();
  await http.close();
});
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'toolfleet-rotation-'));
  shop.requests.length = 0;
  done = [];
  valid = 'first token';
  await put('first token');
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const put = (token: string) => writeFile(join(directory, 'token'), token);
const tokenOf = ({ headers }: IncomingMessage) => headers.authorization?.replace('Bearer ', '');
const headers = { Authorization: 'Bearer {credential}' };
const fromFile: CredentialSpec = { headers, static: { file: 'token' } };

/** A driver that lasts over several calls, as in an executor. */
function driverOf(tool: ToolSpec, credential = fromFile, checkEveryMs = 60_000) {
  const catalogue = catalogueOf(upstreamOf(shop.url, { credential }), tool);
  const credentials = new Credentials({ files: new SecretFiles({ directory, checkEveryMs }) });
  const driver = new HttpDriver({ http, upstreams: new Upstreams({ breakers }), catalogue, credentials });
  return (secrets?: Set<string>) => driver.run({ call: callOf(tool), tool, args: {}, signal: quiet, secrets });
}

async function reasonOf(work: Promise<unknown>): Promise<string> {
  const error: unknown = await work.then(
    () => 'nothing thrown',
    (thrown: unknown) => thrown,
  );
  assert.ok(isFault(error), String(error));
  return `${error.kind} ${error.reason} ${error.details['sent']}`;
}

describe('a credential of an upstream', () => {
  it('is the new one from the next call on, without a restart', async () => {
    const run = driverOf(toolOf(), fromFile, 0);
    assert.ok((await run()).ok);
    valid = 'second token';
    await put('second token');
    assert.ok((await run()).ok);
    assert.equal(shop.requests.length, 2);
  });

  it('is read anew and tried once more where it was not taken, also for a write: nothing was done', async () => {
    const run = driverOf(toolOf({ effect: 'write' }));
    await run();
    valid = 'second token';
    await put('second token');
    const secrets = new Set<string>();
    assert.ok((await run(secrets)).ok);
    assert.equal(shop.requests.length, 3);
    assert.equal(done.length, 2);
    assert.deepEqual(secrets, new Set(['first token', 'second token']));
  });

  it('is refused at once where there is no other, and after one more try where that is refused, too', async () => {
    const run = driverOf(toolOf({ effect: 'write' }));
    await run();
    valid = 'third token';
    assert.equal(await reasonOf(run()), 'broken CREDENTIAL_REFUSED no');
    assert.equal(shop.requests.length, 2);
    await put('second token');
    assert.equal(await reasonOf(run()), 'broken CREDENTIAL_REFUSED no');
    assert.equal(shop.requests.length, 4);
  });

  it('leaves a 401 to the tool where the manifest has no form for it', async () => {
    const answer = await driverOf(toolOf(), { headers: { Authorization: 'Bearer {user}' } })();
    assert.deepEqual([answer.ok, answer.reason], [false, 'TOOL_REFUSED']);
    assert.equal(shop.requests.length, 1);
  });

  it('sends nothing without it', async () => {
    await rm(join(directory, 'token'));
    assert.equal(await reasonOf(driverOf(toolOf({ effect: 'write' }))()), 'broken CREDENTIAL_MISSING no');
    assert.equal(shop.requests.length, 0);
  });
});
