/**
 * The issuer of a fleet on this machine: a key pair in the fleet's own state directory, tokens for whoever may read it. What
 * it signs counts where its key set is named and nowhere else.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Scope } from '@toolfleet/kernel';
import { tenantScopes } from '@toolfleet/kernel';
import { SignJWT, exportJWK, generateKeyPair, importJWK } from 'jose';
import type { JWK } from 'jose';

export interface TokenContent {
  /** Empty: of no tenant, which only an operator's may be. */
  readonly tenant: string;
  readonly user: string;
  readonly roles?: readonly string[];
  readonly scopes: readonly Scope[];
  /** Default: an hour. */
  readonly forMs?: number;
}

export interface LocalIssuer {
  /** Value of TOOLFLEET_IDENTITY_ISSUERS. */
  readonly setting: string;
  token(content: TokenContent): Promise<string>;
  /**
   * `Bearer …` for a caller of the tenant, by default a back-end that may do what a tenant may, for any of its users. The same
   * content gives the same token for half a day, so a busy client signs once.
   */
  authorization(tenant: string, content?: Partial<Omit<TokenContent, 'tenant'>>): Promise<string>;
}

const backEnd = { user: 'back-end', roles: [], scopes: [...tenantScopes, 'sessions:delegate'] } as const;
const keptForMs = 12 * 60 * 60_000;

const keyFile = 'identity.key.json';
const jwksFile = 'identity.jwks.json';
const algorithm = 'ES256';
const issuer = 'toolfleet-local';
const audience = 'toolfleet';
const forMsDefault = 60 * 60_000;

/** Makes its keys when the directory has none; they stay for the directory's life, so tokens outlive a restart. */
export async function openLocalIssuer(directory: string): Promise<LocalIssuer> {
  return (await findLocalIssuer(directory)) ?? (await createLocalIssuer(directory));
}

/** Undefined when no fleet was ever started on the directory. */
export async function findLocalIssuer(directory: string): Promise<LocalIssuer | undefined> {
  const text = await readFile(join(directory, keyFile), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : issuerOf(directory, JSON.parse(text) as JWK);
}

async function createLocalIssuer(directory: string): Promise<LocalIssuer> {
  const { privateKey } = await generateKeyPair(algorithm, { extractable: true });
  const jwk = { ...(await exportJWK(privateKey)), kid: randomUUID(), alg: algorithm, use: 'sig' };
  const { d: _private, ...published } = jwk;
  await mkdir(directory, { recursive: true });
  await write(join(directory, jwksFile), JSON.stringify({ keys: [published] }), 0o644);
  // Last, because this is the one that is looked for.
  await write(join(directory, keyFile), JSON.stringify(jwk), 0o600);
  return issuerOf(directory, jwk);
}

async function issuerOf(directory: string, jwk: JWK): Promise<LocalIssuer> {
  const key = await importJWK(jwk, algorithm);
  const jwks = pathToFileURL(resolve(directory, jwksFile)).href;
  const token = ({ tenant, user, roles = [], scopes, forMs = forMsDefault }: TokenContent): Promise<string> =>
    new SignJWT({ ...(tenant === '' ? {} : { tenant }), roles, scope: scopes.join(' ') })
      .setProtectedHeader({ alg: algorithm, kid: jwk.kid! })
      .setIssuer(issuer)
      .setAudience(audience)
      .setSubject(user)
      .setIssuedAt()
      .setExpirationTime(new Date(Date.now() + forMs))
      .setJti(randomUUID())
      .sign(key);
  const kept = new Map<string, Promise<string>>();
  return {
    setting: JSON.stringify([{ issuer, jwks }]),
    token,
    authorization: async (tenant, content = {}) => {
      const whole = { ...backEnd, forMs: keptForMs, ...content, tenant };
      const name = JSON.stringify(whole);
      if (!kept.has(name)) kept.set(name, token(whole));
      return `Bearer ${await kept.get(name)!}`;
    },
  };
}

async function write(path: string, text: string, mode: number): Promise<void> {
  await writeFile(`${path}.tmp`, text, { mode });
  await rename(`${path}.tmp`, path);
}
