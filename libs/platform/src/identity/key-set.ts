/**
 * The public keys of one issuer, kept and looked at again: what it holds serves at once, a look at the issuer happens beside
 * the way, and only a key that nobody has seen yet is waited for. An issuer that is away takes nobody's known key with it.
 */
import type { Fault } from '@toolfleet/kernel';
import { chainOf, faultOf, unauthenticated, unreachable } from '@toolfleet/kernel';
import { createLocalJWKSet, errors } from 'jose';
import type { CryptoKey, JSONWebKeySet, JWSHeaderParameters } from 'jose';

/** Reads the key set as text; undefined: it is as it was at the last reading. */
export type ReadKeys = () => Promise<string | undefined>;

export interface KeySetOptions {
  readonly issuer: string;
  readonly read: ReadKeys;
  /** After this it is looked at again. */
  readonly freshMs: number;
  /** Between two looks for a key that is not there: tokens with invented keys must not become load of the issuer. */
  readonly cooldownMs: number;
  readonly now: () => number;
  readonly log: { warn(facts: object, message: string): void };
}

/** An issuer that could not be read for a day may have withdrawn its keys long since. */
const staleMsMax = 24 * 60 * 60_000;
const keysMax = 100;

export class KeySet {
  #keys: ReturnType<typeof createLocalJWKSet> | undefined;
  #text = '';
  #readAtMs = -Infinity;
  #triedAtMs = -Infinity;
  #failure: Fault | undefined;
  #reading: Promise<void> | undefined;
  #revision = 0;

  constructor(private readonly options: KeySetOptions) {}

  /** Another one once the keys have changed: what was checked by the old ones must be checked again. */
  get revision(): number {
    const { freshMs, cooldownMs, now } = this.options;
    const dueAtMs = Math.max(this.#readAtMs + freshMs, this.#triedAtMs + Math.min(cooldownMs, freshMs));
    // Nobody waits for it, and what it failed by is logged there.
    if (now() >= dueAtMs) this.#look().catch(() => undefined);
    return this.#revision;
  }

  /** Throws `unauthenticated` TOKEN_KEY_UNKNOWN, or `unreachable` ISSUER_UNREACHABLE while nothing is known. */
  async keyFor(header: JWSHeaderParameters): Promise<CryptoKey> {
    const { cooldownMs, now } = this.options;
    if (this.#keys === undefined || now() - this.#readAtMs > staleMsMax) {
      if (this.#failure && now() - this.#triedAtMs < Math.min(cooldownMs, 1_000)) throw this.#failure;
      await this.#look();
    }
    const found = await this.#find(header);
    if (found) return found;
    // A look that is under way may be the one that finds it.
    if (this.#reading !== undefined || now() - this.#triedAtMs >= cooldownMs) await this.#look();
    const second = await this.#find(header);
    if (second) return second;
    throw unauthenticated('TOKEN_KEY_UNKNOWN', 'The token is signed with a key that its issuer does not publish.', {
      hint: 'Get a new token; if it stays so, compare the `kid` of the token with the key set of its issuer.',
    });
  }

  async #find(header: JWSHeaderParameters): Promise<CryptoKey | undefined> {
    try {
      return await this.#keys?.(header);
    } catch (error) {
      if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys)
        return undefined;
      throw error;
    }
  }

  #look(): Promise<void> {
    this.#reading ??= this.#read().finally(() => (this.#reading = undefined));
    return this.#reading;
  }

  async #read(): Promise<void> {
    const { issuer, read, now, log } = this.options;
    this.#triedAtMs = now();
    try {
      const text = await read();
      if (text !== undefined && text !== this.#text) {
        this.#keys = createLocalJWKSet(keySetOf(text));
        this.#text = text;
        this.#revision += 1;
      }
      this.#readAtMs = now();
      this.#failure = undefined;
    } catch (error) {
      log.warn({ issuer, chain: chainOf(error), kept: this.#keys !== undefined }, 'keys of an issuer cannot be read');
      this.#failure = unreachable('ISSUER_UNREACHABLE', 'The keys of the token’s issuer cannot be read.', {
        cause: faultOf(error),
        retryAfterMs: 1_000,
      });
      if (this.#keys === undefined || now() - this.#readAtMs > staleMsMax) throw this.#failure;
    }
  }
}

/** Throws what is wrong with it. Shared secrets and private keys have no place in a set that anybody may read. */
function keySetOf(text: string): JSONWebKeySet {
  const set = JSON.parse(text) as Partial<JSONWebKeySet> | null;
  const keys = set?.keys;
  if (!Array.isArray(keys)) throw new TypeError('It is no JSON Web Key Set.');
  if (keys.length > keysMax) throw new TypeError(`It has more than ${keysMax} keys.`);
  return { keys: keys.filter((key) => key.kty !== 'oct' && key.d === undefined) };
}
