import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SessionOutcome } from '@toolfleet/contracts';
import { rejectionOf } from '@toolfleet/contracts';
import type { AuditRecord, Fault } from '@toolfleet/kernel';
import { denied, overloaded, refusalOf } from '@toolfleet/kernel';
import { RefusedSessions } from './refused-sessions.js';

const full = overloaded('WAITING_ROOM_FULL', 'Too many wait.');
const forbidden = denied('AGENT_FORBIDDEN', 'Not this one.');

function world() {
  const outcomes: string[] = [];
  const audited: AuditRecord[] = [];
  const refused = new RefusedSessions({
    outlet: {
      outcome: async ({ sessionId }) => void outcomes.push(sessionId),
      audit: async (record) => void audited.push(record),
    },
    log: { warn: () => undefined },
    now: () => 9_000,
  });
  const tell = (sessionId: string, fault: Fault, agent = 'shop'): Promise<void> =>
    refused.tell(outcomeOf(sessionId, fault, agent));
  const told = () =>
    audited.map(({ id, sessionId, actor, agent, outcome, reason, atMs }) => [
      ...[id, sessionId, actor, agent, outcome, reason, atMs],
    ]);
  return { refused, outcomes, tell, told };
}

const outcomeOf = (sessionId: string, fault: Fault, agent: string): SessionOutcome =>
  rejectionOf(
    sessionId,
    { tenant: 'acme', user: 'ann', requestId: 'r', agent, input: 'hi', roles: [], labels: {} },
    refusalOf(fault),
    5,
  );

test('each caller is told, and the audit has the first without room as it came and a count of those that follow', async () => {
  const { refused, outcomes, tell, told } = world();
  for (const id of ['a', 'b', 'c', 'd']) await tell(id, full);
  await tell('e', full, 'sales');
  const first = [
    ['a/rejected', 'a', 'ann', 'shop', 'rejected', 'WAITING_ROOM_FULL', 5],
    ['e/rejected', 'e', 'ann', 'sales', 'rejected', 'WAITING_ROOM_FULL', 5],
  ];
  assert.deepEqual([outcomes, told()], [['a', 'b', 'c', 'd', 'e'], first]);
  refused.flush();
  const count = [undefined, '', '', 'shop', 'rejected 3 times more', 'WAITING_ROOM_FULL', 9_000];
  assert.deepEqual(told(), [...first, count]);
  refused.flush();
  refused.close();
  assert.equal(told().length, 3);
});

test('a session that may not run is audited by itself, however many there are', async () => {
  const { refused, tell, told } = world();
  for (const id of ['a', 'b']) await tell(id, forbidden);
  refused.close();
  assert.deepEqual(
    told().map(([id]) => id),
    ['a/rejected', 'b/rejected'],
  );
});
