import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { status } from '@grpc/grpc-js';
import { freePort } from '@toolfleet/testkit';
import type { Fault } from '@toolfleet/kernel';
import { isFault } from '@toolfleet/kernel';
import { GrpcDescriptors } from '@toolfleet/kernel/grpc';
import type { ForeignGrpcCall } from './foreign-grpc.js';
import { ForeignGrpc } from './foreign-grpc.js';
import { reflectDescriptors } from './reflect-descriptors.js';
import { petDescriptors, petShop, type PetShop } from './testing/pet-shop.js';

const quiet = new AbortController().signal;
const method = GrpcDescriptors.ofSet(petDescriptors).method('pets.v1.PetService/GetPet')!;
let shop: PetShop;
let client: ForeignGrpc;

beforeEach(async () => {
  shop = await petShop();
  client = new ForeignGrpc({ address: shop.address, answerBytesMax: 100_000 });
});
afterEach(() => {
  client.close();
  shop.close();
});

const callOf = (call: Partial<ForeignGrpcCall> = {}): ForeignGrpcCall => ({
  ...{ method: method.name, request: method.encode({ petId: '7' }), metadata: {} },
  ...{ deadlineAtMs: Date.now() + 5_000, signal: quiet, ...call },
});

async function faultOf(call: Partial<ForeignGrpcCall> = {}, by = client): Promise<Fault> {
  const fault = await by.unary(callOf(call)).catch((error: unknown) => error);
  assert.ok(isFault(fault), JSON.stringify(fault));
  return fault;
}
const says = ({ kind, reason, details }: Fault) => `${kind} ${reason} ${details['sent']}`;

describe('a call of a service', () => {
  it('carries its metadata and its deadline, and brings the answer', async () => {
    shop.answer = ({ request }) => ({ ok: { ...request, name: 'Tom' } });
    const answer = await client.unary(callOf({ metadata: { 'x-tenant': 'acme' } }));
    assert.ok(answer.ok);
    assert.match(method.decode(answer.bytes), /^\{"petId":"7","name":"Tom"/);
    const [asked] = shop.calls;
    assert.equal(asked?.metadata['x-tenant'], 'acme');
    assert.ok(asked!.leftMs > 3_000 && asked!.leftMs <= 5_000);
  });

  it('that the service refuses ends in a refusal in its words, or in a fault without them', async () => {
    const ends: Record<string, string> = {
      ...{ INVALID_ARGUMENT: 'refused', NOT_FOUND: 'refused', ALREADY_EXISTS: 'refused', ABORTED: 'refused' },
      ...{ FAILED_PRECONDITION: 'refused', OUT_OF_RANGE: 'refused' },
      ...{ UNAUTHENTICATED: 'denied TOOL_DENIED no', PERMISSION_DENIED: 'denied TOOL_DENIED no' },
      ...{ UNIMPLEMENTED: 'missing METHOD_UNKNOWN no', RESOURCE_EXHAUSTED: 'overloaded UPSTREAM_RATE_LIMITED no' },
      ...{ UNAVAILABLE: 'unreachable UPSTREAM_UNAVAILABLE maybe', DEADLINE_EXCEEDED: 'expired DEADLINE_PASSED maybe' },
      ...{ UNKNOWN: 'unreachable UPSTREAM_FAILED maybe', INTERNAL: 'unreachable UPSTREAM_FAILED maybe' },
      ...{ DATA_LOSS: 'unreachable UPSTREAM_FAILED maybe', CANCELLED: 'unreachable UPSTREAM_FAILED maybe' },
    };
    for (const [name, end] of Object.entries(ends)) {
      shop.answer = () => ({ error: { code: status[name as 'OK'], details: 'at db-7 with token s3cret' } });
      // oxlint-disable-next-line no-await-in-loop -- one status after the other
      const found = await client.unary(callOf()).catch((error: unknown) => error);
      if (isFault(found)) {
        assert.equal(says(found), end, name);
        assert.doesNotMatch(JSON.stringify([found.message, found.details, found.hint]), /s3cret|db-7/);
      } else
        assert.deepEqual([end, found], ['refused', { ok: false, status: name, message: 'at db-7 with token s3cret' }]);
    }
  });

  it('whose answer is too long is told to ask for less, and is read no further', async () => {
    shop.answer = () => ({ ok: { petId: '7', name: 'x'.repeat(200_000) } });
    const fault = await faultOf();
    assert.deepEqual([says(fault), fault.hint !== undefined], ['invalid RESPONSE_TOO_LARGE maybe', true]);
  });

  it('that is taken back ends at once, here and there', async () => {
    const cancelled = new AbortController();
    shop.answer = () => sleep(5_000, { ok: {} }, { ref: false });
    const fault = faultOf({ signal: cancelled.signal });
    while (shop.calls.length === 0) await sleep(5);
    const startedAtMs = Date.now();
    cancelled.abort();
    assert.equal(says(await fault), 'expired CANCELLED maybe');
    assert.ok(Date.now() - startedAtMs < 100);
    while (shop.cancelled === 0) await sleep(5);
  });

  it('ends at its deadline', async () => {
    shop.answer = () => sleep(5_000, { ok: {} }, { ref: false });
    assert.equal(says(await faultOf({ deadlineAtMs: Date.now() + 200 })), 'expired DEADLINE_PASSED maybe');
  });

  it('to a service that is not there was not sent, and finds it once it is', async () => {
    const port = await freePort();
    const late = new ForeignGrpc({ address: `127.0.0.1:${port}`, answerBytesMax: 1_000 });
    assert.equal(says(await faultOf({}, late)), 'unreachable UPSTREAM_CONNECT_FAILED no');
    const opened = await petShop({ port });
    let answer: unknown;
    for (let tries = 0; tries < 100 && answer === undefined; tries += 1) {
      // oxlint-disable-next-line no-await-in-loop -- until the channel has tried again
      answer = await late.unary(callOf()).catch(() => sleep(50));
    }
    assert.deepEqual((answer as { ok: boolean }).ok, true);
    late.close();
    opened.close();
  });

  it('that loses its connection may have been done', async () => {
    shop.answer = () => {
      shop.close();
      return sleep(1_000, { ok: {} }, { ref: false });
    };
    const { kind, details } = await faultOf();
    assert.deepEqual([kind, details['sent']], ['unreachable', 'maybe']);
  });
});

describe('reflection', () => {
  const within = () => ({ deadlineAtMs: Date.now() + 5_000, signal: quiet });

  for (const reflection of ['v1', 'v1alpha'] as const) {
    it(`by ${reflection} tells all methods of a server, or those of a service`, async () => {
      const open = await petShop({ reflection });
      const by = new ForeignGrpc({ address: open.address, answerBytesMax: 1_000_000 });
      const known = GrpcDescriptors.ofSet(petDescriptors).methods.map(({ name }) => name);
      const all = await reflectDescriptors(by, within());
      assert.deepEqual(
        all.methods.map(({ name }) => name),
        known,
      );
      const one = await reflectDescriptors(by, { ...within(), services: ['pets.v1.PetService'] });
      assert.deepEqual(
        one.methods.map(({ name }) => name),
        known,
      );
      // Node's reflection leaves out much of what the set says; the messages are the same nevertheless.
      for (const own of GrpcDescriptors.ofSet(petDescriptors).methods)
        assert.equal(one.method(own.name)?.decode(new Uint8Array()), own.decode(new Uint8Array()));
      const unknown = reflectDescriptors(by, { ...within(), services: ['no.Such'] });
      await assert.rejects(unknown, { kind: 'missing', reason: 'SERVICE_UNKNOWN' });
      by.close();
      open.close();
    });
  }

  it('that a server does not have is missing', async () => {
    await assert.rejects(reflectDescriptors(client, within()), { kind: 'missing', reason: 'REFLECTION_MISSING' });
  });
});
