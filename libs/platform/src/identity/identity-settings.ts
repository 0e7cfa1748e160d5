/** Settings of the services that take callers: whose tokens count, and how their claims are read. */
import { limits, tenantPattern } from '@toolfleet/kernel';
import { z } from 'zod';
import { integerSetting, listSetting } from '../config/settings.js';

/** A symmetric algorithm would make everyone who can check a token able to make one. */
export const tokenAlgorithms = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
] as const;

const issuersMax = 20;
const issuerCharsMax = 500;

const issuerSchema = z.strictObject({
  issuer: z.string().min(1).max(issuerCharsMax),
  jwks: z
    .url({ protocol: /^(https?|file)$/, error: 'jwks is no URL of http, https or file' })
    .refine(isSafe, { error: 'jwks over plain http is for this machine only' })
    .optional(),
  tenants: z.array(z.string().regex(tenantPattern)).max(1_000).default([]),
});

/** Without `jwks` it is found by the discovery document of the issuer, whose URL must be one then. */
const issuersSchema = z
  .array(
    issuerSchema.refine(({ issuer, jwks }) => jwks !== undefined || (URL.canParse(issuer) && isSafe(issuer)), {
      error: 'an issuer without jwks must be an https URL',
    }),
  )
  .min(1, { error: 'names no issuer' })
  .max(issuersMax)
  .refine((issuers) => new Set(issuers.map(({ issuer }) => issuer)).size === issuers.length, {
    error: 'names an issuer twice',
  });

export type TrustedIssuer = z.infer<typeof issuerSchema>;

const claim = z.string().min(1).max(200);

export const identitySettings = z.object({
  identityIssuers: z
    .string()
    .transform((text, context) => {
      try {
        return JSON.parse(text) as unknown;
      } catch {
        context.addIssue('is no JSON; it is a list such as [{"issuer":"https://id.example.com"}]');
        return z.NEVER;
      }
    })
    .pipe(issuersSchema)
    .describe(
      'Whose tokens count: a JSON list of `{"issuer", "jwks", "tenants"}`. `jwks` is a URL or a `file:` URL, absent: as OpenID discovery says; `tenants`: those it may speak for, absent: all. See docs/identity.md.',
    ),
  identityAudience: z.string().min(1).max(200).default('toolfleet').describe('What `aud` of a token must name.'),
  identityAlgorithms: listSetting
    .prefault('RS256,PS256,ES256,EdDSA')
    .pipe(z.array(z.enum(tokenAlgorithms)).min(1))
    .describe(`Signatures that count, of ${tokenAlgorithms.join(', ')}.`),
  identityClockSkewMs: integerSetting(0, 300_000)
    .default(limits.clockSkewMs)
    .describe('By how much the clocks of an issuer and of this machine may differ.'),
  identityTokenAgeMsMax: integerSetting(60_000, 30 * 24 * 60 * 60_000)
    .default(limits.tokenAgeMsMax)
    .describe('A token counts no longer than this after its `iat`, whatever its `exp`.'),
  identityTenantClaim: claim.default('tenant').describe('Claim with the tenant; a path may have dots.'),
  identityUserClaim: claim.default('sub').describe('Claim with the user.'),
  identityRolesClaim: claim.default('roles').describe('Claim with the roles: a list, or a text with blanks.'),
  identityScopeClaim: claim.default('scope').describe('Claim with the scopes: a list, or a text with blanks.'),
});

export type IdentitySettings = z.infer<typeof identitySettings>;

function isSafe(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  if (protocol !== 'http:') return protocol === 'https:' || protocol === 'file:';
  return ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
}
