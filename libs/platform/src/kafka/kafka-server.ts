/** The Nest transport over keyed consumers. */
import type { CustomTransportStrategy } from '@nestjs/microservices';
import { Server } from '@nestjs/microservices';
import type { KeyedConsumerOptions } from './consumer-options.js';
import type { KeyedConsumer } from './keyed-consumer.js';

export interface KafkaGroup {
  readonly groupId: string;
  /** `pattern` is what handlers name in @EventPattern, `topic` the name on the bus. */
  readonly topics: readonly { readonly pattern: string; readonly topic: string }[];
}

export interface KafkaServerOptions extends Omit<KeyedConsumerOptions, 'groupId' | 'topics'> {
  readonly transportId: symbol;
  readonly groups: readonly KafkaGroup[];
  /** How long close() finishes what is in hand. */
  readonly drainMs: number;
}

export declare class KafkaServer extends Server implements CustomTransportStrategy {
  constructor(options: KafkaServerOptions);
  readonly consumers: readonly KeyedConsumer[];
  listen(callback: (error?: unknown) => void): void;
  close(): Promise<void>;
  on(): this;
  unwrap<T>(): T;
}
