/**
 * What a provider's refusal means to the fleet. The provider's words are kept short and scrubbed, because they end up
 * in logs and in front of people: they may quote our key.
 */
import { invalid, overloaded, unreachable, type Fault } from '@toolfleet/kernel';
import type { ResponseHeaders } from '../http/index.js';

/** A provider's error object in any of the shapes in use; every field may be missing or of another type. */
export interface ProviderError {
  readonly message?: unknown;
  readonly type?: unknown;
  readonly code?: unknown;
  readonly status_code?: unknown;
}

const messageCharsMax = 500;
/** A provider may ask for hours; a session is retried or given up long before. */
const retryAfterMsMax = 10 * 60_000;
const retryAfterMsDefault = 1_000;

/** Providers that name their errors instead of numbering them, by Anthropic's and OpenAI's lists. */
const statusOfType: Readonly<Record<string, number>> = {
  overloaded_error: 529,
  rate_limit_error: 429,
  rate_limit_exceeded: 429,
  insufficient_quota: 429,
  invalid_request_error: 400,
  authentication_error: 401,
  billing_error: 402,
  permission_error: 403,
  not_found_error: 404,
  request_too_large: 413,
  api_error: 500,
  timeout_error: 504,
  server_error: 500,
};

export function faultOfStatus(status: number, headers: ResponseHeaders, body: string, secret?: string): Fault {
  const error = errorIn(body);
  const details: Record<string, string> = { status: String(status) };
  // An authentication error quotes the key, often in part and therefore beyond recognition.
  if (status !== 401 && status !== 403) {
    details['providerMessage'] = scrub(typeof error?.message === 'string' ? error.message : body, secret);
  }
  if (typeof error?.code === 'string') details['providerCode'] = scrub(error.code, secret);
  if (status === 429 || status === 529) {
    return overloaded('MODEL_RATE_LIMITED', 'The model provider asks to wait.', {
      details,
      retryAfterMs: retryAfterMs(headers) ?? retryAfterMsDefault,
    });
  }
  // 408 and 409 are transient by the providers' own documents.
  if (status >= 500 || status === 408 || status === 409) {
    const waitMs = retryAfterMs(headers);
    return unreachable('MODEL_FAILED', 'The model provider failed.', {
      details,
      ...(waitMs === undefined ? {} : { retryAfterMs: waitMs }),
    });
  }
  return invalid('MODEL_REFUSED_REQUEST', 'The model provider refused the request.', { details });
}

/** For an error sent inside an answer that began well. Without a status that we know, the provider failed. */
export function faultOfError(error: ProviderError, secret?: string): Fault {
  const numbered = [error.status_code, error.code].map(Number).find((status) => status >= 400 && status <= 599);
  const named = [error.code, error.type]
    .map((name) => statusOfType[String(name)])
    .find((status) => status !== undefined);
  return faultOfStatus(numbered ?? named ?? 500, {}, JSON.stringify({ error }), secret);
}

export function unreadable(cause?: unknown): Fault {
  return unreachable('MODEL_ANSWER_UNREADABLE', 'The model provider sent something that is no answer.', { cause });
}

export function streamCut(): Fault {
  return unreachable('MODEL_STREAM_CUT', 'The answer of the model ended in the middle.');
}

/** Nothing was sent; whoever can wait asks again. */
export const retriesSpent = 'MODEL_RETRIES_SPENT';

export function noRetry(retryAfterMs: number): Fault {
  const message = 'The model provider fails, and enough others are trying it again already.';
  return overloaded(retriesSpent, message, { retryAfterMs });
}

export function answerTooLarge(bytesMax: number): Fault {
  return invalid('MODEL_ANSWER_TOO_LARGE', 'The answer of the model is larger than allowed.', {
    details: { bytesMax: String(bytesMax) },
  });
}

function errorIn(body: string): ProviderError | undefined {
  try {
    const parsed = JSON.parse(body) as { error?: unknown; message?: unknown } | null;
    const error = parsed?.error ?? parsed;
    return typeof error === 'string' ? { message: error } : ((error as ProviderError | null) ?? undefined);
  } catch {
    return undefined;
  }
}

function scrub(text: string, secret?: string): string {
  const plain = secret ? text.replaceAll(secret, '***') : text;
  return plain.replace(/\b(sk|key|gsk|pk)[-_][\w*-]{6,}/g, '***').slice(0, messageCharsMax);
}

function retryAfterMs(headers: ResponseHeaders): number | undefined {
  const ms = Number(headers['retry-after-ms'] ?? Number.NaN);
  const value = String(headers['retry-after'] ?? '');
  const seconds = value === '' ? Number.NaN : Number(value);
  const waits = [ms, seconds * 1_000, Date.parse(value) - Date.now()];
  const waitMs = waits.find((wait) => Number.isFinite(wait));
  return waitMs === undefined ? undefined : Math.min(Math.max(Math.ceil(waitMs), 0), retryAfterMsMax);
}
