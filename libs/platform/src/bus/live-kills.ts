/**
 * The kill switches that are thrown, fed by the compacted topic and applied as they arrive. A service that judges or runs calls
 * starts only when it knows them: one that does not would let through what somebody has stopped. A switch ends by this
 * process's own clock.
 */
import { decodeKillSwitch } from '@toolfleet/contracts';
import type { TopicNames } from '@toolfleet/contracts';
import type { Fault, KillSwitch, KillableCall } from '@toolfleet/kernel';
import { hasExpired, killedBy, killedFault, limits } from '@toolfleet/kernel';
import type { KafkaConnection } from '../kafka/connection.js';
import type { TopicReader } from '../kafka/compacted-reader.js';
import { readCompacted } from '../kafka/compacted-reader.js';
import type { BusRecord } from '../kafka/records.js';
import type { Logger } from '../telemetry/log.js';
import type { Metrics } from '../telemetry/metrics.js';

export interface LiveKillsOptions {
  readonly connection: KafkaConnection;
  readonly names: TopicNames;
  readonly log: Logger;
  readonly metrics: Pick<Metrics, 'meter'>;
  /** Told of each switch as it arrives. */
  readonly onThrown?: (thrown: KillSwitch) => void;
}

export class LiveKills {
  readonly #switches = new Map<string, KillSwitch>();
  #reader: TopicReader | undefined;

  constructor(private readonly options: LiveKillsOptions) {
    const { meter } = options.metrics;
    const gauge = (name: string, description: string) => meter.createObservableGauge(name, { description });
    gauge('toolfleet_kill_switches', 'Kill switches that are on.').addCallback((result) =>
      result.observe(this.#on(Date.now()).length),
    );
    gauge('toolfleet_kill_switch_age_seconds', 'How long the oldest of them is on.').addCallback((result) => {
      const nowMs = Date.now();
      result.observe(Math.max(0, ...this.#on(nowMs).map(({ atMs }) => nowMs - atMs)) / 1_000);
    });
  }

  /** Resolves when all that are thrown are known. */
  async start(): Promise<void> {
    const { connection, names } = this.options;
    const topic = names.of('kill');
    this.#reader = readCompacted({ connection, topic, onRecord: (record, gone) => this.#take(record, gone) });
    await this.#reader.caughtUp;
  }

  async close(): Promise<void> {
    await this.#reader?.close();
  }

  /** What a call ends in that somebody has stopped; absent: it may go on. */
  faultOf(call: KillableCall, nowMs: number): Fault | undefined {
    if (this.#switches.size === 0) return undefined;
    const thrown = killedBy(this.#switches.values(), call, nowMs);
    return thrown && killedFault(thrown);
  }

  #on(nowMs: number): KillSwitch[] {
    return [...this.#switches.values()].filter((one) => !hasExpired(one, nowMs));
  }

  #take(record: BusRecord, tombstone: boolean): void {
    const { log, onThrown } = this.options;
    try {
      if (tombstone) {
        if (!this.#switches.delete(record.key)) return;
        const { actor, reason } = record.headers;
        return log.warn({ key: record.key, actor, reason }, 'kill switch lifted');
      }
      const thrown = decodeKillSwitch(record.value);
      if (hasExpired(thrown, Date.now())) return void this.#switches.delete(record.key);
      this.#makeRoom();
      this.#switches.set(record.key, thrown);
      log.warn({ ...thrown }, 'kill switch thrown');
      onThrown?.(thrown);
    } catch (error) {
      log.error({ err: error, key: record.key, offset: String(record.offset) }, 'kill switch skipped');
    }
  }

  /** Those that are over are forgotten first; one that is thrown is never skipped for want of room. */
  #makeRoom(): void {
    if (this.#switches.size < limits.killSwitchesKept) return;
    const nowMs = Date.now();
    for (const [key, one] of this.#switches) if (hasExpired(one, nowMs)) this.#switches.delete(key);
  }
}
