/** A list of names and globs, as rules and tenants hold them: names are looked up, globs compared. */
import { matchesAny } from '../catalog/manifest.js';

export class Globs {
  readonly #names: ReadonlySet<string>;
  readonly #globs: readonly string[];

  /** Without an entry it matches everything. */
  constructor(readonly entries: readonly string[]) {
    this.#names = new Set(entries.filter((entry) => !entry.includes('*')));
    this.#globs = entries.filter((entry) => entry.includes('*'));
  }

  matches(text: string): boolean {
    return this.entries.length === 0 || this.#names.has(text) || matchesAny(this.#globs, text);
  }

  /** Nothing matches a list that has entries, unless one of the texts does. */
  someMatch(texts: readonly string[]): boolean {
    return this.entries.length === 0 || texts.some((text) => this.matches(text));
  }
}
