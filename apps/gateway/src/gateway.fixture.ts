/** What the specs of the gateway share: a tenant with its agent, and sessions that go on without an orchestrator. */
import { encodeSessionEvent } from '@toolfleet/contracts';
import type { SessionEvent } from '@toolfleet/kernel';
import { sessionIdOf } from '@toolfleet/kernel';
import type { RoleContext } from '@toolfleet/platform/nest';
import { PostgresSessionStore } from '@toolfleet/platform/postgres';

export async function publishAcme(outlet: Pick<RoleContext['outlet'], 'catalogEntry'>): Promise<void> {
  const bounds = { concurrentSessionsMax: 4, waitingSessionsMax: 4 };
  const limits = { stepsMax: 5, wallTimeMs: 60_000, tokensMax: 1_000 };
  const agent = { name: 'retail', instructions: '', model: 'm', tools: ['*'], toolsOfferedMax: 5, limits };
  await outlet.catalogEntry({ kind: 'Agent', spec: { ...agent, onLimit: 'giveUp' } }, 'r1');
  const tenant = { name: 'acme', displayName: 'Acme', agents: ['retail'], ...bounds };
  await outlet.catalogEntry({ kind: 'Tenant', spec: tenant }, 'r1');
}

/** `from` is the first event's number. */
export type Happening = [requestId: string, events: readonly SessionEvent[], status: string, from: number];

/** What an orchestrator does: commit, then tell. */
export async function happenIn(
  { database, outlet }: Pick<RoleContext, 'database' | 'outlet'>,
  ...[requestId, events, status, from]: Happening
): Promise<void> {
  const sessionId = sessionIdOf('acme', requestId);
  const stored = events.map((event) => ({ ...event, payload: encodeSessionEvent(event) }));
  const head = {
    tenant: 'acme',
    sessionId,
    partition: 0,
    status,
    active: true,
    agent: 'retail',
    userId: 'u1',
    requestId,
  };
  const times = { nextWakeAtMs: null, usage: { inputTokens: 3, outputTokens: 4 }, createdAtMs: 5, updatedAtMs: 6 };
  const seq = from + events.length - 1;
  await new PostgresSessionStore(database).commit({ head: { ...head, ...times, seq }, firstSeq: from, events: stored });
  await outlet.events({ tenant: 'acme', sessionId, events: stored.map(({ payload }) => payload) });
}

export const said = (seq: number): SessionEvent => ({
  seq,
  atMs: seq,
  type: 'userMessageReceived',
  message: { messageId: `m${seq}`, text: 'x' },
});

export const done = (seq: number): SessionEvent => ({
  seq,
  atMs: seq,
  type: 'finished',
  status: 'completed',
  answer: 'It is here.',
});
