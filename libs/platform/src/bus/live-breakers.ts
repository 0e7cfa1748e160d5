/**
 * The breakers of a process shared with the fleet over the compacted topic: what this process sees for itself is told to
 * the others, what they saw is followed, and an operator's word is kept until it expires. A record never holds a breaker
 * open by itself: each circuit lets its own probes through when the record's time is over, and whatever was lost or comes
 * late is void by then. Of two records of one upstream the later counts, of equal times the greater instance.
 */
import type { BreakerOverride, BreakerState as SeenState } from '@toolfleet/contracts';
import { decodeBreakerRecord, upstreamOfOverrideKey } from '@toolfleet/contracts';
import { circuitStates, keepNewest, limits } from '@toolfleet/kernel';
import type { CircuitState } from '@toolfleet/kernel';
import type { Breaker, BreakerChange, Breakers } from '../breaker/index.js';
import type { TopicReader } from '../kafka/compacted-reader.js';
import { readCompacted } from '../kafka/compacted-reader.js';
import type { KafkaConnection } from '../kafka/connection.js';
import type { BusRecord } from '../kafka/records.js';
import type { Logger } from '../telemetry/log.js';
import type { Outlet } from './outlet.js';

export interface LiveBreakersOptions {
  readonly breakers: Breakers;
  readonly connection: KafkaConnection;
  readonly outlet: Outlet;
  readonly instance: string;
  readonly log: Pick<Logger, 'warn' | 'error'>;
}

/** Upstreams remembered, newest last: as many as there may be breakers. */
const upstreamsMax = 1_024;

export class LiveBreakers {
  readonly #overrides = new Map<string, BreakerOverride>();
  readonly #seen = new Map<string, SeenState>();
  #reader: TopicReader | undefined;

  constructor(private readonly options: LiveBreakersOptions) {
    options.breakers.onChange((change) => this.#changed(change));
    options.breakers.onMade((breaker) => this.#made(breaker));
  }

  /** Resolves when what the fleet knows is known here. */
  async start(): Promise<void> {
    const { connection, outlet } = this.options;
    const topic = outlet.names.of('breaker');
    this.#reader = readCompacted({ connection, topic, onRecord: (record, gone) => this.#take(record, gone) });
    await this.#reader.caughtUp;
  }

  async close(): Promise<void> {
    await this.#reader?.close();
  }

  #take(record: BusRecord, tombstone: boolean): void {
    try {
      if (tombstone) return this.#withdraw(upstreamOfOverrideKey(record.key));
      const read = decodeBreakerRecord(record.value);
      if (read.type === 'state') this.#follow(read);
      else this.#force(read);
    } catch (error) {
      this.options.log.error({ err: error, key: record.key, offset: String(record.offset) }, 'breaker record skipped');
    }
  }

  #withdraw(upstream: string | undefined): void {
    if (upstream === undefined || !this.#overrides.delete(upstream)) return;
    this.options.breakers.known(upstream)?.force(undefined);
  }

  #force(override: BreakerOverride): void {
    remember(this.#overrides, override);
    this.options.breakers.known(override.upstream)?.force(override);
  }

  #follow(seen: SeenState): void {
    const before = this.#seen.get(seen.upstream);
    // A clock far ahead would otherwise have the last word for ever.
    if (seen.atMs > Date.now() + limits.clockSkewMs || (before && !isLater(seen, before))) return;
    remember(this.#seen, seen);
    if (seen.instance === this.options.instance) return;
    this.options.breakers.known(seen.upstream)?.follow(seen.state, seen.expiresAtMs);
  }

  #made(breaker: Breaker): void {
    const override = this.#overrides.get(breaker.name);
    if (override) breaker.force(override);
    const seen = this.#seen.get(breaker.name);
    if (seen) breaker.follow(seen.state, seen.expiresAtMs);
  }

  /** Not waited for: a breaker works alone, too. */
  #changed({ name, state, own, untilMs }: BreakerChange): void {
    this.options.log.warn({ name, state, own }, 'breaker changed');
    if (!own || !circuitStates.includes(state as CircuitState)) return;
    const { outlet, instance, log } = this.options;
    const atMs = Math.max(Date.now(), (this.#seen.get(name)?.atMs ?? 0) + 1);
    const expiresAtMs = state === 'open' ? Math.ceil(untilMs) : 0;
    const seen: SeenState = {
      type: 'state',
      upstream: name,
      state: state as CircuitState,
      instance,
      atMs,
      expiresAtMs,
    };
    remember(this.#seen, seen);
    outlet.breaker(seen).catch((error: unknown) => log.warn({ err: error, name }, 'breaker change not told'));
  }
}

const isLater = (seen: SeenState, before: SeenState) =>
  seen.atMs > before.atMs || (seen.atMs === before.atMs && seen.instance > before.instance);

function remember<T extends { readonly upstream: string }>(map: Map<string, T>, value: T): void {
  keepNewest(map, value.upstream, value, upstreamsMax);
}
