/** Where the keys of an issuer are: a file that is looked at for changes, a URL, or what its discovery document names. */
import { readFile, stat } from 'node:fs/promises';
import { invalid, unreachable } from '@toolfleet/kernel';
import type { HttpClient } from '../http/index.js';
import type { TrustedIssuer } from './identity-settings.js';
import type { ReadKeys } from './key-set.js';

const withinMs = 5_000;
/** A hundred RSA keys with their certificates. */
const bytesMax = 512 * 1024;

export function readKeysOf({ issuer, jwks }: TrustedIssuer, http: Pick<HttpClient, 'request'>): ReadKeys {
  if (jwks === undefined) return discovered(issuer, http);
  const url = new URL(jwks);
  return url.protocol === 'file:' ? fileOf(url) : () => get(url.href, http);
}

/** Kubernetes replaces a mounted file by a link to another one, so the inode tells as well. */
function fileOf(path: URL): ReadKeys {
  let seen = '';
  return async () => {
    const { mtimeMs, size, ino } = await stat(path);
    const now = `${mtimeMs} ${size} ${ino}`;
    if (now === seen) return undefined;
    if (size > bytesMax) throw invalid('JWKS_TOO_LARGE', `A key set has at most ${bytesMax} bytes.`);
    const text = await readFile(path, 'utf8');
    seen = now;
    return text;
  };
}

function discovered(issuer: string, http: Pick<HttpClient, 'request'>): ReadKeys {
  const document = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  return async () => {
    const { issuer: named, jwks_uri: keys } = JSON.parse(await get(document, http)) as Record<string, unknown>;
    if (named !== issuer) throw invalid('DISCOVERY_INVALID', 'The discovery document is of another issuer.');
    if (typeof keys !== 'string' || !URL.canParse(keys) || new URL(keys).protocol !== new URL(issuer).protocol)
      throw invalid('DISCOVERY_INVALID', 'The discovery document names no key set.');
    return get(keys, http);
  };
}

async function get(url: string, http: Pick<HttpClient, 'request'>): Promise<string> {
  const deadlineAtMs = Date.now() + withinMs;
  const signal = AbortSignal.timeout(withinMs);
  const headers = { accept: 'application/json' };
  const { status, body } = await http.request({
    method: 'GET',
    url,
    headers,
    signal,
    deadlineAtMs,
    responseBytesMax: bytesMax,
  });
  if (status === 200) return body.toString('utf8');
  throw unreachable('JWKS_REFUSED', `The issuer answered ${status}.`);
}
