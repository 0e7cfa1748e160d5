/** Sessions: requests, admission, routing, the inbox, and events between the kernel's types and their bytes. */
import type {
  ApprovalDecision,
  ClaimFlag,
  ClaimKind,
  Disposition,
  JudgedCall,
  ModelUsage,
  Observation,
  SessionEvent,
  SessionEventBody,
  SessionRequest,
  SessionStart,
  SessionStatus,
  ShownTools,
  StormAction,
  StormKind,
  StormNote,
  UserMessageInput,
} from '@toolfleet/kernel';
import { assertNever, invalid, stormActions, stormKinds } from '@toolfleet/kernel';
import { noteFromWire, noteToWire } from './policy-codec.js';
import { limitsFromWire, plannedFromWire, shownFromWire } from './session-plan-codec.js';
import { requestFromWire, requestToWire } from './session-request-codec.js';
import {
  effectWords,
  observationFromWire,
  observationToWire,
  refusalFromWire,
  refusalToWire,
} from './toolcall-codec.js';
import { WireEnum, oneOf, wireType } from './wire.js';

export const statusWords = new WireEnum<SessionStatus>('toolfleet.session.v1.SessionStatus', [
  'waiting',
  'active',
  'completed',
  'gaveUp',
  'escalated',
  'failed',
  'cancelled',
  'rejected',
]);
const dispositionWords = new WireEnum<Disposition>('toolfleet.session.v1.Disposition', [
  'dispatch',
  'review',
  'findTools',
  'refuse',
]);

const claimWords = new WireEnum<ClaimKind>('toolfleet.session.v1.ClaimKind', [
  'claimWithoutObservation',
  'resultInText',
  'unknownReference',
]);

const stormWords = new WireEnum<StormKind>('toolfleet.session.v1.StormKind', stormKinds);
const stormActionWords = new WireEnum<StormAction>('toolfleet.session.v1.StormAction', stormActions);

const admissionType = wireType('toolfleet.session.v1.SessionAdmission');
const routingType = wireType('toolfleet.session.v1.SessionRouting');
const inboxType = wireType('toolfleet.session.v1.SessionInbox');
const eventType = wireType('toolfleet.session.v1.SessionEvent');
const eventsType = wireType('toolfleet.session.v1.SessionEvents');

type Wire = Record<string, unknown>;

export interface SessionAdmission {
  readonly tenant: string;
  readonly sessionId: string;
  /** Absent when the session is released. */
  readonly requested?: SessionRequest | undefined;
}

export const encodeSessionAdmission = ({ tenant, sessionId, requested }: SessionAdmission) =>
  admissionType.encode({
    tenant,
    sessionId,
    ...(requested ? { requested: requestToWire(requested) } : { released: {} }),
  });

export function decodeSessionAdmission(bytes: Uint8Array): SessionAdmission {
  const wire = admissionType.decode(bytes);
  const body = oneOf(wire, ['requested', 'released']);
  const { tenant, sessionId } = wire as unknown as SessionAdmission;
  return { tenant, sessionId, requested: body === 'requested' ? requestFromWire(wire['requested']) : undefined };
}

export interface SessionRouting {
  readonly sessionId: string;
  readonly request: SessionRequest;
  readonly admittedAtMs: number;
}

export const encodeSessionRouting = (routing: SessionRouting) =>
  routingType.encode({ ...routing, request: requestToWire(routing.request) });

export function decodeSessionRouting(bytes: Uint8Array): SessionRouting {
  const wire = routingType.decode(bytes) as unknown as SessionRouting;
  if (!wire.sessionId) throw invalid('SESSION_UNNAMED', 'The record names no session.');
  return { sessionId: wire.sessionId, request: requestFromWire(wire.request), admittedAtMs: wire.admittedAtMs };
}

/** What arrives on a session's partition. */
export type InboxBody =
  | { readonly type: 'start'; readonly start: SessionStart }
  | { readonly type: 'observation'; readonly observation: Observation }
  | { readonly type: 'approvalDecided'; readonly decision: ApprovalDecision }
  | ({ readonly type: 'toolsFound'; readonly callId: string } & ShownTools)
  | { readonly type: 'userMessage'; readonly message: UserMessageInput }
  | { readonly type: 'cancel'; readonly reason: string; readonly requestedBy: string };

export interface SessionInbox {
  readonly tenant: string;
  readonly sessionId: string;
  readonly body: InboxBody;
}

export function encodeSessionInbox({ tenant, sessionId, body }: SessionInbox): Uint8Array {
  return inboxType.encode({ tenant, sessionId, ...inboxBodyToWire(body) });
}

function inboxBodyToWire(body: InboxBody): Wire {
  switch (body.type) {
    case 'start':
      return { start: { ...body.start, request: requestToWire(body.start.request) } };
    case 'observation':
      return { observation: observationToWire(body.observation) };
    case 'approvalDecided':
      return { approvalDecided: body.decision };
    case 'toolsFound':
      return { toolsFound: { callId: body.callId, tools: body.tools, toolVersions: body.toolVersions } };
    case 'userMessage':
      return { userMessage: body.message };
    case 'cancel':
      return { cancel: { reason: body.reason, requestedBy: body.requestedBy } };
    default:
      return assertNever(body);
  }
}

const inboxFields = ['start', 'observation', 'approvalDecided', 'toolsFound', 'userMessage', 'cancel'] as const;

export function decodeSessionInbox(bytes: Uint8Array): SessionInbox {
  const wire = inboxType.decode(bytes);
  const { tenant, sessionId } = wire as unknown as SessionInbox;
  if (!tenant || !sessionId) throw invalid('SESSION_UNNAMED', 'The record names no tenant or no session.');
  return { tenant, sessionId, body: inboxBodyFromWire(wire) };
}

function inboxBodyFromWire(wire: Wire): InboxBody {
  const type = oneOf(wire, inboxFields);
  const body = wire[type] as Wire;
  switch (type) {
    case 'start':
      return { type, start: startFromWire(body) };
    case 'observation':
      return { type, observation: observationFromWire(body) };
    case 'approvalDecided':
      return { type, decision: decisionFromWire(body) };
    case 'toolsFound':
      return { type, callId: body['callId'] as string, ...shownFromWire(body) };
    case 'userMessage':
      return { type, message: messageFromWire(body) };
    case 'cancel':
      return { type, reason: body['reason'] as string, requestedBy: body['requestedBy'] as string };
    default:
      return assertNever(type);
  }
}

function startFromWire(wire: Wire): SessionStart {
  const { request, modelRoute, admittedAtMs } = wire as unknown as SessionStart;
  return {
    request: requestFromWire(request),
    ...plannedFromWire(wire),
    limits: limitsFromWire(wire['limits']),
    modelRoute,
    admittedAtMs,
  };
}

function decisionFromWire(wire: Wire): ApprovalDecision {
  const { callId, approved, decidedBy, deadlineAtMs } = wire as unknown as ApprovalDecision;
  return { callId, approved, decidedBy, deadlineAtMs };
}

const messageFromWire = (wire: Wire): UserMessageInput => ({
  messageId: wire['messageId'] as string,
  text: wire['text'] as string,
});

export function encodeSessionEvent(event: SessionEvent): Uint8Array {
  return eventType.encode({ seq: event.seq, atMs: event.atMs, ...eventBodyToWire(event) });
}

function eventBodyToWire(event: SessionEventBody): Wire {
  switch (event.type) {
    case 'started':
      return { started: { ...event, request: requestToWire(event.request) } };
    case 'modelAnswered':
      return { modelAnswered: { ...event, calls: event.calls.map(judgedToWire) } };
    case 'toolCallSettled':
      return {
        toolCallSettled: {
          observation: observationToWire(event.observation),
          ...(event.presumed && { presumed: true }),
        },
      };
    case 'toolCallEndedLate':
      return { toolCallEndedLate: { observation: observationToWire(event.observation) } };
    case 'claimsFlagged': {
      const { turn, flags, askedAgain } = event;
      return { claimsFlagged: { turn, flags: flags.map(flagToWire), askedAgain } };
    }
    case 'approvalDecided':
      return { approvalDecided: event.decision };
    case 'limitReached':
      return { limitReached: { reason: event.reason, message: event.message } };
    case 'toolsOffered':
      return { toolsOffered: { tools: event.tools, toolVersions: event.toolVersions } };
    case 'userMessageReceived':
      return { userMessageReceived: event.message };
    case 'cancelRequested':
      return { cancelRequested: { reason: event.reason, requestedBy: event.requestedBy } };
    case 'finished': {
      const { status, answer, refusal } = event;
      return { finished: { status: statusWords.number(status), answer, refusal: refusalToWire(refusal) } };
    }
    default:
      return assertNever(event);
  }
}

const eventFields = [
  'started',
  'modelAnswered',
  'toolCallSettled',
  'approvalDecided',
  'toolsOffered',
  'userMessageReceived',
  'cancelRequested',
  'finished',
  'toolCallEndedLate',
  'claimsFlagged',
  'limitReached',
] as const;

export function decodeSessionEvent(bytes: Uint8Array): SessionEvent {
  const wire = eventType.decode(bytes);
  return { seq: wire['seq'] as number, atMs: wire['atMs'] as number, ...eventBodyFromWire(wire) };
}

function eventBodyFromWire(wire: Wire): SessionEventBody {
  const type = oneOf(wire, eventFields);
  const body = wire[type] as Wire;
  switch (type) {
    case 'started': {
      const { sessionId, request, modelRoute, deadlineAtMs } = body as never as Record<string, never>;
      const limits = limitsFromWire(body['limits']);
      return {
        type,
        sessionId: sessionId!,
        request: requestFromWire(request),
        ...plannedFromWire(body),
        limits,
        modelRoute: modelRoute!,
        deadlineAtMs: deadlineAtMs!,
      };
    }
    case 'modelAnswered':
      return {
        type,
        turn: body['turn'] as number,
        text: body['text'] as string,
        calls: (body['calls'] as Wire[]).map(judgedFromWire),
        usage: usageFromWire(body['usage']),
      };
    case 'toolCallSettled':
      return {
        type,
        observation: observationFromWire(body['observation'] as Wire),
        ...(body['presumed'] === true && { presumed: true }),
      };
    case 'limitReached':
      return { type, reason: body['reason'] as string, message: body['message'] as string };
    case 'toolCallEndedLate':
      return { type, observation: observationFromWire(body['observation'] as Wire) };
    case 'claimsFlagged': {
      const { turn, askedAgain } = body as unknown as { turn: number; askedAgain: boolean };
      return { type, turn, flags: flagsFromWire(body['flags']), askedAgain };
    }
    case 'approvalDecided':
      return { type, decision: decisionFromWire(body) };
    case 'toolsOffered':
      return { type, ...shownFromWire(body) };
    case 'userMessageReceived':
      return { type, message: messageFromWire(body) };
    case 'cancelRequested':
      return { type, reason: body['reason'] as string, requestedBy: body['requestedBy'] as string };
    case 'finished':
      return {
        type,
        status: statusWords.word(body['status']),
        answer: body['answer'] as string,
        refusal: refusalFromWire(body['refusal'] as Wire | null),
      };
    default:
      return assertNever(type);
  }
}

function judgedToWire(call: JudgedCall): Wire {
  return {
    ...call,
    ...(call.notes && { notes: call.notes.map(noteToWire) }),
    ...(call.storms && { storms: call.storms.map(stormToWire) }),
    disposition: dispositionWords.number(call.disposition),
    effect: effectWords.number(call.effect),
    refusal: refusalToWire(call.refusal),
  };
}

function judgedFromWire(wire: Wire): JudgedCall {
  const call = wire as unknown as JudgedCall;
  return {
    callId: call.callId,
    providerCallId: call.providerCallId,
    tool: call.tool,
    arguments: call.arguments,
    disposition: dispositionWords.word(wire['disposition']),
    toolVersion: call.toolVersion,
    toolClass: call.toolClass,
    effect: effectWords.word(wire['effect']),
    conflictKey: call.conflictKey,
    timeoutMs: call.timeoutMs,
    policyRevision: call.policyRevision,
    rule: call.rule,
    refusal: refusalFromWire(wire['refusal'] as Wire | null),
    approversNeeded: call.approversNeeded,
    ...(call.approvalMs ? { approvalMs: call.approvalMs } : {}),
    ...(call.dryRun && { dryRun: true }),
    ...notesFromWire(wire),
  };
}

/** Most calls have none, and then neither field. */
function notesFromWire(wire: Wire): Partial<Pick<JudgedCall, 'notes' | 'storms'>> {
  const [notes, storms] = [wire['notes'] as Wire[], wire['storms'] as Wire[]];
  return {
    ...(notes.length > 0 && { notes: notes.map(noteFromWire) }),
    ...(storms.length > 0 && { storms: storms.map(stormFromWire) }),
  };
}

const stormToWire = ({ storm, action, calls }: StormNote): Wire => ({
  ...{ storm: stormWords.number(storm), action: stormActionWords.number(action), calls },
});

const stormFromWire = ({ storm, action, calls }: Wire): StormNote => ({
  ...{ storm: stormWords.word(storm), action: stormActionWords.word(action), calls: calls as number },
});

export const flagToWire = (flag: ClaimFlag): Wire => ({ ...flag, kind: claimWords.number(flag.kind) });

export function flagsFromWire(wire: unknown): ClaimFlag[] {
  return (wire as Wire[]).map(({ kind, tool, quote }) => ({
    kind: claimWords.word(kind),
    ...(tool ? { tool: tool as string } : {}),
    quote: quote as string,
  }));
}

export function usageFromWire(wire: unknown): ModelUsage {
  const { inputTokens, outputTokens, costMicros } = (wire ?? { inputTokens: 0, outputTokens: 0 }) as ModelUsage;
  return { inputTokens, outputTokens, ...(costMicros && { costMicros }) };
}

export interface SessionEvents {
  readonly tenant: string;
  readonly sessionId: string;
  /** Encoded events, exactly as they are stored. */
  readonly events: readonly Uint8Array[];
}

export const encodeSessionEvents = (events: SessionEvents) => eventsType.encode(events);
export const decodeSessionEvents = (bytes: Uint8Array) => eventsType.decode(bytes) as unknown as SessionEvents;
