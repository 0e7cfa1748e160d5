/**
 * Tools behind HTTP. Arguments go where the tool's binding says (path, query, headers, body), the upstream's credential is
 * filled in here and nowhere else, and a status becomes a fault or an answer. A read may be asked twice where it is slow, and
 * anything where the upstream did not take a credential that has another value by now: nothing was done then.
 */
import type { CallPlan, Catalogue, ToolSpec, UpstreamSpec } from '@toolfleet/kernel';
import { Fault, broken, isFault, limits, missing, overloaded, toolHeaders, unreachable } from '@toolfleet/kernel';
import type { HttpClient, HttpResponse } from '@toolfleet/platform/http';
import { urlOf } from '@toolfleet/platform/http';
import { Credentials, type ResolvedCredential } from '../credentials/credentials.js';
import type { Driver, ToolAnswer, ToolRun } from './driver.js';
import type { HttpCall } from './http-call.js';
import { httpCallOf } from './http-call.js';
import type { Upstreams } from './upstreams.js';
import { atUpstream, upstreamCallOf } from './upstreams.js';

/** An upstream may ask for hours; a session is over long before. */
const retryAfterMsMax = 10 * 60_000;

export interface HttpDriverOptions {
  readonly http: HttpClient;
  readonly upstreams: Upstreams;
  readonly catalogue: Catalogue;
  /** Absent: variables only. */
  readonly credentials?: Credentials | undefined;
}

export class HttpDriver implements Driver {
  readonly #credentials: Credentials;

  constructor(private readonly options: HttpDriverOptions) {
    this.#credentials = options.credentials ?? new Credentials();
  }

  async plan(run: ToolRun): Promise<CallPlan> {
    const { upstream, method, asked } = this.#requestOf(run);
    await this.#credentials.of(upstream.name, upstream.credential, run);
    const { pathname, search } = urlOf(asked.url);
    return { destination: upstream.name, method, path: pathname + search };
  }

  async run(run: ToolRun): Promise<ToolAnswer> {
    const { tool, call } = run;
    const { upstream, method, asked } = this.#requestOf(run);
    const { url, body } = asked;
    const { deadlineAtMs } = call;
    const once = async (credential: ResolvedCredential, signal: AbortSignal): Promise<HttpResponse> => {
      // At the moment of this attempt: it may have waited for a place, or be the second.
      const headers = { ...headersOf(credential, run, asked), [toolHeaders.timeLeftMs]: timeLeftOf(deadlineAtMs) };
      const request = { method, url, headers, body, signal, deadlineAtMs };
      return this.options.http
        .request({ ...request, responseBytesMax: limits.toolAnswerBytesMax })
        .catch((error: unknown) => tooLargeOf(error, tool));
    };
    return atUpstream(async () => {
      const first = this.#credentials.of(upstream.name, upstream.credential, run);
      let credential = first instanceof Promise ? await first : first;
      const work = async (signal: AbortSignal): Promise<ToolAnswer> => {
        const response = await once(credential, signal);
        if (response.status !== 401 || credential.credential === undefined) return answerOf(response, tool);
        const fresh = await this.#credentials.renewed(
          upstream.name,
          upstream.credential,
          { ...run, signal },
          credential,
        );
        if (!fresh) throw credentialRefused();
        credential = fresh;
        const second = await once(fresh, signal);
        if (second.status === 401) throw credentialRefused();
        return answerOf(second, tool);
      };
      return this.options.upstreams.of(upstream).run(work, upstreamCallOf(run));
    });
  }

  #requestOf({ tool, args }: ToolRun): { upstream: UpstreamSpec; method: string; asked: HttpCall } {
    const binding = tool.http;
    const upstream = binding && this.options.catalogue.get('Upstream', binding.upstream);
    if (!binding || !upstream) throw missing('UPSTREAM_UNKNOWN', `The tool ${tool.name} has no upstream.`);
    return { upstream, method: binding.method, asked: httpCallOf(upstream, binding, args) };
  }

  takeRetry({ http: binding }: ToolSpec): boolean {
    const { catalogue, upstreams } = this.options;
    return upstreams.takeRetry(binding && catalogue.get('Upstream', binding.upstream));
  }
}

/** A write that was granted has happened, however long its answer is; a read is better asked for less. */
function tooLargeOf(error: unknown, { effect }: ToolSpec): HttpResponse {
  if (!isFault(error) || error.reason !== 'RESPONSE_TOO_LARGE') throw error;
  const status = Number(error.details['status']);
  if (effect === 'write' && status > 0 && status < 500) {
    const note = `The upstream answered with status ${status} and more text than may be kept.`;
    return { status, headers: { 'content-type': 'application/json' }, body: Buffer.from(JSON.stringify({ note })) };
  }
  const { kind, reason, message, details } = error;
  throw new Fault(kind, reason, message, { details, hint: 'Ask for less: a filter, fewer fields or a page.' });
}

/** The credential's headers replace those of arguments: a model cannot choose who it is. */
function headersOf(
  credential: ResolvedCredential,
  { call, tool, epoch }: ToolRun,
  asked: HttpCall,
): Record<string, string> {
  const headers: Record<string, string> = { ...asked.headers, ...credential.headers };
  if (asked.contentType !== undefined) headers['content-type'] = asked.contentType;
  if (tool.effect === 'write') headers[toolHeaders.idempotencyKey] = call.idempotencyKey;
  if (epoch !== undefined) headers[toolHeaders.epoch] = String(epoch);
  return headers;
}

const timeLeftOf = (deadlineAtMs: number): string => String(Math.max(0, deadlineAtMs - Date.now()));

const credentialRefused = () =>
  broken('CREDENTIAL_REFUSED', 'The upstream refused the credential of the fleet.', { details: { sent: 'no' } });

function answerOf(response: HttpResponse, tool: ToolSpec): ToolAnswer {
  const { status, body } = response;
  const contentType = String(response.headers['content-type'] ?? 'application/octet-stream')
    .split(';')[0]!
    .trim();
  if (status >= 200 && status < 300) return { ok: true, body, contentType };
  if (status === 429) {
    const retryAfterMs = retryAfterOf(response);
    throw overloaded('UPSTREAM_RATE_LIMITED', `The tool ${tool.name} is rate limited.`, {
      details: { sent: 'no' },
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    });
  }
  if (status >= 500) {
    // 501 and 503 say that nothing was done; after any other error the tool may have failed before or after its work.
    const sent = status === 501 || status === 503 ? 'no' : 'maybe';
    const retryAfterMs = retryAfterOf(response);
    throw unreachable('UPSTREAM_FAILED', `The tool ${tool.name} failed.`, {
      details: { status: String(status), sent },
      hint: 'It may work if you call it again a little later.',
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    });
  }
  if (status >= 300 && status < 400) throw broken('UPSTREAM_REDIRECTED', 'The upstream answered with a redirect.');
  // 409 and 412: what is there is not what the request expects. An entity tag is quoted, and may be weak.
  const isStale = tool.versionCheck !== undefined && (status === 409 || status === 412);
  const version = isStale ? response.headers['etag']?.toString() : undefined;
  return { ok: false, body, contentType, reason: 'TOOL_REFUSED', ...(isStale && { stale: { version } }) };
}

function retryAfterOf(response: HttpResponse): number | undefined {
  const seconds = Number(response.headers['retry-after']);
  return seconds >= 0 ? Math.min(Math.ceil(seconds * 1000), retryAfterMsMax) : undefined;
}
