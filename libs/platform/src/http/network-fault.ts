/**
 * What went wrong on the wire, as a fault. Only codes are looked at, never texts; `details.sent` says whether the other
 * side can have seen the request ("no" or "maybe"), so that a caller knows when a write is safe to repeat.
 */
import { Fault, invalid, isFault, overloaded, unreachable } from '@toolfleet/kernel';

const connectCodes = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
]);
const silentCodes = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT']);
const malformedCodes = new Set([
  'UND_ERR_INVALID_ARG',
  'UND_ERR_NOT_SUPPORTED',
  'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH',
  'ERR_INVALID_CHAR',
]);

export function networkFault(error: unknown, sent: boolean): Fault {
  if (isFault(error)) return error;
  const code = codeOf(error);
  const options = { details: { code, sent: sent ? 'maybe' : 'no' }, cause: error };
  if (malformedCodes.has(code)) return invalid('REQUEST_MALFORMED', 'The request cannot be sent as it is.', options);
  if (code === 'UND_ERR_HEADERS_OVERFLOW') {
    return invalid('RESPONSE_TOO_LARGE', 'The headers of the answer are larger than allowed.', options);
  }
  if (code === 'UND_ERR_MAX_ORIGINS_REACHED') {
    return overloaded('UPSTREAMS_TOO_MANY', 'Connections to too many upstreams are open.', {
      ...options,
      retryAfterMs: 1_000,
    });
  }
  if (silentCodes.has(code)) return unreachable('UPSTREAM_SILENT', 'The upstream stopped answering.', options);
  if (!sent || connectCodes.has(code)) {
    return unreachable('UPSTREAM_CONNECT_FAILED', 'No connection to the upstream could be made.', options);
  }
  return unreachable('UPSTREAM_CONNECTION_LOST', 'The connection to the upstream was lost.', options);
}

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : 'UNKNOWN';
}
