import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { Catalogue, sessionIdOf, unreachable } from '@toolfleet/kernel';
import type { SessionRequest } from '@toolfleet/kernel';
import { AcceptedSessions } from './accepted-sessions.js';
import type { Sessions } from './sessions.js';
import { StartSession } from './start-session.js';

const request: SessionRequest = {
  ...{ tenant: 'acme', user: 'u1', requestId: 'r1', agent: 'helper', input: 'hi', roles: [], labels: {} },
};

/** A way in whose admissions end when the test says so. */
function wayIn() {
  const catalogue = new Catalogue();
  const agents = ['helper'];
  const limits = { stepsMax: 5, wallTimeMs: 1_000, tokensMax: 1_000 };
  catalogue.put({
    kind: 'Tenant',
    spec: { ...{ name: 'acme', displayName: '', agents }, concurrentSessionsMax: 5, waitingSessionsMax: 5 },
  });
  catalogue.put({
    kind: 'Agent',
    spec: {
      ...{ name: 'helper', instructions: '', model: 'main', tools: ['*'], toolsOfferedMax: 5 },
      ...{ limits, onLimit: 'giveUp' },
    },
  });
  const admissions: PromiseWithResolvers<void>[] = [];
  const outlet = {
    admission: () => {
      const admission = Promise.withResolvers<void>();
      admissions.push(admission);
      return admission.promise;
    },
  };
  const accepted = new AcceptedSessions();
  const refusals: string[] = [];
  /** What is heard of the bus from when on; absent: already. */
  const bus: { listening?: Promise<void> } = {};
  const start = new StartSession({
    catalogue,
    // Nothing is stored yet.
    sessions: { find: async () => undefined } as unknown as Sessions,
    accepted,
    listening: () => bus.listening,
    interactive: outlet,
    patient: outlet,
    atHand: { refuse: (sessionId) => (refusals.includes(sessionId) ? Promise.resolve() : undefined) },
    now: () => Date.now(),
  });
  return { start, admissions, accepted, refusals, bus };
}

test('a publisher’s request that is repeated while the first is under way is one admission and ends with it', async () => {
  const { start, admissions } = wayIn();
  const ended: string[] = [];
  const first = start.admit(request).then(() => ended.push('first'));
  const repeated = start.admit(request).then(() => ended.push('repeated'));
  await setImmediate();
  assert.deepEqual([admissions.length, ended], [1, []]);
  admissions[0]!.resolve();
  await Promise.all([first, repeated]);
  assert.deepEqual([admissions.length, ended], [1, ['first', 'repeated']]);
});

test('a client who asks for what a publisher has under way gets that session, once it is admitted, and finds it then', async () => {
  const { start, admissions, accepted } = wayIn();
  const published = start.admit(request);
  const asked = start.start(request);
  await setImmediate();
  admissions[0]!.resolve();
  await published;
  const { session, existing } = await asked;
  assert.deepEqual([existing, admissions.length], [true, 1]);
  assert.equal(accepted.get('acme', session.sessionId)?.view, session);
});

test('an admission that failed fails all who waited for it, and the next request tries again', async () => {
  const { start, admissions } = wayIn();
  const both = [start.admit(request), start.admit(request)];
  admissions[0]!.reject(unreachable('BUS_UNREACHABLE', 'The bus does not answer.'));
  for (const { status } of await Promise.allSettled(both)) assert.equal(status, 'rejected');
  const again = start.admit(request);
  admissions[1]!.resolve();
  await again;
});

test('a request without a chance is refused at hand, unless the same one is under way or there is something to say of it', async () => {
  const { start, admissions, refusals } = wayIn();
  assert.equal(start.refuse(request), undefined);
  refusals.push(sessionIdOf('acme', 'r1'));
  assert.equal(start.refuse({ ...request, agent: 'nobody' }), undefined);
  await start.refuse(request);
  assert.equal(admissions.length, 0);
  const underWay = start.admit(request);
  assert.equal(start.refuse(request), undefined);
  admissions[0]!.resolve();
  await underWay;
  assert.ok(start.refuse(request));
});

test('a session is admitted once its refusal would be heard of, and no sooner', async () => {
  const { start, admissions, bus } = wayIn();
  const listening = Promise.withResolvers<void>();
  bus.listening = listening.promise;
  const started = start.start(request);
  await setImmediate();
  assert.equal(admissions.length, 0);
  listening.resolve();
  await setImmediate();
  admissions[0]!.resolve();
  assert.equal((await started).existing, false);
});

test('a publisher’s session is known from its admission until something durable answers for it, and to its tenant only', async () => {
  const { start, admissions, accepted } = wayIn();
  const sessionId = sessionIdOf('acme', 'r1');
  const admitted = start.admit(request);
  assert.equal(accepted.get('acme', sessionId)?.view.agent, 'helper');
  assert.equal(accepted.get('globex', sessionId), undefined);
  admissions[0]!.resolve();
  await admitted;
  assert.equal(accepted.get('acme', sessionId), undefined);
  const failing = start.admit(request);
  admissions[1]!.reject(unreachable('BUS_UNREACHABLE', 'The bus does not answer.'));
  await assert.rejects(failing);
  assert.equal(accepted.get('acme', sessionId), undefined);
});
