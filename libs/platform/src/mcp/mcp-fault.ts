/**
 * What went wrong with a request to an MCP server, as a fault. Only codes are looked at, never texts, and no word of the
 * server gets into a fault: it may name hosts, paths or secrets.
 */
import { ProtocolError, ProtocolErrorCode, SdkError, SdkErrorCode, SdkHttpError } from '@modelcontextprotocol/client';
import type { Fault } from '@toolfleet/kernel';
import { broken, denied, expired, invalid, isFault, missing, overloaded, unreachable } from '@toolfleet/kernel';
import { networkFault } from '../http/index.js';
import { localErrorCodes } from './local-errors.js';

const maybe = { sent: 'maybe' };
const unsent = { sent: 'no' };
/** A URL to visit or a form to fill in first: of the revision of 2025, with a code of its own. */
const needsElicitation = -32_042;

const refusalCharsMax = 4_000;

/** What the server said of arguments that it does not take; undefined for every other error. */
export function refusalOf(error: unknown): string | undefined {
  if (!(error instanceof ProtocolError) || error.code !== ProtocolErrorCode.InvalidParams) return undefined;
  return error.message.slice(0, refusalCharsMax);
}

/** Of a request that may have reached the server. */
export function requestFault(error: unknown): Fault {
  if (isFault(error)) return error;
  if (error instanceof ProtocolError) return protocolFault(error);
  if (error instanceof SdkHttpError) return statusFault(error);
  if (error instanceof SdkError) return sdkFault(error);
  return wireFault(error);
}

/** `fetch` hides the code of what went wrong in the cause. */
function wireFault(error: unknown): Fault {
  const cause = (error as { cause?: unknown } | undefined)?.cause ?? error;
  const fault = networkFault(cause, true);
  return fault.reason === 'UPSTREAM_CONNECT_FAILED' ? networkFault(cause, false) : fault;
}

/** Of a connection that could not be made: whatever was to be sent was not. */
export function connectFault(error: unknown): Fault {
  if (isFault(error) && error.details['sent'] === 'no') return error;
  const status = error instanceof SdkHttpError ? error.status : undefined;
  const options = { details: unsent, cause: error };
  if (status === 401 || status === 403) {
    return broken('CREDENTIAL_REFUSED', 'The tool server refused the credential of the fleet.', options);
  }
  return unreachable('UPSTREAM_CONNECT_FAILED', 'No connection to the tool server could be made.', options);
}

function protocolFault(error: ProtocolError): Fault {
  const options = { details: { ...maybe, code: String(error.code) }, cause: error };
  switch (error.code) {
    case localErrorCodes.answerTooLarge:
      return invalid('RESPONSE_TOO_LARGE', 'The answer is larger than allowed.', {
        ...options,
        hint: 'Ask for less: a filter, fewer fields or a page.',
      });
    case localErrorCodes.answerLost:
      return unreachable(
        'UPSTREAM_CONNECTION_LOST',
        'The tool server ended the connection without an answer.',
        options,
      );
    case ProtocolErrorCode.MethodNotFound:
      return missing('UPSTREAM_TOOL_MISSING', 'The tool server has no such tool.', { ...options, details: unsent });
    case needsElicitation:
      return denied('UPSTREAM_NEEDS_USER', 'The tool server wants a person to do something first.', options);
    default:
      return unreachable('UPSTREAM_FAILED', 'The tool server failed.', {
        ...options,
        hint: 'It may work if you call it again a little later.',
      });
  }
}

function statusFault(error: SdkHttpError): Fault {
  const options = { details: { ...maybe, status: String(error.status) }, cause: error };
  const refused = { ...options, details: { ...options.details, ...unsent } };
  switch (error.status) {
    case 401:
    case 403:
      return broken('CREDENTIAL_REFUSED', 'The tool server refused the credential of the fleet.', refused);
    // Not every server tells a connection that it has forgotten by 404, as it should.
    case 400:
    case 404:
      return unreachable('UPSTREAM_SESSION_LOST', 'The tool server has forgotten the connection.', refused);
    case 429:
      return overloaded('UPSTREAM_RATE_LIMITED', 'The tool server is rate limited.', refused);
    case 501:
    case 503:
      return unreachable('UPSTREAM_FAILED', 'The tool server is not available.', refused);
    default:
      return unreachable('UPSTREAM_FAILED', 'The tool server failed.', options);
  }
}

function sdkFault(error: SdkError): Fault {
  const options = { details: maybe, cause: error };
  switch (error.code) {
    case SdkErrorCode.RequestTimeout:
      return expired('DEADLINE_PASSED', 'The tool did not answer in time.', options);
    case SdkErrorCode.NotConnected:
      return unreachable('UPSTREAM_CONNECTION_LOST', 'The tool server has ended.', { ...options, details: unsent });
    case SdkErrorCode.UnsupportedResultType:
    case SdkErrorCode.InputRequiredRoundsExceeded:
      return denied('UPSTREAM_NEEDS_USER', 'The tool server asks for input that nobody can give here.', options);
    case SdkErrorCode.InvalidResult:
    case SdkErrorCode.ClientHttpUnexpectedContent:
      return unreachable('UPSTREAM_ANSWER_INVALID', 'The tool server answered with what is no result.', options);
    default:
      return unreachable('UPSTREAM_CONNECTION_LOST', 'The connection to the tool server was lost.', options);
  }
}
