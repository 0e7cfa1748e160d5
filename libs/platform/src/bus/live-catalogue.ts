/**
 * The catalogue of this process, fed by the compacted topic: ready once it has read what was there at the start, and live
 * from then on. A record that cannot be read is reported and skipped, so one bad entry never hides the others.
 */
import { catalogKeyOf, decodeCatalogEntry } from '@toolfleet/contracts';
import type { TopicNames } from '@toolfleet/contracts';
import { Catalogue } from '@toolfleet/kernel';
import type { ManifestKind } from '@toolfleet/kernel';
import type { KafkaConnection } from '../kafka/connection.js';
import type { TopicReader } from '../kafka/compacted-reader.js';
import { readCompacted } from '../kafka/compacted-reader.js';
import type { BusRecord } from '../kafka/records.js';
import type { Health } from '../telemetry/health.js';
import type { Logger } from '../telemetry/log.js';

/** `revision`: of the catalogue that it was published with; undefined for what is buried. */
type RecordListener = (key: string, revision: string | undefined) => void;

export class LiveCatalogue {
  readonly catalogue = new Catalogue();
  readonly #appliedSets = new Map<string, string>();
  readonly #listeners = new Set<() => void>();
  readonly #recordListeners = new Set<RecordListener>();
  #reader: TopicReader | undefined;
  #caughtUp = false;

  constructor(
    private readonly connection: KafkaConnection,
    private readonly names: TopicNames,
    private readonly log: Logger,
    health: Health,
  ) {
    health.register('catalogue', () => ({
      ready: this.#caughtUp,
      live: true,
      reason: this.#caughtUp ? '' : 'the catalogue is still being read',
    }));
  }

  /** Resolves when the catalogue is complete. */
  async start(): Promise<void> {
    const topic = this.names.of('catalog');
    this.#reader = readCompacted({
      connection: this.connection,
      topic,
      onRecord: (record, gone) => this.#take(record, gone),
    });
    await this.#reader.caughtUp;
    this.#caughtUp = true;
  }

  /** The applied set that an entry comes from; empty for any other. */
  appliedSetOf(kind: ManifestKind, name: string): string {
    return this.#appliedSets.get(catalogKeyOf(kind, name)) ?? '';
  }

  /** Called after every change, also while the catalogue is first read. */
  onChange(listener: () => void): void {
    this.#listeners.add(listener);
  }

  /** Told of every record, after it is taken; call what is returned to hear no more. */
  onRecord(listener: RecordListener): () => void {
    this.#recordListeners.add(listener);
    return () => void this.#recordListeners.delete(listener);
  }

  async close(): Promise<void> {
    await this.#reader?.close();
  }

  #take(record: BusRecord, tombstone: boolean): void {
    try {
      if (tombstone) {
        const [kind, ...name] = record.key.split('/');
        this.#appliedSets.delete(record.key);
        this.catalogue.remove(kind as ManifestKind, name.join('/'));
        for (const listener of this.#recordListeners) listener(record.key, undefined);
      } else {
        const { manifest, revision, appliedSet } = decodeCatalogEntry(record.value);
        this.#appliedSets.set(record.key, appliedSet);
        this.catalogue.put(manifest);
        for (const listener of this.#recordListeners) listener(record.key, revision);
      }
      for (const listener of this.#listeners) listener();
    } catch (error) {
      this.log.error({ err: error, key: record.key, offset: String(record.offset) }, 'catalogue entry skipped');
    }
  }
}
