/** The fleet's public topics as another team would use them: protobuf requests in, outcomes out, nothing committed. */
import {
  decodeCatalogEntry,
  decodeSessionOutcome,
  encodeSessionRequest,
  TopicNames,
  type SessionOutcome,
  type TopicName,
} from '@toolfleet/contracts';
import { Catalogue, limits, missing, type SessionRequest } from '@toolfleet/kernel';
import {
  BusProducer,
  readBroadcast,
  readCompacted,
  type BusRecord,
  type KafkaConnection,
  type OutgoingRecord,
  type TopicReader,
} from '@toolfleet/platform/kafka';

/** Who may start which agent, as the fleet's catalogue says. */
export interface Starters {
  readonly tenants: readonly string[];
  readonly agent: string;
}

export class BenchBus {
  private readonly names = new TopicNames();
  private readonly readers: TopicReader[] = [];
  private readonly connection: KafkaConnection;
  private readonly producer: BusProducer;
  private published = 0;

  /** `authorization` gives the header of a tenant's publisher, the same one for all of its requests. */
  constructor(
    brokers: readonly string[],
    private readonly authorization: (tenant: string) => Promise<string>,
    log: (text: string) => void,
  ) {
    this.connection = { brokers, clientId: 'bench', log: (_level, message) => log(message) };
    this.producer = new BusProducer({ connection: this.connection });
  }

  /** Calls `onOutcome` at least once for each outcome from now on, and `onUnreadable` for a record that is none. */
  async open(onOutcome: (outcome: SessionOutcome) => void, onUnreadable: (cause: unknown) => void): Promise<void> {
    await this.producer.connect();
    await this.watch('session.outcomes', ({ value }) => {
      try {
        onOutcome(decodeSessionOutcome(value));
      } catch (error) {
        onUnreadable(error);
      }
    });
  }

  /** Every record of the topic from the moment this resolves: at once, or up to `mayWaitMs` later and in company. */
  async watch(name: TopicName, onRecord: (record: BusRecord) => void, mayWaitMs?: number): Promise<void> {
    const reader = readBroadcast({ connection: this.connection, topic: this.names.of(name), onRecord, mayWaitMs });
    this.readers.push(reader);
    await reader.caughtUp;
  }

  /** A record as nobody of the fleet would write it. */
  send(name: TopicName, record: Omit<OutgoingRecord, 'topic'>): Promise<void> {
    return this.producer.send({ ...record, topic: this.names.of(name) });
  }

  /**
   * Partitions in turn, so that no part of the fleet's way in is idle; requests of one `batch` go to one partition, like those that a
   * producer lets linger.
   */
  async publish(request: SessionRequest, batch = this.published++): Promise<void> {
    const authorization = await this.authorization(request.tenant);
    await this.producer.send({
      topic: this.names.of('session.requests'),
      partition: batch % limits.partitions,
      key: request.requestId,
      value: encodeSessionRequest(request),
      headers: { 'content-type': 'application/protobuf', authorization },
    });
  }

  /** The agent of the first tenant, and all tenants that may start it: a catalogue from outside names its own. */
  async starters(): Promise<Starters> {
    const catalogue = new Catalogue();
    const reader = readCompacted({
      connection: this.connection,
      topic: this.names.of('catalog'),
      onRecord: ({ value }, gone) => {
        if (!gone) catalogue.put(decodeCatalogEntry(value).manifest);
      },
    });
    try {
      await reader.caughtUp;
    } finally {
      await reader.close();
    }
    const agent = catalogue.all('Tenant').flatMap(({ agents }) => agents)[0];
    if (agent === undefined) throw missing('AGENT_MISSING', 'No tenant of the catalogue may start an agent.');
    const tenants = catalogue.all('Tenant').filter(({ agents }) => agents.includes(agent));
    return { tenants: tenants.map(({ name }) => name), agent };
  }

  async close(): Promise<void> {
    await Promise.all(this.readers.map((reader) => reader.close()));
    await this.producer.disconnect();
  }
}
