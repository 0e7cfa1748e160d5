/**
 * Which partition a record goes to. A tenant lives on a span of a few partitions, chosen by rendezvous hashing, and each
 * of its keys on one of them; the same function places records of every topic, so one tenant's storm reaches its own
 * span only. Producers always state the partition: clients' own partitioners differ from each other.
 */

/** FNV-1a with a final mix (murmur3's): uniform on short, similar keys, and the same in every process. */
export function hash32(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** The tenant's partitions, best score first. Growing `partitions` moves a tenant only onto new partitions. */
export function spanOf(tenant: string, partitions: number, width: number): readonly number[] {
  const scored = Array.from({ length: partitions }, (_, partition) => ({
    partition,
    score: hash32(`${partition}/${tenant}`),
  }));
  scored.sort((a, b) => b.score - a.score || a.partition - b.partition);
  return scored.slice(0, Math.min(width, partitions)).map((entry) => entry.partition);
}

/** The partition of a key within its tenant's span. */
export function placeIn(span: readonly number[], key: string): number {
  return span[hash32(key) % span.length]!;
}

export class Placement {
  readonly #spans = new Map<string, readonly number[]>();

  constructor(
    readonly partitions: number,
    readonly spanWidth: number,
  ) {}

  /** Where the records of `key` (a session id, a conflict key) of this tenant go. */
  partitionOf(tenant: string, key: string): number {
    return placeIn(this.span(tenant), key);
  }

  /** The one partition that orders everything of a tenant (admission). */
  homeOf(tenant: string): number {
    return this.span(tenant)[0]!;
  }

  span(tenant: string): readonly number[] {
    let span = this.#spans.get(tenant);
    if (!span) {
      // A span is cheap to derive, so the cache is simply dropped when hostile tenant names would make it grow.
      if (this.#spans.size >= 10_000) this.#spans.clear();
      span = spanOf(tenant, this.partitions, this.spanWidth);
      this.#spans.set(tenant, span);
    }
    return span;
  }
}
