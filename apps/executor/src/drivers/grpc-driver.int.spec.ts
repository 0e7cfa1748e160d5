/** Tools behind gRPC, on a pet shop of this process. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { Catalogue, Fault, GrpcServiceSpec, ToolCall, ToolSpec } from '@toolfleet/kernel';
import { isFault } from '@toolfleet/kernel';
import { Breakers } from '@toolfleet/platform/breaker';
import { petDescriptors, petShop, type PetShop } from '@toolfleet/platform/grpc/testing';
import { callOf, catalogueOf, quiet, toolOf, upstreamOf } from '../executor.fixture.js';
import { GrpcDriver } from './grpc-driver.js';
import { Upstreams } from './upstreams.js';

const breaker = { errorThresholdPercentage: 50, resetTimeoutMs: 5_000, volumeThreshold: 5 };
let shop: PetShop;
let catalogue: Catalogue;
let breakers: Breakers;
let driver: GrpcDriver;

beforeEach(async () => {
  shop = await petShop();
  shop.answer = ({ request }) => ({ ok: { ...request, name: 'Tom' } });
  catalogue = catalogueOf(upstreamOf('http://127.0.0.1:1'));
  breakers = new Breakers();
  driver = new GrpcDriver({ upstreams: new Upstreams({ breakers }), catalogue });
  put({});
});
afterEach(() => {
  driver.close();
  shop.close();
});

function put(spec: Partial<GrpcServiceSpec>): void {
  const descriptorSet = gzipSync(petDescriptors).toString('base64');
  const plain = {
    name: 'pets',
    address: shop.address,
    tls: false,
    credential: { headers: {} },
    descriptorSet,
    breaker,
  };
  catalogue.put({ kind: 'GrpcService', spec: { ...plain, ...spec } });
}
function grpcTool(method: string, tool: Partial<ToolSpec> = {}): ToolSpec {
  const grpc = { service: 'pets', method: `pets.v1.PetService/${method}` };
  return toolOf({ name: method, driver: 'grpc', http: undefined, grpc, ...tool });
}
const getPet = grpcTool('GetPet');
const sellPet = grpcTool('SellPet', { effect: 'write' });

async function run(tool: ToolSpec, args: Record<string, unknown> = {}, call: Partial<ToolCall> = {}, signal = quiet) {
  const epoch = tool.effect === 'write' ? 7n : undefined;
  const answer = await driver.run({ call: callOf(tool, call), tool, args, signal, epoch });
  return { ...answer, value: JSON.parse(Buffer.from(answer.body).toString('utf8')) as Record<string, unknown> };
}
async function faultOf(...asked: Parameters<typeof run>): Promise<Fault> {
  const fault = await run(...asked).catch((error: unknown) => error);
  assert.ok(isFault(fault), JSON.stringify(fault));
  return fault;
}
const says = ({ kind, reason, details }: Fault) => `${kind} ${reason} ${details['sent']}`;

describe('a tool behind gRPC', () => {
  it('sends its arguments as the request, and reads the answer as JSON', async () => {
    const { ok, value, contentType } = await run(getPet, { petId: 7 });
    assert.deepEqual([ok, contentType, value['petId'], value['name']], [true, 'application/json', '7', 'Tom']);
    assert.deepEqual(shop.calls[0]?.request, { petId: '7' });
  });

  it('is told of its call: who asks by the credential, the time left, of a write the key', async () => {
    process.env['TOOLFLEET_CREDENTIAL_PETS'] = 's3cret';
    put({
      credential: { headers: { Authorization: 'Bearer {env:TOOLFLEET_CREDENTIAL_PETS}', 'X-Tenant': '{tenant}' } },
    });
    await run(sellPet, { petId: 1 }, { idempotencyKey: 'k1', deadlineAtMs: Date.now() + 3_000 });
    await run(getPet);
    const [write, read] = shop.calls;
    assert.equal(write?.metadata['authorization'], 'Bearer s3cret');
    assert.equal(write?.metadata['x-tenant'], 'acme');
    assert.deepEqual([write?.metadata['idempotency-key'], read?.metadata['idempotency-key']], ['k1', undefined]);
    assert.deepEqual([write?.metadata['toolfleet-epoch'], read?.metadata['toolfleet-epoch']], ['7', undefined]);
    const leftMs = Number(write?.metadata['x-request-timeout-ms']);
    assert.ok(leftMs > 2_000 && leftMs <= 3_000 && write!.leftMs <= 3_000);
    delete process.env['TOOLFLEET_CREDENTIAL_PETS'];
    assert.equal(says(await faultOf(getPet)), 'broken CREDENTIAL_MISSING no');
  });

  it('with arguments that do not fit is not called, and others are', async () => {
    assert.equal(says(await faultOf(getPet, { petId: 'seven' })), 'invalid GRPC_ARGUMENTS_INVALID no');
    assert.equal(says(await faultOf(getPet, { id: 7 })), 'invalid GRPC_ARGUMENTS_INVALID no');
    assert.equal(shop.calls.length, 0);
    assert.equal((await run(getPet)).ok, true);
  });

  it('hears of a refusal in the words of the service', async () => {
    shop.answer = () => ({ error: { code: 5, details: 'There is no pet 7.' } });
    const { ok, reason, value } = await run(getPet, { petId: 7 });
    assert.deepEqual(
      [ok, reason, value],
      [false, 'TOOL_REFUSED', { status: 'NOT_FOUND', message: 'There is no pet 7.' }],
    );
  });

  it('that says which version it expects hears of another as stale, and otherwise of a refusal', async () => {
    const checked = { ...sellPet, versionCheck: { argument: 'petId' } };
    for (const code of [9, 10]) {
      shop.answer = () => ({ error: { code, details: 'The pet has changed.' } });
      assert.deepEqual(
        [(await run(checked, { petId: 1 })).stale, (await run(sellPet, { petId: 1 })).stale],
        [{}, undefined],
      );
    }
    shop.answer = () => ({ error: { code: 5, details: 'No pet.' } });
    assert.equal((await run(checked, { petId: 1 })).stale, undefined);
  });

  it('of a dry run is made ready and not called', async () => {
    const plan = (args: Record<string, unknown>) =>
      driver.plan({ call: callOf(sellPet), tool: sellPet, args, signal: quiet });
    assert.deepEqual(await plan({ petId: 1 }), {
      ...{ destination: 'pets', method: 'unary', path: '/pets.v1.PetService/SellPet' },
    });
    await assert.rejects(plan({ petId: 'seven' }), (error: Fault) => error.reason === 'GRPC_ARGUMENTS_INVALID');
    assert.equal(shop.calls.length, 0);
  });

  it('calls no stream and nothing that is not there', async () => {
    for (const name of ['WatchPets', 'Nothing'])
      assert.equal(says(await faultOf(grpcTool(name))), 'missing METHOD_UNKNOWN no');
    catalogue.remove('GrpcService', 'pets');
    assert.equal((await faultOf(getPet)).reason, 'UPSTREAM_UNKNOWN');
  });

  it('ends within 100 ms when its call is taken back, and the service hears of it', async () => {
    shop.answer = () => sleep(5_000, { ok: {} }, { ref: false });
    const cancelled = new AbortController();
    const fault = faultOf(getPet, {}, {}, cancelled.signal);
    while (shop.calls.length === 0) await sleep(5);
    const startedAtMs = Date.now();
    cancelled.abort();
    await fault;
    assert.ok(Date.now() - startedAtMs < 100);
    while (shop.cancelled === 0) await sleep(5);
  });
});

describe('a service', () => {
  it('that is away opens its own breaker and no other', async () => {
    put({ name: 'gone', address: '127.0.0.1:1' });
    const gone = grpcTool('GetPet', { grpc: { service: 'gone', method: 'pets.v1.PetService/GetPet' } });
    for (let calls = 0; calls < 5; calls += 1) {
      // oxlint-disable-next-line no-await-in-loop -- the breaker counts one after the other
      assert.equal(says(await faultOf(gone)), 'unreachable UPSTREAM_CONNECT_FAILED no');
    }
    assert.equal((await faultOf(gone)).reason, 'BREAKER_OPEN');
    assert.deepEqual([breakers.of('gone').state, breakers.of('pets').state], ['open', 'closed']);
    assert.equal((await run(getPet)).ok, true);
  });

  it('that says by reflection what it has is asked once, and again when its time is over', async () => {
    shop.close();
    shop = await petShop({ reflection: 'v1alpha' });
    shop.answer = ({ request }) => ({ ok: request });
    put({ address: shop.address, descriptorSet: undefined });
    const answers = await Promise.all([1, 2, 3].map((petId) => run(getPet, { petId })));
    assert.deepEqual(
      answers.map(({ value }) => value['petId']),
      ['1', '2', '3'],
    );
    driver = new GrpcDriver({ upstreams: new Upstreams({ breakers }), catalogue, reflectedMs: 0 });
    assert.equal((await run(getPet, { petId: 4 })).ok, true);
    assert.equal((await run(getPet, { petId: 5 })).ok, true);
  });

  it('with TLS is checked against its authority', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'pets-'));
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
    const made = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
    execFileSync('openssl', [...made, ...subject, '-keyout', key, '-out', cert], { stdio: 'ignore' });
    shop.close();
    shop = await petShop({ tls: { key: readFileSync(key), cert: readFileSync(cert) } });
    shop.answer = ({ request }) => ({ ok: request });
    put({ address: shop.address, tls: true });
    assert.equal(says(await faultOf(getPet)), 'unreachable UPSTREAM_CONNECT_FAILED no');
    put({ address: shop.address, tls: true, caFile: cert });
    assert.equal((await run(getPet)).ok, true);
    put({ address: shop.address, tls: true, caFile: join(folder, 'none.pem') });
    assert.equal(says(await faultOf(getPet)), 'broken CREDENTIAL_MISSING no');
    rmSync(folder, { recursive: true });
  });

  it('that the catalogue drops is left, and one that it changes is called at its new place', async () => {
    await run(getPet);
    driver.keepOnly(new Set());
    assert.equal((await run(getPet)).ok, true);
    const other = await petShop();
    put({ address: other.address });
    await run(getPet);
    assert.equal(other.calls.length, 1);
    other.close();
  });
});
