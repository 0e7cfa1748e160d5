/**
 * What a call is sent with: its destination's templates, filled in with what the credential comes to at this moment. That
 * is a variable, a file of the mounted directory, or a token for which the user's own was exchanged; it is looked up
 * without a wait while what is held is valid. Values are told to the caller's `secrets`, so that no answer shows them. A call
 * that waits says so, because it does not run: a token endpoint that hangs must not take the places of other calls.
 */
import type { CredentialSpec, SecretPlace, TokenExchangeSpec, ToolCall } from '@toolfleet/kernel';
import { expired, isFault, limits } from '@toolfleet/kernel';
import { waitFor } from '@toolfleet/platform';
import type { SecretFiles } from '@toolfleet/platform/credentials';
import type { ExchangedTokens } from './exchanged-tokens.js';
import type { SubjectTokens } from './subject-tokens.js';
import type { CallOwner, Secrets } from './templates.js';
import { headersOf, notConfigured, variableOf } from './templates.js';

export interface CredentialsOptions {
  /** Absent: the executor has no directory of credentials. */
  readonly files?: SecretFiles | undefined;
  /** Absent: it has no key for users' tokens. */
  readonly exchange?: { readonly subjects: SubjectTokens; readonly tokens: ExchangedTokens } | undefined;
  /** Told of every change: +1 when a call of the tool class begins to wait for its credential, -1 when it no longer does. */
  readonly onWaiting?: ((toolClass: string, change: 1 | -1) => void) | undefined;
  /** For tests. */
  readonly variable?: (name: string) => string | undefined;
}

/** For whom, and how long it may take. */
export interface CredentialUse {
  readonly call: CallOwner & Pick<ToolCall, 'deadlineAtMs' | 'toolClass'>;
  readonly signal: AbortSignal;
  readonly secrets?: Secrets | undefined;
}

export interface ResolvedCredential {
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** What `{credential}` came to; undefined where the destination has none of the forms. */
  readonly credential: string | undefined;
}

export class Credentials {
  #waiting = 0;

  constructor(private readonly options: CredentialsOptions = {}) {}

  /** Faults, all before anything is sent: `broken` CREDENTIAL_MISSING, those of files and exchanges, `expired`. */
  of(destination: string, spec: CredentialSpec, use: CredentialUse): ResolvedCredential | Promise<ResolvedCredential> {
    const credential = this.#valueOf(destination, spec, use, false);
    if (!(credential instanceof Promise)) return resolved(spec, use, credential);
    return this.#waited(credential, use).then((value) => resolved(spec, use, value));
  }

  /**
   * After the destination did not take it: what the credential comes to when files are read and tokens exchanged anew;
   * undefined when that is the same, or the destination has none of the forms.
   */
  async renewed(
    destination: string,
    spec: CredentialSpec,
    use: CredentialUse,
    { credential: refused }: ResolvedCredential,
  ): Promise<ResolvedCredential | undefined> {
    if (refused === undefined) return undefined;
    if (spec.exchange) await this.#refused(destination, spec.exchange, use, refused);
    const value = await this.#waited(Promise.resolve(this.#valueOf(destination, spec, use, true)), use);
    return value === refused ? undefined : resolved(spec, use, value);
  }

  /** Of a place that a manifest names. Faults `broken` CREDENTIAL_MISSING. */
  secretOf({ file, env }: SecretPlace, fresh = false): string | Promise<string> {
    if (env !== undefined) return variableOf(env, this.options.variable);
    if (!this.options.files || file === undefined) throw notConfigured(file ?? '');
    return this.options.files.read(file, { fresh });
  }

  #valueOf(
    destination: string,
    spec: CredentialSpec,
    use: CredentialUse,
    fresh: boolean,
  ): string | undefined | Promise<string> {
    if (spec.static) return this.secretOf(spec.static, fresh);
    if (spec.perTenant) return this.secretOf({ file: `${spec.perTenant.directory}/${use.call.tenant}` }, fresh);
    return spec.exchange && this.#exchanged(destination, spec.exchange, use);
  }

  #exchanged(destination: string, spec: TokenExchangeSpec, use: CredentialUse): string | Promise<string> {
    const exchange = this.#exchangeOf();
    const { tenant, sessionId, user } = use.call;
    const exchangedFor = (subjectToken: string) => {
      use.secrets?.add(subjectToken);
      return exchange.tokens.of(spec, { tenant, user, destination, subjectToken }, () =>
        this.secretOf(spec.client.secret),
      );
    };
    const again = async (error: unknown, before: string): Promise<string> => {
      // The session may have been given a newer token meanwhile.
      if (!isFault(error) || error.reason !== 'CREDENTIAL_REFUSED') throw error;
      exchange.subjects.forget(tenant, sessionId);
      const subjectToken = await exchange.subjects.of(tenant, sessionId);
      if (subjectToken === before) throw error;
      return exchangedFor(subjectToken);
    };
    const subject = exchange.subjects.of(tenant, sessionId);
    if (subject instanceof Promise) {
      return subject.then((token) =>
        Promise.resolve(exchangedFor(token)).catch((error: unknown) => again(error, token)),
      );
    }
    const token = exchangedFor(subject);
    return token instanceof Promise ? token.catch((error: unknown) => again(error, subject)) : token;
  }

  async #refused(destination: string, spec: TokenExchangeSpec, { call }: CredentialUse, token: string): Promise<void> {
    const { subjects, tokens } = this.#exchangeOf();
    const { tenant, sessionId, user } = call;
    const subjectToken = await subjects.of(tenant, sessionId);
    tokens.refused(spec, { tenant, user, destination, subjectToken }, token);
  }

  /** Beyond the bound calls wait in their places, so that further records wait on the bus. */
  async #waited<T>(work: Promise<T>, use: CredentialUse): Promise<T> {
    const { onWaiting } = this.options;
    if (onWaiting === undefined || this.#waiting >= limits.credentialWaitsMax) return intime(work, use);
    const { toolClass } = use.call;
    this.#waiting += 1;
    onWaiting(toolClass, 1);
    try {
      return await intime(work, use);
    } finally {
      this.#waiting -= 1;
      onWaiting(toolClass, -1);
    }
  }

  #exchangeOf() {
    if (!this.options.exchange) throw notConfigured('TOOLFLEET_SUBJECT_TOKEN_KEY');
    return this.options.exchange;
  }
}

function resolved(spec: CredentialSpec, { call, secrets }: CredentialUse, credential?: string): ResolvedCredential {
  return { headers: headersOf(spec, call, { credential, secrets }), credential };
}

/** The wait of one call; what it waits for may serve others. */
const intime = <T>(work: Promise<T>, { call, signal }: CredentialUse): Promise<T> =>
  waitFor(work, {
    withinMs: Math.max(0, call.deadlineAtMs - Date.now()),
    late: () => expired('DEADLINE_PASSED', 'The credential did not come in time.', { details: { sent: 'no' } }),
    signal,
    aborted: () => expired('CANCELLED', 'The call is over.', { details: { sent: 'no' } }),
  });
