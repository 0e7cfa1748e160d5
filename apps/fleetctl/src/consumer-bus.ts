/**
 * What `fleetctl consumers` asks of the bus and tells it: changes in force and the status of consumers from their compacted
 * topics, owners and lag from the groups themselves. It needs the brokers only, no service of the fleet.
 */
import {
  TopicNames,
  decodeConsumerStatus,
  decodeTuningChange,
  groupIdOf,
  type ConsumerStatus,
  type TopicName,
} from '@toolfleet/contracts';
import { Placement, hasEnded, unreachable } from '@toolfleet/kernel';
import type { TunedConsumer, TuningChange } from '@toolfleet/kernel';
import { Outlet } from '@toolfleet/platform/bus';
import { environmentVariable, fleetSettings, loadConfig, type FleetSettings } from '@toolfleet/platform/config';
import { BusProducer, withAdmin } from '@toolfleet/platform/kafka';
import type { BusAdmin, KafkaConnection } from '@toolfleet/platform/kafka';
import type { GroupView } from './consumer-board.js';
import { findRunningFleet } from './local/index.js';
import { kafkaHere } from './kafka-here.js';
import { readWholeTopic } from './whole-topic.js';

const consumerSettings = fleetSettings.pick({
  kafkaBrokers: true,
  topicPrefix: true,
  toolClasses: true,
  partitions: true,
  tenantSpan: true,
});
export type ConsumerSettings = Pick<FleetSettings, keyof typeof consumerSettings.shape>;

/** Without brokers in the environment, those of the fleet that `fleetctl up` runs from this directory. */
export async function consumerSettingsHere(): Promise<ConsumerSettings> {
  const isNamed = ['TOOLFLEET_KAFKA_BROKERS', 'TOOLFLEET_KAFKA_BROKERS_FILE'].some(environmentVariable);
  const local = isNamed ? undefined : (await findRunningFleet('.toolfleet'))?.addresses;
  if (local === undefined) return loadConfig(consumerSettings);
  return { ...loadConfig(consumerSettings.omit({ kafkaBrokers: true })), kafkaBrokers: [...local.brokers] };
}

export const services = ['gateway', 'policy', 'router', 'orchestrator', 'executor'] as const;

/** A person waits for the answer; the brokers are either there or not. */
const sendMsMax = 10_000;

/** Every consumer that the settings say the fleet has. */
export function consumersOf({ toolClasses }: ConsumerSettings): TunedConsumer[] {
  return services.flatMap((service): TunedConsumer[] =>
    service === 'executor' ? toolClasses.map((toolClass) => ({ service, toolClass })) : [{ service }],
  );
}

export class ConsumerBus {
  readonly #names: TopicNames;
  readonly #connection: KafkaConnection;

  constructor(private readonly settings: ConsumerSettings) {
    this.#names = new TopicNames(settings.topicPrefix);
    this.#connection = kafkaHere(settings.kafkaBrokers, 'fleetctl-consumers', () => undefined);
  }

  /** By key; those that have ended are left out. */
  async changes(): Promise<Map<string, TuningChange>> {
    const changes = await this.#whole('tuning', decodeTuningChange);
    const now = Date.now();
    return new Map([...changes].filter(([, change]) => !hasEnded(change, now)));
  }

  async statuses(): Promise<ConsumerStatus[]> {
    return [...(await this.#whole('consumer.status', decodeConsumerStatus)).values()];
  }

  groups(consumers: readonly TunedConsumer[], statuses: readonly ConsumerStatus[]): Promise<GroupView[]> {
    return withAdmin(this.#connection, (admin) =>
      Promise.all(consumers.map((consumer) => this.#group(admin, consumer, statuses))),
    );
  }

  /** Resolves when the bus has what was told. */
  async tell(say: (outlet: Outlet) => Promise<void>): Promise<void> {
    const producer = new BusProducer({ connection: this.#connection, deadlineMs: sendMsMax });
    try {
      await say(new Outlet(producer, this.#names, new Placement(this.settings.partitions, this.settings.tenantSpan)));
    } finally {
      await producer.disconnect();
    }
  }

  async #group(admin: BusAdmin, consumer: TunedConsumer, statuses: readonly ConsumerStatus[]): Promise<GroupView> {
    const group = groupIdOf(this.settings.topicPrefix, consumer.service, consumer.toolClass);
    const facts = await admin.group(group);
    const nowMs = Date.now();
    const mine = statuses.filter((status) => status.group === group);
    const partitions = await Promise.all(
      facts.partitions.map(async (row) => {
        const { topic, partition, committed, lag } = row;
        const owner = facts.members.find(({ assigned }) => assigned.get(topic)?.includes(partition));
        const status = mine.find(({ memberId }) => memberId === owner?.memberId);
        const known = status?.partitions.find((each) => each.topic === topic && each.partition === partition);
        // What the owner has in hand it knows to the millisecond; of the rest only the cluster knows.
        const ageMs =
          lag === 0n
            ? 0
            : status && known && known.queueAgeMs > 0
              ? known.queueAgeMs + Math.max(0, nowMs - status.atMs)
              : await admin.ageMs(topic, partition, committed ?? row.high - lag, nowMs);
        return { topic, partition, lag: Number(lag), ageMs, owner, status, known };
      }),
    );
    return { consumer, group, partitions };
  }

  async #whole<T>(name: TopicName, decode: (bytes: Uint8Array) => T): Promise<Map<string, T>> {
    const entries = new Map<string, T>();
    const isRead = await readWholeTopic({
      connection: this.#connection,
      topic: this.#names.of(name),
      onRecord: ({ key, value }, tombstone) => {
        entries.delete(key);
        if (!tombstone) entries.set(key, decode(value));
      },
    });
    if (isRead) return entries;
    throw unreachable('TOPIC_UNREADABLE', `The topic ${this.#names.of(name)} cannot be read.`, {
      hint: 'Check TOOLFLEET_KAFKA_BROKERS and TOOLFLEET_TOPIC_PREFIX, or create it with `fleetctl setup`.',
    });
  }
}
