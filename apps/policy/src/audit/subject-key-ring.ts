/**
 * The secrets of the fleet that wrap people's data keys: the present one wraps, each of them opens. Whose a key is stands beside
 * it as a pseudonym that only the secret can make, so a person is looked for under the pseudonym of each.
 */
import { randomBytes } from 'node:crypto';
import {
  digestOf,
  subjectKeyBytes,
  subjectPseudonymOf,
  unwrapSubjectKey,
  wrapSubjectKey,
  type SubjectSecret,
} from '@toolfleet/kernel';
import type { SubjectAt, WrappedSubjectKey } from '@toolfleet/platform/postgres';
import { auditNonce } from './audit-nonce.js';

export interface Person {
  readonly tenant: string;
  readonly name: string;
}

interface FleetSecret {
  readonly fleetKey: Uint8Array;
  readonly pseudonyms: string;
}

export interface OpenedKey extends SubjectSecret {
  /** Wrapped with the present secret. */
  readonly isPresent: boolean;
}

export class SubjectKeyRing {
  readonly #secrets: readonly FleetSecret[];

  /** The present one first. */
  constructor(secrets: readonly [string, ...string[]]) {
    this.#secrets = secrets.map((secret) => ({
      fleetKey: digestOf(`audit subject keys\n${secret}`),
      pseudonyms: `audit pseudonyms\n${secret}`,
    }));
  }

  /** Whether there is anything that may have to be wrapped anew. */
  get isChanging(): boolean {
    return this.#secrets.length > 1;
  }

  /** Where the person's key may stand: first where it belongs. */
  placesOf({ tenant, name }: Person): readonly SubjectAt[] {
    return this.#secrets.map(({ pseudonyms }) => ({ tenant, pseudonym: subjectPseudonymOf(pseudonyms, tenant, name) }));
  }

  fresh(person: Person): WrappedSubjectKey {
    const secret = randomBytes(subjectKeyBytes);
    return this.#wrapped(person, { keyId: randomBytes(12).toString('base64url'), secret });
  }

  /** Undefined: it was wrapped with a secret that is not among these. */
  opened({ tenant, keyId: id, wrapped }: WrappedSubjectKey): OpenedKey | undefined {
    for (const [at, { fleetKey }] of this.#secrets.entries()) {
      const opened = unwrapSubjectKey(wrapped, { tenant, id, fleetKey });
      if (opened) return { ...opened, isPresent: at === 0 };
    }
    return undefined;
  }

  /** `name`: where the key does not hold it. Undefined: it stays as it is. */
  rewrapped(row: WrappedSubjectKey, name = ''): WrappedSubjectKey | undefined {
    const opened = this.opened(row);
    if (!opened || opened.isPresent) return undefined;
    const known = opened.name || name;
    return known === '' ? undefined : this.#wrapped({ tenant: row.tenant, name: known }, { ...row, ...opened });
  }

  #wrapped(person: Person, { keyId, secret }: { readonly keyId: string; readonly secret: Uint8Array }) {
    const { tenant, name } = person;
    const wrap = { tenant, id: keyId, fleetKey: this.#secrets[0]!.fleetKey, nonce: auditNonce() };
    return { ...this.placesOf(person)[0]!, keyId, wrapped: wrapSubjectKey({ secret, name }, wrap) };
  }
}
