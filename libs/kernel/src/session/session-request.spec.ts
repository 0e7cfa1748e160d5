import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Catalogue } from '../catalog/manifest.js';
import { limits } from '../limits.js';
import { messageFault, requestFault } from './session-request.js';
import type { SessionRequest } from './session.js';

const nowMs = 1_700_000_000_000;
const good: SessionRequest = {
  tenant: 'acme',
  user: 'u1',
  requestId: 'r1',
  agent: 'retail',
  input: 'Where is my order?',
  roles: ['customer'],
  labels: { ticket: '42' },
};

const catalogue = new Catalogue();
catalogue.put({
  kind: 'Tenant',
  spec: { name: 'acme', displayName: 'Acme', concurrentSessionsMax: 4, waitingSessionsMax: 4, agents: ['retail'] },
});
for (const name of ['retail', 'banking']) {
  catalogue.put({
    kind: 'Agent',
    spec: {
      name,
      instructions: '',
      model: 'default',
      tools: ['*'],
      toolsOfferedMax: 10,
      limits: { stepsMax: 10, wallTimeMs: 1_000, tokensMax: 1_000 },
      onLimit: 'giveUp',
    },
  });
}

const faultOf = (change: Partial<SessionRequest>) => requestFault({ ...good, ...change }, catalogue, nowMs);

test('a request within all bounds is accepted', () => {
  assert.equal(faultOf({}), undefined);
  assert.equal(faultOf({ deadlineAtMs: nowMs + 1, requestId: 'ü'.repeat(limits.requestIdCharsMax) }), undefined);
});

for (const field of ['tenant', 'user', 'requestId', 'agent', 'input'] as const) {
  test(`a request without ${field} is invalid and says which field it lacks`, () => {
    const fault = faultOf({ [field]: '' });
    assert.equal(fault?.kind, 'invalid');
    assert.equal(fault?.reason, 'FIELD_MISSING');
    assert.equal(fault?.details['field'], field);
  });
}

test('every text of a request has a bound', () => {
  const long = 'x'.repeat(limits.requestIdCharsMax + 1);
  const roles = Array.from({ length: limits.rolesMax + 1 }, (_, index) => `r${index}`);
  const labels = Object.fromEntries(Array.from({ length: limits.labelsMax + 1 }, (_, index) => [`l${index}`, '']));
  const tooLong: Partial<SessionRequest>[] = [
    { tenant: long },
    { user: long },
    { requestId: long },
    { agent: long },
    { input: 'ü'.repeat(limits.inputBytesMax / 2 + 1) },
    { roles },
    { roles: [long] },
    { labels },
    { labels: { note: 'x'.repeat(limits.labelCharsMax + 1) } },
    { labels: { [long]: '' } },
  ];
  for (const change of tooLong) assert.equal(faultOf(change)?.reason, 'FIELD_TOO_LONG', Object.keys(change)[0]);
});

test('control characters and other alphabets of a tenant are invalid', () => {
  for (const change of [{ user: 'a\u0000b' }, { requestId: 'a\nb' }, { tenant: 'Acme' }, { tenant: '../etc' }]) {
    assert.equal(faultOf(change)?.reason, 'FIELD_INVALID');
  }
});

test('a deadline that has passed is expired, one that is no time is invalid', () => {
  assert.equal(faultOf({ deadlineAtMs: nowMs })?.kind, 'expired');
  assert.equal(faultOf({ deadlineAtMs: -1 })?.reason, 'FIELD_INVALID');
});

test('an unknown tenant is missing, and no other tenant is named', () => {
  const fault = faultOf({ tenant: 'acmee' });
  assert.deepEqual([fault?.kind, fault?.reason, fault?.alternatives], ['missing', 'TENANT_UNKNOWN', []]);
});

test('an unknown agent is missing, with near names of the tenant', () => {
  const fault = faultOf({ agent: 'retial' });
  assert.deepEqual([fault?.kind, fault?.reason, fault?.alternatives], ['missing', 'AGENT_UNKNOWN', ['retail']]);
});

test('an agent that another tenant may start is unknown to this one', () => {
  assert.deepEqual(
    [faultOf({ agent: 'banking' })?.reason, faultOf({ agent: 'banking' })?.alternatives],
    ['AGENT_UNKNOWN', ['retail']],
  );
});

test('a later message has an id and a text within the bounds of the first', () => {
  assert.equal(messageFault({ messageId: 'm1', text: 'And now?' }), undefined);
  assert.equal(messageFault({ messageId: '', text: 'x' })?.details['field'], 'messageId');
  assert.equal(messageFault({ messageId: 'm1', text: '  ' })?.reason, 'FIELD_MISSING');
  assert.equal(messageFault({ messageId: 'm1', text: 'x'.repeat(limits.inputBytesMax + 1) })?.reason, 'FIELD_TOO_LONG');
});
