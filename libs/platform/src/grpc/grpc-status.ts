/**
 * What a status of somebody else's gRPC service means to the call that got it. What the caller can mend is the tool's own
 * refusal, with its words; of all else the words stay in the log, because they may name hosts and credentials.
 */
import { status } from '@grpc/grpc-js';
import type { ServiceError } from '@grpc/grpc-js';
import type { Fault } from '@toolfleet/kernel';
import { denied, expired, invalid, missing, overloaded, unreachable } from '@toolfleet/kernel';

export interface GrpcRefusal {
  readonly ok: false;
  /** Name of the status. */
  readonly status: string;
  /** The service's own words. */
  readonly message: string;
}

const refusals: ReadonlySet<number> = new Set([
  status.INVALID_ARGUMENT,
  status.NOT_FOUND,
  status.ALREADY_EXISTS,
  status.FAILED_PRECONDITION,
  status.ABORTED,
  status.OUT_OF_RANGE,
]);

const messageCharsMax = 2_000;
/** A service may ask for hours; a session is over long before. */
const retryAfterMsMax = 10 * 60_000;

/** `answering`: the service had begun to answer. */
export function endOfStatus(error: ServiceError, { answering }: { readonly answering: boolean }): GrpcRefusal | Fault {
  const { code } = error;
  if (refusals.has(code)) {
    return { ok: false, status: status[code], message: error.details.slice(0, messageCharsMax) };
  }
  const options = (sent: 'no' | 'maybe') => ({ details: { sent, status: status[code] ?? String(code) }, cause: error });
  switch (code) {
    case status.DEADLINE_EXCEEDED:
      return expired('DEADLINE_PASSED', 'The service did not answer in time.', options('maybe'));
    case status.PERMISSION_DENIED:
    case status.UNAUTHENTICATED:
      return denied('TOOL_DENIED', 'The service does not allow it.', options('no'));
    case status.UNIMPLEMENTED:
      return missing('METHOD_UNKNOWN', 'The service has no such method.', options('no'));
    case status.RESOURCE_EXHAUSTED:
      // The client itself says so of an answer that is too long, which is told apart by its having begun.
      if (answering)
        return invalid('RESPONSE_TOO_LARGE', 'The answer is larger than allowed.', {
          ...options('maybe'),
          hint: 'Ask for less: a filter, fewer fields or a page.',
        });
      return overloaded('UPSTREAM_RATE_LIMITED', 'The service takes no more calls.', {
        ...options('no'),
        ...retryAfterOf(error),
      });
    case status.UNAVAILABLE:
      return unreachable('UPSTREAM_UNAVAILABLE', 'The service is not available.', {
        ...options('maybe'),
        ...retryAfterOf(error),
      });
    default:
      return unreachable('UPSTREAM_FAILED', 'The service failed.', options('maybe'));
  }
}

function retryAfterOf({ metadata }: ServiceError): { readonly retryAfterMs?: number } {
  const pushback = metadata?.get('grpc-retry-pushback-ms')[0];
  const ms = pushback === undefined ? Number.NaN : Number(pushback);
  return ms >= 0 ? { retryAfterMs: Math.min(Math.ceil(ms), retryAfterMsMax) } : {};
}
