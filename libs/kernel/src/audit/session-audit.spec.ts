import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callIdOf, digestOf } from '../ids.js';
import { decide } from '../session/decide.js';
import { evolve } from '../session/evolve.js';
import type { JudgedCall, Session, SessionEvent, SessionInput } from '../session/session.js';
import type { Observation } from '../toolcall/observation.js';
import { refusalOf } from '../toolcall/observation.js';
import { denied } from '../fault.js';
import { auditUsageOf } from './usage.js';
import { auditOfEvents, auditOfStored, effectFactsOf } from './session-audit.js';

const sessionId = 's1';
const request = { tenant: 'acme', user: 'ada', requestId: 'r', agent: 'shop', input: 'Hi', roles: [], labels: {} };

function judged(index: number, facts: Partial<JudgedCall> = {}): JudgedCall {
  return {
    ...{ callId: callIdOf(sessionId, 1, index), providerCallId: `p${index}`, tool: 'get_order', arguments: '{"id":7}' },
    ...{ disposition: 'dispatch', toolVersion: '1', toolClass: 'read', effect: 'read', conflictKey: '' },
    ...{ timeoutMs: 1_000, policyRevision: 'p1', rule: 'reads', approversNeeded: 0 },
    ...facts,
  };
}

const refusedCall = judged(2, {
  ...{ tool: 'drop_all', disposition: 'refuse', toolVersion: '', toolClass: '', rule: '' },
  refusal: refusalOf(denied('FORBIDDEN', 'No.', { details: { rule: 'never' } })),
});
const calls = [
  judged(0),
  judged(1, { tool: 'refund', toolClass: 'write', effect: 'write', disposition: 'review' }),
  refusedCall,
];

function run(...inputs: SessionInput[]): {
  session: Session;
  events: SessionEvent[];
  told: ReturnType<typeof auditOfEvents>;
} {
  let session: Session | undefined;
  const events: SessionEvent[] = [];
  const told: ReturnType<typeof auditOfEvents> = [];
  for (const [at, input] of inputs.entries()) {
    const decided = decide(session, input, 1_000 + at).events;
    for (const event of decided) session = evolve(session, event);
    events.push(...decided);
    told.push(...auditOfEvents(session!, decided));
  }
  return { session: session!, events, told };
}

const start: Extract<SessionInput, { type: 'start' }> = {
  ...{ type: 'start', sessionId },
  start: {
    ...{ request, tools: ['get_order', 'refund'], modelRoute: 'main', admittedAtMs: 0 },
    limits: { stepsMax: 9, wallTimeMs: 60_000, tokensMax: 1_000, escalate: false },
  },
};
const usage = { inputTokens: 1, outputTokens: 1 };
const answer = (turn: number, proposed: readonly JudgedCall[]): SessionInput => ({
  ...{ type: 'modelAnswered', turn, calls: proposed },
  answer: { text: proposed.length > 0 ? '' : 'Done.', toolCalls: [], finishReason: 'stop', usage },
});
const observed: Observation = {
  ...{ callId: callIdOf(sessionId, 1, 0), outcome: 'ok', startedAtMs: 1_001, finishedAtMs: 1_005, resultBytes: 0 },
};

test('every proposal is one record, with what was decided, by which rule and why', () => {
  const { told } = run(start, answer(1, calls));
  assert.deepEqual(
    told.map(({ action, tool, decision, rule, reason, effect }) => [action, tool, decision, rule, reason, effect]),
    [
      ['CALL_JUDGED', 'refund', 'review', 'reads', undefined, 'write'],
      ['CALL_JUDGED', 'drop_all', 'refused', 'never', 'FORBIDDEN', undefined],
    ],
  );
  assert.deepEqual(told[0]!.argumentsDigest, digestOf('{"id":7}'));
  assert.deepEqual([told[0]!.idempotencyKey.length, told[1]!.idempotencyKey], [36, '']);
});

test('who cancelled, what was presumed of the calls in flight and how it ended are told', () => {
  const { told } = run(start, answer(1, calls), { type: 'cancel', reason: 'wrong order', requestedBy: 'bob' });
  const cancelled = told.slice(2).map(({ action, actor, subject, comment, outcome, reason }) => {
    return [action, actor, subject, comment, outcome, reason];
  });
  assert.deepEqual(cancelled, [
    ['SESSION_CANCELLED', 'bob', 'ada', 'wrong order', '', undefined],
    ['CALL_PRESUMED', 'ada', undefined, undefined, 'cancelled', 'CANCELLED'],
    ['CALL_REFUSED', 'ada', undefined, undefined, 'cancelled', 'CANCELLED'],
    ['SESSION_ENDED', 'ada', undefined, undefined, 'cancelled', 'CANCELLED'],
  ]);
});

test('what is told again of a session that was read back has the ids that it had, and its executors told theirs', () => {
  const { session, events, told } = run(
    start,
    answer(1, [judged(0)]),
    { type: 'observed', observation: observed },
    answer(2, []),
  );
  const again = auditOfStored(session, events);
  const effect = effectFactsOf(observed, { argumentsDigest: digestOf('{"id":7}'), tellsDecision: true });
  assert.deepEqual(again.map(({ id }) => id).toSorted(), [...told.map(({ id }) => id), effect.id].toSorted());
  assert.equal(new Set(again.map(({ id }) => id)).size, again.length);
  assert.deepEqual([effect.action, effect.decision, effect.latencyMs], ['CALL_EXECUTED', 'allowed', 4]);
  assert.equal(again.find(({ id }) => id === effect.id)!.decision, 'allowed');
});

test('what was decided of a call stands in one record: of one that was let through at once, in that of its end', () => {
  const pay = judged(1, { tool: 'pay', toolClass: 'write', effect: 'write' });
  const refund = judged(2, { tool: 'refund', toolClass: 'write', effect: 'write', disposition: 'review' });
  const { session, events } = run(
    start,
    answer(1, [judged(0), pay, refund]),
    { type: 'observed', observation: observed },
    { type: 'observed', observation: { ...observed, callId: pay.callId } },
    { type: 'observed', observation: { ...observed, callId: refund.callId } },
    answer(2, []),
  );
  assert.deepEqual(
    auditOfStored(session, events).map(({ action, tool, decision }) => [action, tool, decision]),
    [
      ['CALL_JUDGED', 'refund', 'review'],
      ['CALL_EXECUTED', 'get_order', 'allowed'],
      ['CALL_EXECUTED', 'pay', 'allowed'],
      ['CALL_EXECUTED', 'refund', undefined],
      ['SESSION_ENDED', '', undefined],
    ],
  );
});

test('a call that a limit took back before it was sent is told by its session, once', () => {
  const dear = { ...answer(1, [judged(0)]), answer: { text: '', toolCalls: [], finishReason: 'stop' as const, usage } };
  const limited = { ...start, start: { ...start.start, limits: { ...start.start.limits, tokensMax: 1 } } };
  const { session, events, told } = run(limited as SessionInput, dear as SessionInput);
  assert.deepEqual(
    told.map(({ action, tool, decision, rule, outcome, reason }) => [action, tool, decision, rule, outcome, reason]),
    [
      ['CALL_REFUSED', 'get_order', 'allowed', 'reads', 'cancelled', 'TOKENS_MAX'],
      ['SESSION_ENDED', '', undefined, '', 'gaveUp', 'TOKENS_MAX'],
    ],
  );
  assert.deepEqual(told[0]!.argumentsDigest, digestOf('{"id":7}'));
  assert.deepEqual(
    auditOfStored(session, events).map(({ id }) => id),
    told.map(({ id }) => id),
  );
});

test('a call that was refused before it was begun was not executed', () => {
  const refusal = refusalOf(denied('RECEIPT_INVALID', 'No.'));
  const end: Observation = { ...observed, outcome: 'denied', refusal, startedAtMs: 0 };
  const facts = effectFactsOf(end, { argumentsDigest: digestOf(''), tellsDecision: true });
  assert.deepEqual(
    [facts.action, facts.id, facts.decision],
    ['CALL_REFUSED', `${end.callId}/refused/RECEIPT_INVALID`, undefined],
  );
});

test('the figures of a day count what was let through, and no name that a model made up', () => {
  const { told } = run(start, answer(1, calls), { type: 'cancel', reason: '', requestedBy: '' });
  const ended = { ...told[0]!, action: 'CALL_EXECUTED', tool: 'get_order', effect: 'read' as const, outcome: 'ok' };
  const read = { ...ended, decision: 'allowed' as const };
  const failed = { ...ended, decision: undefined, outcome: 'timedOut' };
  const of = [...told, read, failed].map((record) => ({ tenant: 'acme', record }));
  const { tools, sessions } = auditUsageOf(of);
  assert.deepEqual(
    tools.map(({ tool, agent, calls: count, writes, failures }) => [tool, agent, count, writes, failures]),
    [
      ['refund', 'shop', 1, 1, 0],
      ['get_order', 'shop', 1, 0, 1],
    ],
  );
  assert.deepEqual(sessions, [{ tenant: 'acme', agent: 'shop', day: '1970-01-01', sessions: 1, failures: 1 }]);
});

test('what rules in shadow or warning would have said, and storms, are records of their own', () => {
  const noted = judged(0, {
    notes: [{ rule: 'soon', mode: 'warn', effect: 'deny', reason: 'Soon.' }],
    storms: [{ storm: 'sameCall', action: 'alert', calls: 4 }],
  });
  const { told } = run(start, answer(1, [noted, judged(1)]));
  const beside = told.filter(({ action }) => action === 'RULE_NOTED' || action === 'CALL_IN_STORM');
  assert.deepEqual(
    beside.map(({ callId, rule, mode, decision, reason }) => [callId, rule, mode ?? decision, reason]),
    [
      [callIdOf(sessionId, 1, 0), 'soon', 'warn', undefined],
      [callIdOf(sessionId, 1, 0), 'fleet/storm-sameCall', undefined, 'alert at 4 calls'],
    ],
  );
  assert.equal(new Set(told.map(({ id }) => id)).size, told.length);
});
