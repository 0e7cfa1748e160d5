/**
 * A map and a set for entries that come and go all the time: what runs, what waits for an answer.
 *
 * V8 writes a `Map` anew when it has grown or shrunk, and its former table keeps a pointer to the next one, and its entries. Once
 * a former table has come to the old generation, each one after it is reachable from there: it gets old as well, with all that
 * stood in it, whether or not anybody still wants it, until the heap is marked as a whole. So nothing that passes such a map
 * dies young. Here the map is replaced, instead of written anew, when it has become empty or has been through often enough,
 * and a map that was replaced points to no later one (`node libs/kernel/dist/transient.bench.js`).
 *
 * In order of insertion, like the originals. Whoever iterates while others delete may still see what was deleted.
 */

/** Deletions after which a small map is replaced: rare enough to cost nothing, and long before the next collection. */
const deletionsMin = 32;

export class TransientMap<K, V> {
  #map = new Map<K, V>();
  #deletions = 0;

  get size(): number {
    return this.#map.size;
  }

  get(key: K): V | undefined {
    return this.#map.get(key);
  }

  has(key: K): boolean {
    return this.#map.has(key);
  }

  set(key: K, value: V): this {
    this.#map.set(key, value);
    return this;
  }

  /** Whether there was one. */
  delete(key: K): boolean {
    if (!this.#map.delete(key)) return false;
    this.#deletions += 1;
    const { size } = this.#map;
    if (size === 0) this.clear();
    else if (this.#deletions > Math.max(deletionsMin, 2 * size)) this.#replace(new Map(this.#map));
    return true;
  }

  clear(): void {
    this.#replace(new Map());
  }

  keys(): MapIterator<K> {
    return this.#map.keys();
  }

  values(): MapIterator<V> {
    return this.#map.values();
  }

  [Symbol.iterator](): MapIterator<[K, V]> {
    return this.#map[Symbol.iterator]();
  }

  #replace(map: Map<K, V>): void {
    this.#map = map;
    this.#deletions = 0;
  }
}

export class TransientSet<T> {
  readonly #map = new TransientMap<T, true>();

  get size(): number {
    return this.#map.size;
  }

  add(item: T): this {
    this.#map.set(item, true);
    return this;
  }

  /** Whether it was there. */
  delete(item: T): boolean {
    return this.#map.delete(item);
  }

  [Symbol.iterator](): MapIterator<T> {
    return this.#map.keys();
  }
}
