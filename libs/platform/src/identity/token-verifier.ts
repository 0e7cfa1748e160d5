/**
 * Who a bearer token is of. A signature is checked once and remembered by the token's digest, so the second look costs a few
 * microseconds; whether the token counts at the time asked about is checked each time. Nothing of a token is logged or kept.
 */
import type { Caller, Claims, Fault } from '@toolfleet/kernel';
import { callerOf, hexDigestOf, isFault, limits, tokenFault, unauthenticated } from '@toolfleet/kernel';
import { compactVerify, decodeJwt, errors } from 'jose';
import { HttpClient } from '../http/index.js';
import type { IdentitySettings, TrustedIssuer } from './identity-settings.js';
import { KeySet } from './key-set.js';
import type { KeySetOptions, ReadKeys } from './key-set.js';
import { readKeysOf } from './read-keys.js';

export interface TokenVerifierOptions {
  readonly settings: IdentitySettings;
  readonly log: KeySetOptions['log'];
  readonly now?: () => number;
  /** Default: as each issuer's entry says. */
  readonly readKeys?: (issuer: TrustedIssuer) => ReadKeys;
}

/** Rotation at an issuer is announced days before; a withdrawn key counts for so long. */
const freshMsOfUrl = 5 * 60_000;
const cooldownMsOfUrl = 30_000;
const freshMsOfFile = 1_000;

interface Issuer {
  readonly trust: TrustedIssuer;
  readonly keys: KeySet;
}

interface Verified {
  readonly caller: Caller;
  readonly claims: Claims;
  readonly keys: KeySet;
  readonly revision: number;
}

export class TokenVerifier {
  readonly #issuers: ReadonlyMap<string, Issuer>;
  /** By digest, the one looked at longest ago first. */
  readonly #verified = new Map<string, Verified>();
  #last: { readonly token: string; readonly digest: string } | undefined;
  readonly #http = new HttpClient({ connectionsMax: 2 });
  readonly #now: () => number;
  readonly #rules;

  constructor(private readonly options: TokenVerifierOptions) {
    const { settings, log, now = Date.now, readKeys = (issuer) => readKeysOf(issuer, this.#http) } = options;
    this.#now = now;
    this.#rules = {
      audience: settings.identityAudience,
      clockSkewMs: settings.identityClockSkewMs,
      tokenAgeMsMax: settings.identityTokenAgeMsMax,
    };
    const issuers = settings.identityIssuers.map((trust): [string, Issuer] => {
      const isFile = trust.jwks?.startsWith('file:') ?? false;
      const freshMs = isFile ? freshMsOfFile : freshMsOfUrl;
      const cooldownMs = isFile ? freshMsOfFile : cooldownMsOfUrl;
      const { issuer } = trust;
      return [issuer, { trust, keys: new KeySet({ issuer, read: readKeys(trust), freshMs, cooldownMs, now, log }) }];
    });
    this.#issuers = new Map(issuers);
  }

  /**
   * `atMs`: when the token must count, by default now. Throws `unauthenticated` with what is wrong, or `unreachable` while
   * the keys of its issuer have never been read.
   */
  async verify(token: string, atMs = this.#now()): Promise<Caller> {
    if (token.length > limits.tokenBytesMax) {
      throw unauthenticated('TOKEN_TOO_LONG', `A token has at most ${limits.tokenBytesMax} characters.`, {
        hint: 'Have the issuer put fewer groups or claims into it.',
      });
    }
    const digest = this.#digestOf(token);
    const verified = this.#remembered(digest) ?? (await this.#verify(token, digest));
    const fault = tokenFault(verified.claims, this.#rules, atMs);
    if (fault) throw fault;
    return verified.caller;
  }

  /** At once, of a token that was verified before and counts at that time; undefined of any other, which `verify` is for. */
  known(token: string, atMs: number): Caller | undefined {
    if (token.length > limits.tokenBytesMax) return undefined;
    const verified = this.#remembered(this.#digestOf(token));
    return verified && !tokenFault(verified.claims, this.#rules, atMs) ? verified.caller : undefined;
  }

  async close(): Promise<void> {
    await this.#http.close();
  }

  #digestOf(token: string): string {
    if (this.#last?.token !== token) this.#last = { token, digest: hexDigestOf(token) };
    return this.#last.digest;
  }

  #remembered(digest: string): Verified | undefined {
    const known = this.#verified.get(digest);
    if (known === undefined) return undefined;
    this.#verified.delete(digest);
    if (known.revision !== known.keys.revision) return undefined;
    this.#verified.set(digest, known);
    return known;
  }

  async #verify(token: string, digest: string): Promise<Verified> {
    const { settings } = this.options;
    const { trust, keys } = this.#issuerOf(token);
    const { revision } = keys;
    const algorithms = [...settings.identityAlgorithms];
    const { payload } = await compactVerify(token, (header) => keys.keyFor(header), { algorithms }).catch(
      (error: unknown): never => {
        throw faultOfToken(error);
      },
    );
    const claims = JSON.parse(Buffer.from(payload).toString('utf8')) as Claims;
    const names = {
      tenant: settings.identityTenantClaim,
      user: settings.identityUserClaim,
      roles: settings.identityRolesClaim,
      scope: settings.identityScopeClaim,
    };
    const caller = callerOf(claims, names, trust, digest);
    const { aud, exp, nbf, iat } = claims;
    // Of before the check: keys that changed during it have this token checked once more.
    const verified = { caller, claims: { aud, exp, nbf, iat }, keys, revision };
    this.#remember(digest, verified);
    return verified;
  }

  #remember(digest: string, verified: Verified): void {
    this.#verified.set(digest, verified);
    if (this.#verified.size <= limits.tokensRemembered) return;
    const [oldest] = this.#verified.keys();
    this.#verified.delete(oldest!);
  }

  /** Before any signature is checked: whose key it must be. */
  #issuerOf(token: string): Issuer {
    let named: unknown;
    try {
      named = decodeJwt(token).iss;
    } catch (error) {
      throw malformed(error);
    }
    const issuer = typeof named === 'string' ? this.#issuers.get(named) : undefined;
    if (issuer) return issuer;
    throw unauthenticated('TOKEN_ISSUER_UNKNOWN', 'The token is of an issuer that this fleet does not trust.', {
      hint: 'Issuers are named in TOOLFLEET_IDENTITY_ISSUERS, exactly as `iss` of their tokens.',
    });
  }
}

/** The token of an `authorization` header. Throws `unauthenticated` TOKEN_MISSING. */
export function bearerOf(header: unknown): string {
  const [, token] = /^Bearer +([A-Za-z0-9._~+/=-]+)$/i.exec(typeof header === 'string' ? header : '') ?? [];
  if (token !== undefined) return token;
  throw unauthenticated('TOKEN_MISSING', 'The request carries no bearer token.', {
    hint: 'Send `authorization: Bearer TOKEN`.',
  });
}

/** Of a token that was verified: 0 when it does not say. */
export function expiresAtMsOf(token: string): number {
  return (decodeJwt(token).exp ?? 0) * 1_000;
}

function faultOfToken(error: unknown): Fault {
  if (isFault(error)) return error;
  if (error instanceof errors.JOSEAlgNotAllowed || error instanceof errors.JOSENotSupported) {
    return unauthenticated('TOKEN_ALGORITHM_REFUSED', 'The token is signed in a way that is not taken here.', {
      cause: error,
      hint: 'Which algorithms count is set by TOOLFLEET_IDENTITY_ALGORITHMS.',
    });
  }
  if (error instanceof errors.JWSSignatureVerificationFailed) {
    return unauthenticated('TOKEN_SIGNATURE_WRONG', 'The signature of the token is wrong.', { cause: error });
  }
  return malformed(error);
}

const malformed = (cause: unknown): Fault =>
  unauthenticated('TOKEN_MALFORMED', 'The token is no signed JWT.', { cause });
