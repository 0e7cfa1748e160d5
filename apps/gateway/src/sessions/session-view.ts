/** A session as clients see it, and the one way from its words to the wire, for gRPC and HTTP alike. */
import type { ClaimFlag, ModelUsage, SessionPriority, SessionRequest, SessionStatus } from '@toolfleet/kernel';
import { estimatedWaitMs, invalid } from '@toolfleet/kernel';
import { decodeSessionAdmission, flagToWire, priorityWords, statusWords } from '@toolfleet/contracts';
import type { SessionHead, WaitingSession } from '@toolfleet/platform/postgres';

export interface SessionView {
  readonly tenant: string;
  readonly sessionId: string;
  readonly requestId: string;
  readonly user: string;
  readonly agent: string;
  readonly status: SessionStatus;
  /** The last stored event; 0 while nothing is stored. */
  readonly seq: number;
  readonly usage: ModelUsage;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  readonly answer: string;
  /** Claims without an observation in that answer; absent: none. */
  readonly flags?: readonly ClaimFlag[] | undefined;
  /** Of a session that has not started. */
  readonly priority?: SessionPriority | undefined;
  /** Place in its tenant's line, from 1, once it stands there. */
  readonly queuePosition?: number | undefined;
  /** Absent until admission has told how fast the line moves. */
  readonly estimatedWaitMs?: number | undefined;
}

const unused: ModelUsage = { inputTokens: 0, outputTokens: 0 };
const finalStatuses: ReadonlySet<SessionStatus> = new Set([
  'completed',
  'gaveUp',
  'escalated',
  'failed',
  'cancelled',
  'rejected',
]);

export const isFinal = (status: SessionStatus): boolean => finalStatuses.has(status);

export function viewOfHead(head: SessionHead, answer = ''): SessionView {
  const { tenant, sessionId, requestId, userId, agent, seq, usage, createdAtMs, updatedAtMs } = head;
  const { inputTokens = 0, outputTokens = 0, costMicros } = usage as Partial<ModelUsage>;
  const status = head.status as SessionStatus;
  return {
    tenant,
    sessionId,
    requestId,
    user: userId,
    agent,
    status,
    seq,
    usage: { inputTokens, outputTokens, ...(costMicros && { costMicros }) },
    createdAtMs,
    updatedAtMs,
    answer,
  };
}

export function viewOfRequest(sessionId: string, request: SessionRequest, atMs: number): SessionView {
  const { tenant, requestId, user, agent, priority = 'normal' } = request;
  const times = { createdAtMs: atMs, updatedAtMs: atMs };
  const facts = { tenant, sessionId, requestId, user, agent, priority };
  return { ...facts, status: 'waiting', seq: 0, usage: unused, ...times, answer: '' };
}

/** `intervalMs` is the time between two that leave the line. */
export function viewOfWaiting(
  { tenant, sessionId, enteredAtMs, payload }: WaitingSession,
  queuePosition?: number,
  intervalMs?: number,
): SessionView {
  const view = viewOfRequest(sessionId, requestOf(payload) ?? unreadable(tenant), enteredAtMs);
  if (queuePosition === undefined) return view;
  if (intervalMs === undefined) return { ...view, queuePosition };
  return { ...view, queuePosition, estimatedWaitMs: estimatedWaitMs(queuePosition, intervalMs) };
}

/** The payload is the policy service's own; of one from another release only the bare facts are shown. */
function requestOf(payload: Uint8Array): SessionRequest | undefined {
  try {
    return decodeSessionAdmission(payload).requested;
  } catch {
    return undefined;
  }
}

const unreadable = (tenant: string): SessionRequest => ({
  tenant,
  user: '',
  requestId: '',
  agent: '',
  input: '',
  roles: [],
  labels: {},
});

/** `toolfleet.session.v1.Session`, enums by number. */
export const viewToWire = (view: SessionView) => ({
  ...view,
  status: statusWords.number(view.status),
  priority: priorityWords.number(view.priority),
  flags: (view.flags ?? []).map(flagToWire),
});

const statuses: readonly SessionStatus[] = ['waiting', 'active', ...finalStatuses];

/** `gaveUp`, `gave_up` and SESSION_STATUS_GAVE_UP are one; nothing, or UNSPECIFIED, is no filter. */
export function statusOf(text: string): SessionStatus | undefined {
  const plain = text
    .toLowerCase()
    .replace(/^session_status_/, '')
    .replaceAll('_', '');
  if (plain === '' || plain === 'unspecified') return undefined;
  const status = statuses.find((word) => word.toLowerCase() === plain);
  if (status) return status;
  throw invalid('STATUS_UNKNOWN', 'There is no such status.', {
    details: { field: 'status' },
    alternatives: statuses,
  });
}
