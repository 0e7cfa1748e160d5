/**
 * Who calls, as a verified token says. Reading claims is strict: what is missing, too long or of another shape refuses the
 * token, because whatever is left out or cut could be what a rule denies by.
 */
import { unauthenticated } from '../fault.js';
import type { Fault } from '../fault.js';
import { limits } from '../limits.js';
import { tenantPattern } from '../session/session-request.js';
import { isScope, scopes } from './scopes.js';
import type { Scope } from './scopes.js';

export interface Caller {
  /** Empty only of a token that may name any tenant and is of none itself. */
  readonly tenant: string;
  readonly user: string;
  readonly roles: readonly string[];
  readonly scopes: ReadonlySet<Scope>;
  /** Names the token in the audit and gives nothing of it away. */
  readonly tokenId: string;
}

export type Claims = Readonly<Record<string, unknown>>;

/** Each is the claim of that name, or a path of names with dots between, such as `realm_access.roles`. */
export interface ClaimNames {
  readonly tenant: string;
  readonly user: string;
  readonly roles: string;
  readonly scope: string;
}

export interface IssuerTrust {
  /** Tenants that the issuer may speak for; empty: all, and only then scopes of the whole fleet. */
  readonly tenants: readonly string[];
}

export interface TokenRules {
  readonly audience: string;
  readonly clockSkewMs: number;
  /** Since `iat`. */
  readonly tokenAgeMsMax: number;
}

const printable = /^[^\p{Cc}\p{Zl}\p{Zp}]+$/u;
/** A provider may add its own by the dozen; those that are not in our table are passed over. */
const scopesReadMax = 256;

/** Throws `unauthenticated` with the claim that is wrong. `digest` names a token that has no `jti`. */
export function callerOf(claims: Claims, names: ClaimNames, trust: IssuerTrust, digest: string): Caller {
  const scopes = scopesOf(claims, names.scope, trust);
  const tenant = tenantOf(claims, names.tenant, trust);
  if (tenant === '' && !scopes.has('operator')) throw claimWrong(names.tenant, 'is missing');
  const user = textClaim(claims, names.user);
  if (user === '') throw claimWrong(names.user, 'is missing');
  const { jti } = claims;
  const tokenId = typeof jti === 'string' && isName(jti) ? jti : digest.slice(0, 16);
  return { tenant, user, roles: rolesOf(claims, names.roles), scopes, tokenId };
}

/** Whether the token counts at that time, and is meant for this fleet. */
export function tokenFault({ aud, exp, nbf, iat }: Claims, rules: TokenRules, atMs: number): Fault | undefined {
  const { audience, clockSkewMs, tokenAgeMsMax } = rules;
  if (aud !== audience && !(Array.isArray(aud) && aud.includes(audience))) {
    return unauthenticated('TOKEN_AUDIENCE_WRONG', 'The token is meant for another audience.', {
      details: { audience },
      hint: 'Ask the issuer for a token of this audience.',
    });
  }
  if (!isTime(exp)) return claimWrong('exp', 'is missing');
  if (!isTime(iat)) return claimWrong('iat', 'is missing');
  if (nbf !== undefined && !isTime(nbf)) return claimWrong('nbf', 'is no time');
  if (Math.max(iat, nbf ?? 0) * 1_000 > atMs + clockSkewMs) {
    return unauthenticated('TOKEN_NOT_YET_VALID', 'The token does not count yet.', {
      hint: 'Compare the clocks of the issuer and of this machine.',
    });
  }
  if (exp * 1_000 <= atMs - clockSkewMs) {
    return unauthenticated('TOKEN_EXPIRED', 'The token has expired.', { hint: 'Get a new one from the issuer.' });
  }
  if (iat * 1_000 + tokenAgeMsMax <= atMs - clockSkewMs) {
    return unauthenticated('TOKEN_TOO_OLD', 'The token was issued too long ago.', {
      details: { tokenAgeMsMax: String(tokenAgeMsMax) },
      hint: 'Get a new one from the issuer.',
    });
  }
  return undefined;
}

const isTime = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
/** Two that look the same must not be two. */
const isName = (text: string): boolean =>
  text.length <= limits.nameCharsMax && text.trim() === text && printable.test(text);

function claimOf(claims: Claims, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name];
  let at: unknown = claims;
  for (const part of name.split('.')) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, part)) return undefined;
    at = (at as Claims)[part];
  }
  return at;
}

function textClaim(claims: Claims, name: string): string {
  const value = claimOf(claims, name);
  if (value === undefined || value === '') return '';
  if (typeof value !== 'string') throw claimWrong(name, 'is no text');
  if (!isName(value))
    throw claimWrong(name, `has more than ${limits.nameCharsMax} characters, blanks around it or control characters`);
  return value;
}

function tenantOf(claims: Claims, name: string, { tenants }: IssuerTrust): string {
  // The issuer of one tenant need not say which.
  const tenant = textClaim(claims, name) || (tenants.length === 1 ? tenants[0]! : '');
  if (tenant !== '' && !tenantPattern.test(tenant)) throw claimWrong(name, 'is no name of a tenant');
  if (tenants.length === 0 || tenants.includes(tenant)) return tenant;
  throw unauthenticated('ISSUER_NOT_TRUSTED', 'The issuer of the token may not speak for its tenant.');
}

/** A list, or one text with blanks between. */
function listClaim(claims: Claims, name: string): readonly string[] {
  const value = claimOf(claims, name);
  if (value === undefined) return [];
  const list: unknown[] = typeof value === 'string' ? value.split(' ').filter((word) => word !== '') : [value].flat();
  if (list.every((one) => typeof one === 'string')) return list;
  throw claimWrong(name, 'is no list of texts');
}

function rolesOf(claims: Claims, name: string): readonly string[] {
  const roles = [...new Set(listClaim(claims, name))];
  if (roles.length <= limits.rolesMax && roles.every(isName)) return roles;
  throw claimWrong(name, `has more than ${limits.rolesMax} roles, or one that is too long`);
}

function scopesOf(claims: Claims, name: string, { tenants }: IssuerTrust): ReadonlySet<Scope> {
  const given = listClaim(claims, name).slice(0, scopesReadMax).filter(isScope);
  return new Set(given.filter((scope) => tenants.length === 0 || !scopes[scope].fleetWide));
}

const claimWrong = (claim: string, what: string): Fault =>
  unauthenticated('TOKEN_CLAIM_INVALID', `The claim ${claim} of the token ${what}.`, {
    details: { claim },
    hint: 'Which claims are read is set by TOOLFLEET_IDENTITY_*_CLAIM; have the issuer put them into the token.',
  });
