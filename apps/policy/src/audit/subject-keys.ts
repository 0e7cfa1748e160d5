/**
 * The data keys of the people that entries tell of. A key that is in hand is used for at most half a minute before it is
 * looked for again, so that one which was destroyed is soon used nowhere; a person who comes back after that gets another.
 */
import { randomBytes, randomFillSync } from 'node:crypto';
import type { NamedSubjectKey, SealedPart, SubjectKey } from '@toolfleet/kernel';
import {
  broken,
  digestOf,
  limits,
  named,
  openSealed,
  partKeyOf,
  sealNonceBytes,
  subjectKeyBytes,
  subjectKeyOf,
  subjectPseudonymOf,
  unwrapSubjectKey,
  wrapSubjectKey,
} from '@toolfleet/kernel';
import type { SubjectAt, SubjectKeyStore, WrappedSubjectKey } from '@toolfleet/platform/postgres';

export interface Person {
  readonly tenant: string;
  readonly name: string;
}

interface Held {
  readonly key: NamedSubjectKey;
  readonly untilMs: number;
}

/** People whose keys are in hand at once, some 15 MB: above, all are looked for again. */
const heldMax = 20_000;

export class SubjectKeys {
  readonly #held = new Map<string, Held>();
  readonly #fleetKey: Uint8Array;
  readonly #secret: string;

  /** `secret`: that of the whole fleet. */
  constructor(
    private readonly store: SubjectKeyStore,
    secret: string,
    private readonly now: () => number = Date.now,
  ) {
    this.#fleetKey = digestOf(`audit subject keys\n${secret}`);
    this.#secret = `audit pseudonyms\n${secret}`;
  }

  /** The keys of all of them, made for those who have none. */
  async of(people: readonly Person[]): Promise<(person: Person) => NamedSubjectKey> {
    const nowMs = this.now();
    const keys = new Map<string, NamedSubjectKey>();
    const wanted = new Map<string, Person>();
    for (const person of people) {
      const held = this.#held.get(nameOf(person));
      if (held && held.untilMs > nowMs) keys.set(nameOf(person), held.key);
      else wanted.set(nameOf(person), person);
    }
    if (wanted.size > 0) {
      const found = await this.#findOrMake([...wanted.values()]);
      if (this.#held.size + found.size > heldMax) this.#held.clear();
      for (const [name, key] of found) {
        keys.set(name, key);
        this.#held.set(name, { key, untilMs: nowMs + limits.subjectKeyCachedMs });
      }
    }
    return (person) => keys.get(nameOf(person))!;
  }

  /** For an entry's sealed parts, in their order: the key that opens each, none where it was destroyed. */
  async partKeys(
    tenant: string,
    entries: readonly { readonly id: string; readonly sealed: readonly SealedPart[] }[],
  ): Promise<(Buffer | undefined)[][]> {
    const ids = [...new Set(entries.flatMap(({ sealed }) => sealed.map(({ key }) => key)))];
    const alive = new Map((await this.store.byId(tenant, ids)).map((row) => [row.keyId, this.#unwrapped(row)]));
    return entries.map(({ id, sealed }) =>
      sealed.map(({ key, as }) => {
        const subject = alive.get(key);
        return subject && partKeyOf(subject, as, id);
      }),
    );
  }

  async open(
    tenant: string,
    entries: readonly { readonly id: string; readonly sealed: readonly SealedPart[] }[],
  ): Promise<(string | undefined)[][]> {
    const keys = await this.partKeys(tenant, entries);
    return entries.map(({ sealed }, at) =>
      sealed.map((part, index) => {
        const key = keys[at]![index];
        return key && openSealed(part, key);
      }),
    );
  }

  /** How many there were. What is in hand here is forgotten; in other processes within `subjectKeyCachedMs`. */
  destroy(person: Person): Promise<number> {
    this.#held.delete(nameOf(person));
    return this.store.destroy(this.#at(person), this.now());
  }

  async #findOrMake(people: readonly Person[]): Promise<Map<string, NamedSubjectKey>> {
    const byPseudonym = new Map(people.map((person) => [pseudonymKey(this.#at(person)), person]));
    const found = await this.store.find(people.map((person) => this.#at(person)));
    const missing = new Map(byPseudonym);
    for (const row of found) missing.delete(pseudonymKey(row));
    const rows = [...found];
    if (missing.size > 0) {
      const lacking = [...missing.values()];
      await this.store.add(
        lacking.map((person) => this.#fresh(person)),
        this.now(),
      );
      rows.push(...(await this.store.find(lacking.map((person) => this.#at(person)))));
    }
    return new Map(
      rows.map((row) => {
        const person = byPseudonym.get(pseudonymKey(row))!;
        const name = nameOf(person);
        const held = this.#held.get(name)?.key;
        // Looked for only in case it was destroyed; opening it and sealing the name again is ten times the work.
        return [name, held?.id === row.keyId ? held : this.#named(row, person)];
      }),
    );
  }

  #named(row: WrappedSubjectKey, { name }: Person): NamedSubjectKey {
    return named(this.#unwrapped(row), name, auditNonce());
  }

  #fresh(person: Person): WrappedSubjectKey {
    const id = randomBytes(12).toString('base64url');
    const { tenant } = person;
    const wrap = { tenant, id, fleetKey: this.#fleetKey, nonce: auditNonce() };
    return { ...this.#at(person), keyId: id, wrapped: wrapSubjectKey(randomBytes(subjectKeyBytes), wrap) };
  }

  #unwrapped({ tenant, keyId, wrapped }: WrappedSubjectKey): SubjectKey {
    const secret = unwrapSubjectKey(wrapped, { tenant, id: keyId, fleetKey: this.#fleetKey });
    if (secret) return subjectKeyOf(keyId, secret);
    throw broken('SUBJECT_KEY_UNREADABLE', 'A data key was wrapped with another TOOLFLEET_AUDIT_SUBJECT_KEY.', {
      details: { tenant, keyId },
      hint: 'Give the policy role the secret that it had when the key was made.',
    });
  }

  #at({ tenant, name }: Person): SubjectAt {
    return { tenant, pseudonym: subjectPseudonymOf(this.#secret, tenant, name) };
  }
}

const nameOf = ({ tenant, name }: Person): string => `${tenant}\n${name}`;
const pseudonymKey = ({ tenant, pseudonym }: SubjectAt): string => `${tenant}\n${pseudonym}`;

/** Random bytes for many, because each call for some costs a microsecond. */
const pool = Buffer.alloc(sealNonceBytes * 256);
let taken = pool.byteLength;

export function auditNonce(): Buffer {
  if (taken === pool.byteLength) {
    randomFillSync(pool);
    taken = 0;
  }
  taken += sealNonceBytes;
  return Buffer.from(pool.subarray(taken - sealNonceBytes, taken));
}
