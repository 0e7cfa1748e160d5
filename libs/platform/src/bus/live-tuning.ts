/**
 * What operators changed about the consumers of this process, fed by the compacted topic and applied as it arrives. A change
 * ends by this process's own clock, so it ends also while the bus is away; a process that starts applies what is in force
 * before it consumes.
 */
import { decodeTuningChange } from '@toolfleet/contracts';
import type { TopicNames } from '@toolfleet/contracts';
import type { TunedConsumer, TuningChange } from '@toolfleet/kernel';
import { concurrencyChange, hasEnded, holdsOf, limits } from '@toolfleet/kernel';
import { endsWithin } from '../waits.js';
import type { KafkaConnection } from '../kafka/connection.js';
import type { ConsumerTuning } from '../kafka/consumer-options.js';
import type { TopicReader } from '../kafka/compacted-reader.js';
import { readCompacted } from '../kafka/compacted-reader.js';
import type { BusRecord } from '../kafka/records.js';
import type { Logger } from '../telemetry/log.js';

/** A topic that is not there, or not readable, must not keep a fleet from starting: it starts as configured. */
const startMsMax = 10_000;
/** Timers run on another clock than expiries; a clock that was set is noticed within this. */
const lookAgainMsMax = 30_000;

interface Tunable {
  tune(tuning: ConsumerTuning | undefined): void;
}

export class LiveTuning {
  readonly #changes = new Map<string, TuningChange>();
  readonly #served: { readonly of: TunedConsumer; readonly consumer: Tunable }[] = [];
  #reader: TopicReader | undefined;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(
    private readonly connection: KafkaConnection,
    private readonly names: TopicNames,
    private readonly log: Logger,
  ) {}

  /** The consumer follows what operators say from now on. */
  serve(of: TunedConsumer, consumer: Tunable): void {
    this.#served.push({ of, consumer });
    this.#apply();
  }

  /** Resolves when what is in force is applied, or after a bound. */
  async start(): Promise<void> {
    const { connection } = this;
    const topic = this.names.of('tuning');
    this.#reader = readCompacted({ connection, topic, onRecord: (record, gone) => this.#take(record, gone) });
    const isRead = await endsWithin(this.#reader.caughtUp, startMsMax);
    if (!isRead) this.log.warn({ topic }, 'tuning is not readable yet: consumers start as configured');
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#reader?.close();
  }

  #take(record: BusRecord, tombstone: boolean): void {
    try {
      if (tombstone) {
        if (!this.#changes.delete(record.key)) return;
        const { actor, reason } = record.headers;
        this.log.warn({ key: record.key, actor, reason }, 'tuning ended');
      } else {
        const change = decodeTuningChange(record.value);
        if (hasEnded(change, Date.now())) this.#changes.delete(record.key);
        else if (this.#changes.size >= limits.tuningChangesMax && !this.#changes.has(record.key)) {
          this.log.error({ key: record.key }, 'tuning skipped: too many changes in force');
        } else {
          this.#changes.set(record.key, change);
          this.log.warn({ ...change }, 'tuning changed');
        }
      }
      this.#apply();
    } catch (error) {
      this.log.error({ err: error, key: record.key, offset: String(record.offset) }, 'tuning skipped');
    }
  }

  #apply(): void {
    const nowMs = Date.now();
    for (const [key, change] of this.#changes) {
      if (!hasEnded(change, nowMs)) continue;
      this.#changes.delete(key);
      this.log.warn({ key, actor: change.actor }, 'tuning expired');
    }
    const changes = [...this.#changes.values()];
    for (const { of, consumer } of this.#served) {
      const mine = changes.filter(({ target }) => target.service === of.service);
      consumer.tune(mine.length === 0 ? undefined : tuningOf(mine, of, nowMs));
    }
    clearTimeout(this.#timer);
    if (changes.length === 0 || this.#closed) return;
    const nextAtMs = Math.min(...changes.map(({ expiresAtMs }) => expiresAtMs));
    this.#timer = setTimeout(() => this.#apply(), Math.min(Math.max(0, nextAtMs - nowMs), lookAgainMsMax));
    this.#timer.unref();
  }
}

function tuningOf(changes: readonly TuningChange[], of: TunedConsumer, now: number): ConsumerTuning {
  return {
    concurrency: concurrencyChange(changes, of, now)?.concurrency,
    holdsOf: (partition) => holdsOf(changes, { ...of, partition }, now),
  };
}
