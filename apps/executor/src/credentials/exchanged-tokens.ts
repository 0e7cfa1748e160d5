/**
 * Tokens that were exchanged for those of users, by tenant, user, destination and the very token that was given: two
 * sessions share one only where they came with the same token. Calls that need one at a time share its exchange, which
 * has a time of its own; each endpoint stands behind a breaker, by the destination that it serves.
 */
import type { Fault, TokenExchangeSpec } from '@toolfleet/kernel';
import { faultOf, hexDigestOf, limits, keepNewest } from '@toolfleet/kernel';
import type { Breakers } from '@toolfleet/platform/breaker';
import { exchangeToken } from '@toolfleet/platform/credentials';
import type { HttpClient } from '@toolfleet/platform/http';

export interface ExchangedTokensOptions {
  readonly http: HttpClient;
  readonly breakers: Breakers;
  readonly now?: () => number;
}

export interface ExchangeFor {
  readonly tenant: string;
  readonly user: string;
  readonly destination: string;
  readonly subjectToken: string;
}

interface Kept {
  readonly untilMs: number;
  /** A refusal is kept for a second, so that a crowd of calls asks once. */
  readonly end: { readonly token: string } | { readonly fault: Fault };
}

const refusedForMs = 1_000;
/** Of a token whose life the endpoint did not say. */
const lifeMsDefault = 60_000;

export class ExchangedTokens {
  readonly #kept = new Map<string, Kept>();
  readonly #underWay = new Map<string, Promise<string>>();
  readonly #now: () => number;

  constructor(private readonly options: ExchangedTokensOptions) {
    this.#now = options.now ?? Date.now;
  }

  /** `secretOf` gives the fleet's secret when it is needed. Faults: those of `exchangeToken`; `overloaded` BREAKER_OPEN. */
  of(spec: TokenExchangeSpec, whose: ExchangeFor, secretOf: () => string | Promise<string>): string | Promise<string> {
    const key = keyOf(spec, whose);
    const kept = this.#kept.get(key);
    if (kept && kept.untilMs > this.#now()) {
      if ('fault' in kept.end) return Promise.reject(kept.end.fault);
      return kept.end.token;
    }
    let exchange = this.#underWay.get(key);
    if (!exchange) {
      exchange = this.#exchange(key, spec, whose, secretOf).finally(() => this.#underWay.delete(key));
      this.#underWay.set(key, exchange);
    }
    return exchange;
  }

  /** The destination did not take it: unless another one is kept already, the next call is given a new one. */
  refused(spec: TokenExchangeSpec, whose: ExchangeFor, token: string): void {
    const key = keyOf(spec, whose);
    const end = this.#kept.get(key)?.end;
    if (end && 'token' in end && end.token === token) this.#kept.delete(key);
  }

  async #exchange(
    key: string,
    spec: TokenExchangeSpec,
    { destination, subjectToken }: ExchangeFor,
    secretOf: () => string | Promise<string>,
  ): Promise<string> {
    const { http, breakers } = this.options;
    const { timeoutMs } = spec;
    const signal = new AbortController().signal;
    try {
      const clientSecret = await secretOf();
      const askedAtMs = this.#now();
      const wait = { signal, deadlineAtMs: Date.now() + timeoutMs };
      // No destination has a slash in its name.
      const work = () => exchangeToken(http, spec, { subjectToken, clientSecret }, wait);
      const breaker = breakers.of(`${destination}/exchange`);
      const { token, expiresInMs } = await breaker.call(work, signal, { timeLimitMs: timeoutMs });
      this.#keep(key, { end: { token }, untilMs: askedAtMs + keptMsOf(expiresInMs ?? lifeMsDefault) });
      return token;
    } catch (error) {
      const fault = faultOf(error);
      const mayPass = fault.kind === 'unreachable' || fault.kind === 'overloaded';
      if (!mayPass) this.#keep(key, { end: { fault }, untilMs: this.#now() + refusedForMs });
      throw fault;
    }
  }

  #keep(key: string, kept: Kept): void {
    keepNewest(this.#kept, key, kept, limits.exchangedTokensMax);
  }
}

/** Less the time that a call may still be on its way; of a token that lives shorter than twice that, half of its life. */
export function keptMsOf(lifeMs: number): number {
  const bounded = Math.min(lifeMs, limits.exchangedTokenMsMax);
  return bounded - Math.min(limits.exchangedTokenSkewMs, bounded / 2);
}

/** All that makes it another token. Digested, because tokens are long and a key is looked at more often. */
const keyOf = (spec: TokenExchangeSpec, { tenant, user, destination, subjectToken }: ExchangeFor): string =>
  hexDigestOf(JSON.stringify([tenant, user, destination, subjectToken, spec]));
