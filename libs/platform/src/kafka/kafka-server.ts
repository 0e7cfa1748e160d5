/**
 * The Nest transport over keyed consumers: ordinary handlers (`@BusPattern`), one or more consumer groups, and between them
 * nothing but a function call. Nest's own Kafka server can neither batch, pause nor bound, and answers failures instead of
 * reporting them; here a handler's own error reaches the consumer's one catch, provided a filter lets it through
 * (Nest's default filter would replace it by "Internal server error").
 */
import type { CustomTransportStrategy, MessageHandler } from '@nestjs/microservices';
import { Server } from '@nestjs/microservices';
import { broken, conflict } from '@toolfleet/kernel';
import { isObservable, lastValueFrom } from 'rxjs';
import type { KeyedConsumerOptions } from './consumer-options.js';
import { KeyedConsumer } from './keyed-consumer.js';
import type { BusRecord, Delivery } from './records.js';

export interface KafkaGroup {
  readonly groupId: string;
  /** `pattern` is what handlers name in @BusPattern, `topic` the name on the bus. */
  readonly topics: readonly { readonly pattern: string; readonly topic: string }[];
}

export interface KafkaServerOptions extends Omit<KeyedConsumerOptions, 'groupId' | 'topics'> {
  readonly transportId: symbol;
  readonly groups: readonly KafkaGroup[];
  /** How long close() finishes what is in hand. */
  readonly drainMs: number;
}

export class KafkaServer extends Server implements CustomTransportStrategy {
  override readonly transportId: symbol;
  /** Tells Nest that failures are ours to see, so that it does not also log them. */
  override readonly propagatesEventHandlerErrors = true;
  readonly consumers: readonly KeyedConsumer[];
  readonly #drainMs: number;
  readonly #patterns = new Map<string, string>();
  readonly #handlers = new Map<string, MessageHandler>();

  constructor(options: KafkaServerOptions) {
    super();
    const { transportId, groups, drainMs, ...shared } = options;
    this.transportId = transportId;
    this.#drainMs = drainMs;
    for (const { pattern, topic } of groups.flatMap((group) => group.topics)) {
      if (this.#patterns.has(topic)) {
        throw conflict('TOPIC_TWICE', 'A transport serves a topic once.', { details: { topic } });
      }
      this.#patterns.set(topic, pattern);
    }
    const handle = (record: BusRecord, delivery: Delivery) => this.#handle(record, delivery);
    this.consumers = groups.map(
      ({ groupId, topics }) =>
        new KeyedConsumer({ ...shared, groupId, topics: topics.map(({ topic }) => topic) }, handle),
    );
  }

  async listen(callback: (error?: unknown) => void): Promise<void> {
    const failure = await this.#start().then(
      () => undefined,
      (error: unknown) => error,
    );
    callback(failure);
  }

  /** Drains every group side by side: each has the whole time. */
  async close(): Promise<void> {
    await Promise.all(this.consumers.map((consumer) => consumer.drain(this.#drainMs)));
  }

  on(): this {
    throw broken('NO_TRANSPORT_EVENTS', 'This transport has no events of its own: ask its consumers for their health.');
  }

  unwrap<T>(): T {
    return this.consumers as T;
  }

  async #start(): Promise<void> {
    for (const [topic, pattern] of this.#patterns) {
      const handler = this.getHandlerByPattern(pattern);
      // A topic that is read and not handled would lose its records one by one; better not to start.
      if (handler === null) throw broken('NO_HANDLER', 'No handler for this pattern.', { details: { topic, pattern } });
      this.#handlers.set(topic, handler);
    }
    await Promise.all(this.consumers.map((consumer) => consumer.start()));
  }

  async #handle(record: BusRecord, delivery: Delivery): Promise<void> {
    const handler = this.#handlers.get(record.topic);
    if (handler === undefined) throw broken('NO_HANDLER', 'No handler for this topic.');
    const result: unknown = await handler(record, delivery);
    // Interceptors and filters answer with streams; a plain handler never pays for one.
    if (isObservable(result)) await lastValueFrom(result, { defaultValue: undefined });
  }
}
