/**
 * The data keys of the people that entries tell of. A key that is in hand is used for at most half a minute before it is
 * looked for again, so that one which was destroyed is soon used nowhere; a person who comes back after that gets another.
 */
import type { NamedSubjectKey, SealedPart, SubjectKey } from '@toolfleet/kernel';
import { broken, limits, named, openSealed, partKeyOf, subjectKeyOf } from '@toolfleet/kernel';
import type { SubjectAt, SubjectKeyStore, WrappedSubjectKey } from '@toolfleet/platform/postgres';
import { auditNonce } from './audit-nonce.js';
import type { Person, SubjectKeyRing } from './subject-key-ring.js';

interface Held {
  readonly key: NamedSubjectKey;
  readonly untilMs: number;
}

/** People whose keys are in hand at once, some 15 MB: above, all are looked for again. */
const heldMax = 20_000;

export class SubjectKeys {
  readonly #held = new Map<string, Held>();

  constructor(
    private readonly store: SubjectKeyStore,
    private readonly ring: SubjectKeyRing,
    private readonly now: () => number = Date.now,
  ) {}

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
  async destroy(person: Person): Promise<number> {
    this.#held.delete(nameOf(person));
    let destroyed = 0;
    for (const place of this.ring.placesOf(person)) {
      // oxlint-disable-next-line no-await-in-loop -- one, or two while the secret is changed
      destroyed += await this.store.destroy(place, this.now());
    }
    return destroyed;
  }

  async #findOrMake(people: readonly Person[]): Promise<Map<string, NamedSubjectKey>> {
    const rows = await this.#rowsOf(people);
    const lacking = people.filter((person) => !rows.has(nameOf(person)));
    if (lacking.length > 0) {
      await this.store.add(
        lacking.map((person) => this.ring.fresh(person)),
        this.now(),
      );
      for (const [name, row] of await this.#rowsOf(lacking)) rows.set(name, row);
    }
    return new Map(
      people.map((person) => {
        const name = nameOf(person);
        const row = rows.get(name)!;
        const held = this.#held.get(name)?.key;
        // Looked for only in case it was destroyed; opening it and sealing the name again is ten times the work.
        return [name, held?.id === row.keyId ? held : this.#named(row, person)];
      }),
    );
  }

  /** The row of each person who has one; under whichever secret it stands, it goes where it belongs. */
  async #rowsOf(people: readonly Person[]): Promise<Map<string, WrappedSubjectKey>> {
    const places = people.map((person) => ({ person, places: this.ring.placesOf(person) }));
    const found = await this.store.find(places.flatMap((one) => one.places));
    const byPlace = new Map(found.map((row) => [placeKey(row), row]));
    const rows = new Map<string, WrappedSubjectKey>();
    for (const { person, places: own } of places) {
      const row = own.map((place) => byPlace.get(placeKey(place))).find((one) => one !== undefined);
      if (!row) continue;
      rows.set(nameOf(person), row);
      const anew = row.pseudonym === own[0]!.pseudonym ? undefined : this.ring.rewrapped(row, person.name);
      // oxlint-disable-next-line no-await-in-loop -- each person once, while the secret is changed
      if (anew) await this.store.rewrap(row, anew);
    }
    return rows;
  }

  #named(row: WrappedSubjectKey, { name }: Person): NamedSubjectKey {
    return named(this.#unwrapped(row), name, auditNonce());
  }

  #unwrapped(row: WrappedSubjectKey): SubjectKey {
    const opened = this.ring.opened(row);
    if (opened) return subjectKeyOf(row.keyId, opened.secret);
    throw broken('SUBJECT_KEY_UNREADABLE', 'A data key was wrapped with another TOOLFLEET_AUDIT_SUBJECT_KEY.', {
      details: { tenant: row.tenant, keyId: row.keyId },
      hint: 'Name the secret that it was wrapped with in TOOLFLEET_AUDIT_SUBJECT_KEYS_FORMER.',
    });
  }
}

const nameOf = ({ tenant, name }: Person): string => `${tenant}\n${name}`;
const placeKey = ({ tenant, pseudonym }: SubjectAt): string => `${tenant}\n${pseudonym}`;
