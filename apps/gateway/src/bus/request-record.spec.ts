import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeSessionRequest } from '@toolfleet/contracts';
import type { SessionRequest } from '@toolfleet/kernel';
import { isFault } from '@toolfleet/kernel';
import { readRequestRecord } from './request-record.js';

const json = '{"tenant":"acme","user":"u1","requestId":"r1","agent":"retail","input":"hello"}';
const request: SessionRequest = {
  tenant: 'acme',
  user: 'u1',
  requestId: 'r1',
  agent: 'retail',
  input: 'hello',
  roles: [],
  labels: {},
  deadlineAtMs: undefined,
};
const bytes = encodeSessionRequest(request);

function read(value: string | Uint8Array, headers: Readonly<Record<string, string>> = {}): SessionRequest {
  const { roles, labels, ...rest } = readRequestRecord({ value: Buffer.from(value), headers });
  return { ...rest, roles: [...roles], labels: { ...labels } };
}

function reasonOf(value: string | Uint8Array, headers: Readonly<Record<string, string>> = {}): string {
  try {
    readRequestRecord({ value: Buffer.from(value), headers });
  } catch (error) {
    assert.ok(isFault(error));
    assert.equal(error.kind, 'invalid');
    return error.reason;
  }
  return 'read';
}

test('a bare protobuf record and a bare JSON record are the same request', () => {
  assert.deepEqual(read(bytes), request);
  assert.deepEqual(read(json), request);
});

test('a content type is respected whatever its case and parameters', () => {
  assert.deepEqual(read(` ${json}`, { 'Content-Type': 'Application/JSON; charset=utf-8' }), request);
  assert.deepEqual(read(bytes, { 'content-type': 'application/x-protobuf' }), request);
});

test('the headers of a binary CloudEvent change nothing', () => {
  const headers = { ce_specversion: '1.0', ce_id: '1', ce_source: '/shop', 'content-type': 'application/json' };
  assert.deepEqual(read(json, headers), request);
});

test('a structured CloudEvent carries its request as data or as base64', () => {
  const headers = { 'content-type': 'application/cloudevents+json; charset=utf-8' };
  assert.deepEqual(read(`{"specversion":"1.0","id":"1","data":${json}}`, headers), request);
  const base64 = Buffer.from(bytes).toString('base64');
  assert.deepEqual(read(`{"specversion":"1.0","id":"1","data_base64":"${base64}"}`, headers), request);
  assert.deepEqual(read(`{"specversion":"1.0","id":"1","data":${json}}`), request);
});

test('a request that speaks of specversion is still a request', () => {
  const labelled = json.replace('}', ',"labels":{"specversion":"1.0"}}');
  assert.equal(read(labelled).labels['specversion'], '1.0');
});

test('the frame of a schema registry is taken off, protobuf and JSON', () => {
  const frame = Buffer.from([0, 0, 0, 0, 7]);
  assert.deepEqual(read(Buffer.concat([frame, Buffer.from([0]), bytes])), request);
  assert.deepEqual(read(Buffer.concat([frame, Buffer.from([4, 2, 0]), bytes])), request);
  assert.deepEqual(read(Buffer.concat([frame, Buffer.from(json)])), request);
});

test('what cannot be read is invalid with a reason, never a guess', () => {
  const rows: [string, string | Uint8Array, Readonly<Record<string, string>>?][] = [
    ['RECORD_EMPTY', ''],
    ['MALFORMED_PROTOBUF', 'not a message at all'],
    ['MALFORMED_PROTOBUF', bytes.subarray(0, bytes.length - 2)],
    ['MALFORMED_JSON', '{"tenant":'],
    ['MALFORMED_JSON', '{"tenant":7}'],
    ['MALFORMED_JSON', '{"tennant":"acme"}'],
    ['MALFORMED_JSON', '[]', { 'content-type': 'application/json' }],
    ['MALFORMED_JSON', Buffer.from([0x7b, 0x22, 0xff, 0xfe]), { 'content-type': 'application/json' }],
    ['MALFORMED_FRAME', Buffer.from([0, 0, 0, 0, 7, 0xff, 0xff, 0xff, 0xff, 0xff])],
    ['CLOUDEVENT_INVALID', '{"specversion":"0.3","data":{}}', { 'content-type': 'application/cloudevents+json' }],
    ['CLOUDEVENT_INVALID', '{"specversion":"1.0"}', { 'content-type': 'application/cloudevents+json' }],
    ['MALFORMED_JSON', 'null', { 'content-type': 'application/cloudevents+json' }],
    ['BATCH_UNSUPPORTED', '[]', { 'content-type': 'application/cloudevents-batch+json' }],
    ['CONTENT_TYPE_UNKNOWN', '<a/>', { 'content-type': 'text/xml' }],
  ];
  for (const [reason, value, headers] of rows) assert.equal(reasonOf(value, headers), reason, String(value));
});
