/**
 * The applied sets as this router knows them. What another router stored is seen within a quarter of a second, by a question
 * of one row. While the database is away the sets last seen stay; without ever having seen them no catalogue is made, because
 * one without them would take their tools away.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { SetFile, SetRevision } from '@toolfleet/contracts';
import { chainOf, conflict } from '@toolfleet/kernel';
import type { ManifestFile } from '@toolfleet/platform/catalog';
import type { ManifestSetStore } from '@toolfleet/platform/postgres';
import type { Logger } from '@toolfleet/platform/telemetry';
import { manifestFilesOf } from './set-files.js';

export interface AppliedSet {
  readonly head: SetRevision;
  readonly files: readonly SetFile[];
}

export interface AppliedSets {
  readonly version: number;
  /** By name; those that were removed are there without files. */
  readonly sets: ReadonlyMap<string, AppliedSet>;
}

/** With one row by its key asked four times a second, an applied set is live at every router within a second. */
const pollMs = 250;

export class ManifestSets {
  readonly #stopped = new AbortController();
  #known: AppliedSets | undefined;
  #away = false;
  #loop: Promise<void> | undefined;

  constructor(
    private readonly store: ManifestSetStore,
    private readonly log: Logger,
  ) {}

  /** From now on told of every change. */
  follow(onChange: () => void): void {
    this.#loop = this.#poll(onChange);
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#loop;
  }

  /** As they are in the database. Throws `unreachable`. */
  async fresh(): Promise<AppliedSets> {
    const before = this.#known;
    if (before && (await this.store.version()) === before.version) return before;
    const { version, heads } = await this.store.heads();
    const sets = await Promise.all(heads.map((head) => this.#setAt(head, before)));
    // A question that took longer must not bring back what a later one has replaced.
    if (!this.#known || this.#known.version <= version) {
      this.#known = { version, sets: new Map(sets.map((set) => [set.head.set, set])) };
    }
    return this.#known;
  }

  /** As they are, or as they were last seen. */
  async current(): Promise<AppliedSets> {
    try {
      const sets = await this.fresh();
      this.#away = false;
      return sets;
    } catch (error) {
      if (!this.#known) throw error;
      if (!this.#away) this.log.warn({ causes: chainOf(error) }, 'applied sets cannot be read; those last seen stay');
      this.#away = true;
      return this.#known;
    }
  }

  async #setAt(head: SetRevision, before: AppliedSets | undefined): Promise<AppliedSet> {
    const known = before?.sets.get(head.set);
    if (known?.head.revision === head.revision) return known;
    const files = head.files === 0 ? [] : await this.store.files(head.set, head.revision);
    // Fifty newer ones came meanwhile. Without its files the set would seem to be removed.
    if (!files) throw conflict('SET_REVISION_GONE', `Revision ${head.revision} of ${head.set} is not kept any more.`);
    return { head, files };
  }

  async #poll(onChange: () => void): Promise<void> {
    const { signal } = this.#stopped;
    let told: number | undefined;
    while (!signal.aborted) {
      // oxlint-disable-next-line no-await-in-loop -- one question after another
      await sleep(pollMs, undefined, { signal }).catch(() => undefined);
      // oxlint-disable-next-line no-await-in-loop -- a pass of the catalogue tells of what cannot be read
      const now = signal.aborted ? undefined : await this.current().catch(() => undefined);
      if (!now || now.version === told) continue;
      told = now.version;
      onChange();
    }
  }
}

/** In the order of their names, one of them with other files and last, so that what clashes is reported in these. */
export function filesOfSets({ sets }: AppliedSets, other?: { set: string; files: readonly SetFile[] }): ManifestFile[] {
  const names = [...sets.keys()].filter((name) => name !== other?.set).toSorted();
  return [
    ...names.flatMap((name) => manifestFilesOf(name, sets.get(name)!.files)),
    ...(other ? manifestFilesOf(other.set, other.files) : []),
  ];
}
