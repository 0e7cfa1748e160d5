/**
 * Reads the broadcast of session events only while somebody watches: read for nobody it costs a quarter of what the bus
 * costs a session that comes alone. A watch need not wait for it, because it begins with the store; once the reader
 * misses nothing any more, `caughtUp` says so, and what fell in between is in the store too.
 */
import type { TopicReader } from '@toolfleet/platform/kafka';

/** A reader takes some 100 ms to join; clients that come back within a minute find it there. */
const lingerMsDefault = 60_000;

export class EventsWhileWatched {
  #reader: TopicReader | undefined;
  #leaving: NodeJS.Timeout | undefined;
  #closing: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(
    private readonly open: () => TopicReader,
    private readonly caughtUp: () => void,
    private readonly lingerMs = lingerMsDefault,
  ) {}

  watchers(count: number): void {
    if (count === 0) {
      this.#leaving ??= setTimeout(() => this.#leave(), this.lingerMs).unref();
      return;
    }
    clearTimeout(this.#leaving);
    this.#leaving = undefined;
    if (this.#reader !== undefined || this.#closed) return;
    const reader = (this.#reader = this.open());
    reader.caughtUp.then(
      () => this.#reader === reader && this.caughtUp(),
      () => undefined,
    );
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#leaving);
    this.#leave();
    await this.#closing;
  }

  #leave(): void {
    const reader = this.#reader;
    this.#reader = this.#leaving = undefined;
    if (reader !== undefined) this.#closing = Promise.all([this.#closing, reader.close()]).then(() => undefined);
  }
}
