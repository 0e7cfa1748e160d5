/**
 * Reads a broadcast only while somebody wants it. Session events read for nobody cost a quarter of what the bus costs a session that
 * comes alone; outcomes, of which a storm makes one for every refusal, 2 % of the services' busiest thread.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { TopicReader } from '@toolfleet/platform/kafka';

export interface WhileWantedOptions {
  /** Records are missed no more: what fell before has to be looked for elsewhere. */
  readonly caughtUp?: () => void;
  /** A reader takes some 100 ms to join; clients that come back within this time find it there. */
  readonly lingerMs?: number;
}

const lingerMsDefault = 60_000;
/** The bus answers in milliseconds where it ends, or is away for longer than anybody would wait for a courtesy. */
const listeningMsMax = 1_000;

export class BroadcastWhileWanted {
  #reader: TopicReader | undefined;
  #listening: Promise<void> | undefined;
  #leaving: NodeJS.Timeout | undefined;
  #closing: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(
    private readonly open: () => TopicReader,
    private readonly options: WhileWantedOptions = {},
  ) {}

  /** `holders` want it until the next call; wanted by none of them it lingers, from this call on. */
  wanted(holders: number): void {
    if (this.#closed) return;
    if (holders > 0) {
      clearTimeout(this.#leaving);
      this.#leaving = undefined;
    } else if (this.#leaving) {
      this.#leaving.refresh();
    } else {
      this.#leaving = setTimeout(() => this.#leave(), this.options.lingerMs ?? lingerMsDefault).unref();
    }
    if (this.#reader === undefined) this.#read();
  }

  /**
   * Of what is on the bus later than this, nothing is missed while it is wanted. Undefined: now already. Never rejects; a bus that is
   * away is waited for a second.
   */
  listening(): Promise<void> | undefined {
    return this.#listening && Promise.race([this.#listening, sleep(listeningMsMax, undefined, { ref: false })]);
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#leaving);
    this.#leave();
    await this.#closing;
  }

  #read(): void {
    const reader = (this.#reader = this.open());
    const caughtUp = (): void => {
      if (this.#reader !== reader) return;
      this.#listening = undefined;
      this.options.caughtUp?.();
    };
    this.#listening = reader.caughtUp.then(caughtUp, () => undefined);
  }

  #leave(): void {
    const reader = this.#reader;
    this.#reader = this.#listening = this.#leaving = undefined;
    if (reader !== undefined) this.#closing = Promise.all([this.#closing, reader.close()]).then(() => undefined);
  }
}
