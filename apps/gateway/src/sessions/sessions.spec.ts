import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sessionIdOf } from '@toolfleet/kernel';
import { AcceptedSessions } from './accepted-sessions.js';
import { viewOfRequest } from './session-view.js';
import { Sessions } from './sessions.js';

test('a publisher’s session that becomes durable during the look-up for it is known all the same', async () => {
  const request = { tenant: 'acme', user: 'u1', requestId: 'r1', agent: 'helper', input: 'hi', roles: [], labels: {} };
  const sessionId = sessionIdOf('acme', 'r1');
  const accepted = new AcceptedSessions();
  const nothing = async () => undefined;
  const sessions = new Sessions({
    // Read a moment before its first commit.
    store: { head: async () => void accepted.settled(sessionId), list: async () => [], eventsAfter: async () => [] },
    waitingRoom: { find: nothing, next: async () => [], position: nothing, interval: nothing },
    accepted,
    outlet: { inbox: async () => {}, admission: async () => {} },
  });
  accepted.begun(viewOfRequest(sessionId, request, 1));
  assert.equal((await sessions.known('acme', sessionId)).agent, 'helper');
  await assert.rejects(sessions.known('acme', sessionId), { reason: 'SESSION_UNKNOWN' });
});
