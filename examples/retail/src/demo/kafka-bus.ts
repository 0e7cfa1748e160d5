/** The fleet's public topics: requests in as JSON lines, outcomes out as protobuf, as any other team would use them. */
import { decodeSessionOutcome, TopicNames, type SessionOutcome } from '@toolfleet/contracts';
import { chainOf } from '@toolfleet/kernel';
import { BusProducer, readBroadcast, type KafkaConnection, type TopicReader } from '@toolfleet/platform/kafka';
import type { DemoRequest, SessionBus } from './fleet.js';

export interface KafkaBusOptions {
  readonly brokers: readonly string[];
  /** Of the fleet's topics; `toolfleet` by default. */
  readonly prefix?: string;
  /** The header by which the fleet knows the tenant's publisher; the same one for all requests. */
  readonly authorization: (tenant: string) => Promise<string>;
  readonly log: (text: string) => void;
}

export class KafkaBus implements SessionBus {
  private readonly names: TopicNames;
  private readonly connection: KafkaConnection;
  private readonly producer: BusProducer;
  private readonly readers: TopicReader[] = [];

  constructor(private readonly options: KafkaBusOptions) {
    this.names = new TopicNames(options.prefix);
    this.connection = {
      brokers: options.brokers,
      clientId: 'retail-demo',
      log: (_level, message) => options.log(message),
    };
    this.producer = new BusProducer({ connection: this.connection });
  }

  async publish(request: DemoRequest): Promise<void> {
    const authorization = await this.options.authorization(request.tenant);
    await this.producer.send({
      topic: this.names.of('session.requests'),
      key: request.requestId,
      value: Buffer.from(JSON.stringify(request)),
      headers: { 'content-type': 'application/json', authorization },
    });
  }

  async listen(onOutcome: (outcome: SessionOutcome) => void): Promise<void> {
    const reader = readBroadcast({
      connection: this.connection,
      topic: this.names.of('session.outcomes'),
      onRecord: ({ value }, tombstone) => {
        const outcome = tombstone ? undefined : this.decoded(value);
        if (outcome !== undefined) onOutcome(outcome);
      },
    });
    this.readers.push(reader);
    await reader.caughtUp;
  }

  async close(): Promise<void> {
    await Promise.all(this.readers.map((reader) => reader.close()));
    await this.producer.disconnect();
  }

  /** A reader must not throw: what cannot be read counts as not sent, and its session as lost. */
  private decoded(value: Uint8Array): SessionOutcome | undefined {
    try {
      return decodeSessionOutcome(value);
    } catch (error) {
      this.options.log(`an outcome cannot be read: ${chainOf(error).join(' <- ')}`);
      return undefined;
    }
  }
}
