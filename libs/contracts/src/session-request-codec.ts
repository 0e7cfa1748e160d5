/** What a session is asked for with, between the kernel's type and its bytes. */
import type { SessionPriority, SessionRequest } from '@toolfleet/kernel';
import { invalid, sessionPriorities } from '@toolfleet/kernel';
import { WireEnum, wireType } from './wire.js';

export const priorityWords = new WireEnum<SessionPriority>('toolfleet.session.v1.SessionPriority', sessionPriorities);
const requestType = wireType('toolfleet.session.v1.SessionRequest');

export const encodeSessionRequest = (request: SessionRequest) => requestType.encode(requestToWire(request));
export const decodeSessionRequest = (bytes: Uint8Array) => requestFromWire(requestType.decode(bytes));

export function requestFromWire(wire: unknown): SessionRequest {
  if (!wire) throw invalid('REQUEST_MISSING', 'The message carries no session request.');
  const { tenant, user, requestId, agent, input, roles, labels, deadlineAtMs, dryRun } = wire as SessionRequest;
  const priority = priorityWords.optionalWord((wire as Record<string, unknown>)['priority']);
  const plain = { tenant, user, requestId, agent, input, roles, labels, deadlineAtMs: deadlineAtMs ?? undefined };
  const request = dryRun ? { ...plain, dryRun } : plain;
  return priority ? { ...request, priority } : request;
}

/** Most requests name no priority and go out as they are. */
export const requestToWire = (request: SessionRequest): object =>
  request.priority ? { ...request, priority: priorityWords.number(request.priority) } : request;
