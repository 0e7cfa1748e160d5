/**
 * What the audit learns from a session's events: one record for each proposed call with what was decided about it, and one
 * for whoever cancelled or ended the session. Ends of calls are told by their executors; only a session that is read back
 * tells them again, because a crash may have come before its executor was heard.
 *
 * Nothing is told twice, because records cost more than anything else beside a session's own work: the end of a call that was
 * let through at once tells also that it was, and the end of a session tells also when it began.
 */
import { digestOf, idempotencyKeyOf } from '../ids.js';
import type { JudgedCall, Session, SessionEvent } from '../session/session.js';
import type { Observation } from '../toolcall/observation.js';
import type { AuditDecision, AuditRecord } from './audit-record.js';
import { auditRecordOf } from './audit-record.js';

type Facts = Partial<AuditRecord> & Pick<AuditRecord, 'id' | 'atMs' | 'action'>;

const recordedBy = 'orchestrator';

const decisions = {
  dispatch: 'allowed',
  review: 'review',
  findTools: 'own',
  refuse: 'refused',
} as const satisfies Record<JudgedCall['disposition'], AuditDecision>;

/** Of events that were just stored. */
export function auditOfEvents(session: Session, events: readonly SessionEvent[]): AuditRecord[] {
  return events.flatMap((event) => recordsOf(session, event, (callId) => callIn(events, callId)));
}

/** Asked only about calls that were never sent, which are few. */
function callIn(events: readonly SessionEvent[], callId: string): JudgedCall | undefined {
  for (const event of events) {
    const call = event.type === 'modelAnswered' ? event.calls.find((one) => one.callId === callId) : undefined;
    if (call) return call;
  }
  return undefined;
}

/** Of a session that is read back before its end was told: whatever a crash kept from being told, again. */
export function auditOfStored(session: Session, events: readonly SessionEvent[]): AuditRecord[] {
  const calls = new Map<string, JudgedCall>();
  const records: AuditRecord[] = [];
  for (const event of events) {
    records.push(...recordsOf(session, event, (callId) => calls.get(callId)));
    if (event.type === 'modelAnswered') for (const call of event.calls) calls.set(call.callId, call);
    if (event.type !== 'toolCallSettled' || event.presumed) continue;
    const call = calls.get(event.observation.callId);
    if (call && !wasNeverSent(event.observation) && wasRun(call, event.observation))
      records.push(effectAgain(session, call, event.observation));
  }
  return records;
}

/** `callOf`: a call that the same events propose. */
function recordsOf(
  session: Session,
  event: SessionEvent,
  callOf: (callId: string) => JudgedCall | undefined,
): AuditRecord[] {
  const { id, request } = session;
  const ofEvent = (facts: Partial<AuditRecord> & Pick<AuditRecord, 'action'>): AuditRecord =>
    recordOf(session, { id: `${id}#${event.seq}`, atMs: event.atMs, ...facts });
  switch (event.type) {
    case 'modelAnswered':
      return event.calls.flatMap((call) => judgedRecords(session, call, event.atMs));
    case 'toolCallSettled':
      if (event.presumed) return [ofEvent({ action: 'CALL_PRESUMED', ...endOf(event.observation) })];
      if (!wasNeverSent(event.observation)) return [];
      return [neverSentRecord(session, event.observation, callOf(event.observation.callId), event.atMs)];
    case 'toolCallEndedLate':
      return [ofEvent({ action: 'CALL_ENDED_LATE', ...endOf(event.observation) })];
    case 'cancelRequested': {
      const { requestedBy, reason } = event;
      const actor = requestedBy || request.user;
      return [ofEvent({ action: 'SESSION_CANCELLED', actor, subject: request.user, comment: reason })];
    }
    case 'finished': {
      const { status, refusal } = event;
      const latencyMs = Math.max(0, event.atMs - session.startedAtMs);
      return [ofEvent({ action: 'SESSION_ENDED', outcome: status, reason: refusal?.reason, latencyMs })];
    }
    default:
      return [];
  }
}

function judgedRecords(session: Session, call: JudgedCall, atMs: number): AuditRecord[] {
  const beside = besideRecords(session, call, atMs);
  return isToldByItsEnd(call) ? beside : [judgedRecord(session, call, atMs), ...beside];
}

/** The session itself took it back before anybody heard of it, at a limit or a cancel: no executor tells its end. */
const wasNeverSent = ({ outcome, finishedAtMs }: Observation): boolean => outcome === 'cancelled' && finishedAtMs === 0;

/** Of a call that was proposed in an earlier commit, no more is known here than what the outcome tells of it. */
function neverSentRecord(
  session: Session,
  observation: Observation,
  call: JudgedCall | undefined,
  atMs: number,
): AuditRecord {
  const { callId, refusal } = observation;
  const { tool = '', effect } = session.done.find((one) => one.callId === callId) ?? {};
  const decision = call && isToldByItsEnd(call) ? decisions.dispatch : undefined;
  const facts = call ? { ...callFactsOf(session, call), decision } : { tool, effect };
  const id = `${callId}/refused/${refusal?.reason ?? ''}`;
  return recordOf(session, { ...facts, id, atMs, action: 'CALL_REFUSED', ...endOf(observation) });
}

/** It has an end: its executor tells one for each record of the bus, also when it refuses it, and the session of what it never sent. */
const isToldByItsEnd = ({ disposition }: JudgedCall): boolean => disposition === 'dispatch';

function judgedRecord(session: Session, call: JudgedCall, atMs: number): AuditRecord {
  const { callId, refusal } = call;
  return recordOf(session, {
    ...callFactsOf(session, call),
    id: `${callId}/judged`,
    atMs,
    action: 'CALL_JUDGED',
    decision: decisions[call.disposition],
    rule: call.rule || refusal?.details?.['rule'] || '',
    reason: refusal?.reason,
  });
}

const decidedBy = { allow: 'allowed', review: 'review', deny: 'refused' } as const;

/** What rules that are not enforced would have decided, and the storms that the call is part of. Most calls have neither. */
function besideRecords(session: Session, call: JudgedCall, atMs: number): AuditRecord[] {
  const { notes = [], storms = [] } = call;
  if (notes.length + storms.length === 0) return [];
  const facts = { ...callFactsOf(session, call), atMs };
  const ofCall = (more: Partial<AuditRecord> & Pick<AuditRecord, 'action'>) =>
    recordOf(session, { ...facts, ...more, id: `${call.callId}/${more.action}/${more.rule ?? more.reason ?? ''}` });
  return [
    ...notes.map(({ rule, mode, effect }) => ofCall({ action: 'RULE_NOTED', rule, mode, decision: decidedBy[effect] })),
    ...storms.map(({ storm, action, calls }) =>
      ofCall({ action: 'CALL_IN_STORM', rule: `fleet/storm-${storm}`, reason: `${action} at ${calls} calls` }),
    ),
  ];
}

/** As its executor tells it, under the same id. */
function effectAgain(session: Session, call: JudgedCall, observation: Observation): AuditRecord {
  const facts = callFactsOf(session, call);
  const told = { argumentsDigest: facts.argumentsDigest, tellsDecision: isToldByItsEnd(call) };
  return recordOf(session, { ...facts, ...effectFactsOf(observation, told) });
}

/**
 * How a call ended at its executor. A read may be run again and end otherwise, or another call may have had its id: each is
 * a fact of its own. What was refused before it was begun took no time. `tellsDecision`: no other record says that it was
 * let through.
 */
export function effectFactsOf(
  observation: Observation,
  { argumentsDigest, tellsDecision }: { readonly argumentsDigest: Uint8Array; readonly tellsDecision: boolean },
) {
  const { callId, outcome, refusal, startedAtMs, finishedAtMs, wouldHaveDone } = observation;
  const end = { ...endOf(observation), atMs: finishedAtMs, decision: undefined };
  if (!wasBegun(observation)) {
    return { ...end, id: `${callId}/refused/${refusal?.reason ?? ''}`, action: 'CALL_REFUSED', latencyMs: 0 };
  }
  const what = Buffer.from(argumentsDigest.subarray(0, 4)).toString('hex');
  const latencyMs = startedAtMs > 0 ? finishedAtMs - startedAtMs : 0;
  const decision = tellsDecision ? decisions.dispatch : undefined;
  // Of a dry run there is no effect to tell of.
  if (wouldHaveDone) {
    return { ...end, id: `${callId}/rehearsed/${what}`, action: 'CALL_REHEARSED', latencyMs, decision };
  }
  return { ...end, id: `${callId}/executed/${outcome}/${what}`, action: 'CALL_EXECUTED', latencyMs, decision };
}

const wasBegun = ({ startedAtMs, outcome }: Observation): boolean => startedAtMs > 0 || outcome === 'indeterminate';

/** What was refused where it was proposed, or by people, never came to an executor. */
function wasRun({ disposition }: JudgedCall, observation: Observation): boolean {
  return disposition === 'dispatch' || (disposition === 'review' && wasBegun(observation));
}

function callFactsOf({ request }: Session, call: JudgedCall) {
  const { callId, tool, toolVersion, effect, rule, policyRevision, toolClass } = call;
  return {
    ...{ callId, tool, toolVersion, rule, policyRevision },
    // What is refused before its tool is looked at has no effect of its own.
    ...(toolClass !== '' && { effect }),
    argumentsDigest: digestOf(call.arguments === '' ? '{}' : call.arguments),
    idempotencyKey: toolClass !== '' && effect === 'write' ? idempotencyKeyOf(request.tenant, callId) : '',
  };
}

const endOf = ({ callId, outcome, refusal }: Observation) => ({ callId, outcome, reason: refusal?.reason });

function recordOf({ id, request }: Session, facts: Facts): AuditRecord {
  const { tenant, user, agent } = request;
  return auditRecordOf({ tenant, sessionId: id, recordedBy, actor: user, agent, ...facts });
}
