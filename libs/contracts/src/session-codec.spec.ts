import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SessionEvent, SessionRequest } from '@toolfleet/kernel';
import { isFault } from '@toolfleet/kernel';
import { bytesToProtoJson, protoJsonToBytes } from './json-edge.js';
import { rejectionOf } from './rejection.js';
import {
  decodeSessionAdmission,
  decodeSessionEvent,
  decodeSessionInbox,
  decodeSessionRouting,
  encodeSessionAdmission,
  encodeSessionEvent,
  encodeSessionInbox,
  encodeSessionRouting,
} from './session-codec.js';
import { decodeSessionOutcome, encodeSessionOutcome } from './session-outcome-codec.js';
import { decodeSessionRequest, encodeSessionRequest, requestFromWire } from './session-request-codec.js';

const request: SessionRequest = {
  tenant: 'acme',
  user: 'u',
  requestId: 'r',
  agent: 'shop',
  input: 'hi',
  roles: [],
  labels: {},
  deadlineAtMs: undefined,
};

const refusal = {
  kind: 'overloaded',
  reason: 'BREAKER_OPEN',
  message: 'The upstream is down.',
  retryable: true,
  retryAfterMs: 1500,
  hint: undefined,
  alternatives: ['other'],
  remainingBudget: undefined,
  details: { upstream: 'shop' },
} as const;

const answered: SessionEvent = {
  type: 'modelAnswered',
  seq: 2,
  atMs: 1_790_000_000_123,
  turn: 1,
  text: '',
  usage: { inputTokens: 3_000_000_000, outputTokens: 7 },
  calls: [
    {
      callId: 's:1:0',
      providerCallId: 'call_1',
      tool: 'get_order',
      arguments: '{"order_id":"#W1"}',
      disposition: 'refuse',
      toolVersion: '1',
      toolClass: 'read',
      effect: 'read',
      conflictKey: '',
      timeoutMs: 2000,
      policyRevision: 'r',
      rule: 'reads',
      refusal,
      approversNeeded: 0,
    },
  ],
};

test('an event comes back from its bytes as it went in, with 64-bit numbers as plain numbers', () => {
  assert.deepEqual(decodeSessionEvent(encodeSessionEvent(answered)), answered);
});

test('an event says whether a call’s end was reported, presumed, or heard of late', () => {
  const fact = { seq: 3, atMs: 1_790_000_000_123 };
  const observation = { callId: 's:1:0', outcome: 'indeterminate', refusal, startedAtMs: 0, finishedAtMs: 0 } as const;
  const events: SessionEvent[] = [
    { ...fact, type: 'toolCallSettled', observation: { ...observation, resultBytes: 0 } },
    { ...fact, type: 'toolCallSettled', observation: { ...observation, resultBytes: 0 }, presumed: true },
    { ...fact, type: 'toolCallEndedLate', observation: { ...observation, outcome: 'ok', resultBytes: 0 } },
  ];
  const back = events.map((event) => decodeSessionEvent(encodeSessionEvent(event)));
  const told = ({ type, ...event }: SessionEvent) => [type, 'presumed' in event, 'observation' in event];
  assert.deepEqual(back.map(told), events.map(told));
});

test('claims without an observation come back from their event and from the outcome', () => {
  const flags = [
    { kind: 'claimWithoutObservation', tool: 'cancel_order', quote: 'I called cancel_order.' },
    { kind: 'unknownReference', quote: 'Order #W9.' },
  ] as const;
  const event: SessionEvent = { type: 'claimsFlagged', seq: 3, atMs: 5, turn: 1, flags, askedAgain: true };
  assert.deepEqual(decodeSessionEvent(encodeSessionEvent(event)), event);
  const rejected = rejectionOf('s', request, { ...refusal }, 7);
  assert.deepEqual(decodeSessionOutcome(encodeSessionOutcome({ ...rejected, flags })).flags, flags);
  assert.ok(!('flags' in decodeSessionOutcome(encodeSessionOutcome(rejected))), 'none are none');
});

test('the outcome of a dry run says of each write that it was not done, and what would have been', () => {
  const wouldHaveDone = { argumentsDigest: 'ab', destination: 'shop', method: 'PUT', path: '/orders/1' };
  const calls = [
    { callId: 's:1:0', tool: 'look', effect: 'read', outcome: 'ok' },
    { callId: 's:1:1', tool: 'change', effect: 'write', outcome: 'ok', wouldHaveDone },
  ] as const;
  const outcome = { ...rejectionOf('s', request, refusal, 7), calls };
  assert.deepEqual(decodeSessionOutcome(encodeSessionOutcome(outcome)).calls, calls);
  const dry = { ...request, dryRun: true } as const;
  assert.deepEqual(
    [
      decodeSessionRequest(encodeSessionRequest(dry)).dryRun,
      decodeSessionRequest(encodeSessionRequest(request)).dryRun,
    ],
    [true, undefined],
  );
});

test('a limit that a run has reached comes back as it was told', () => {
  const event: SessionEvent = { type: 'limitReached', seq: 3, atMs: 5, reason: 'STEPS_MAX', message: 'All of them.' };
  assert.deepEqual(decodeSessionEvent(encodeSessionEvent(event)), event);
});

test('a session’s limits say whether a claim is asked about and whether a run has a last word', () => {
  const limits = { stepsMax: 5, wallTimeMs: 1, tokensMax: 1, escalate: false };
  const plan = { request, tools: [], modelRoute: 'main', admittedAtMs: 1 };
  const extras = [{}, { askAgainOnClaim: true as const }, { lastWord: true as const }];
  for (const asked of extras.map((extra) => ({ ...limits, ...extra }))) {
    const record = {
      tenant: 'acme',
      sessionId: 's',
      body: { type: 'start', start: { ...plan, limits: asked } },
    } as const;
    const { body } = decodeSessionInbox(encodeSessionInbox(record));
    assert.deepEqual(body.type === 'start' && body.start.limits, asked);
  }
});

test('an inbox record carries exactly one body', () => {
  const observation = {
    callId: 's:1:0',
    outcome: 'indeterminate',
    result: undefined,
    contentType: undefined,
    refusal,
    startedAtMs: 1,
    finishedAtMs: 2,
    artifact: undefined,
    resultBytes: 0,
    callDigest: Buffer.from('digest'),
  } as const;
  const record = { tenant: 'acme', sessionId: 's', body: { type: 'observation', observation } } as const;
  assert.deepEqual(decodeSessionInbox(encodeSessionInbox(record)), record);
  assert.throws(
    () => decodeSessionInbox(Buffer.from([0x0a, 1, 0x61, 0x12, 1, 0x62])),
    (error) => isFault(error) && error.reason === 'BODY_MISSING',
  );
});

test('bytes that are no message are refused as malformed, and nothing else is thrown', () => {
  for (const bytes of [Buffer.from('nonsense'), Buffer.alloc(40, 0xff), Buffer.from([0x0a, 0x7f])]) {
    assert.throws(
      () => decodeSessionInbox(bytes),
      (error) => isFault(error) && error.kind === 'invalid',
    );
  }
});

test('a request in ProtoJSON and the same in protobuf are the same request', () => {
  const json =
    '{"tenant":"acme","user":"u1","requestId":"r1","agent":"retail","input":"hi","deadlineAtMs":"1790000000000"}';
  const bytes = protoJsonToBytes('toolfleet.session.v1.SessionRequest', json);
  const request = decodeSessionRequest(bytes);
  assert.equal(request.requestId, 'r1');
  assert.equal(request.deadlineAtMs, 1_790_000_000_000);
  assert.deepEqual(bytesToProtoJson('toolfleet.session.v1.SessionRequest', bytes), JSON.parse(json));
});

test('a misspelt field in JSON is refused with the field in the details', () => {
  assert.throws(
    () => protoJsonToBytes('toolfleet.session.v1.SessionRequest', '{"tenannt":"acme"}'),
    (error) => isFault(error) && error.reason === 'MALFORMED_JSON' && /tenannt/.test(error.details['problem'] ?? ''),
  );
});

test('a priority travels with its request wherever that goes, and none stays none', () => {
  const asked = { ...request, priority: 'high' } as const;
  const [sessionId, tenant] = ['s', asked.tenant];
  assert.deepEqual(decodeSessionRequest(encodeSessionRequest(asked)), asked);
  assert.deepEqual(decodeSessionRequest(encodeSessionRequest(request)), request);
  assert.deepEqual(
    decodeSessionAdmission(encodeSessionAdmission({ tenant, sessionId, requested: asked })).requested,
    asked,
  );
  const routing = { sessionId, request: asked, admittedAtMs: 7 };
  assert.deepEqual(decodeSessionRouting(encodeSessionRouting(routing)), routing);
  assert.equal(requestFromWire({ ...request, priority: 'SESSION_PRIORITY_LOW' }).priority, 'low');
  const json = JSON.stringify({ ...request, priority: 'SESSION_PRIORITY_HIGH' });
  assert.deepEqual(decodeSessionRequest(protoJsonToBytes('toolfleet.session.v1.SessionRequest', json)), asked);
});
