/** The catalogue as every service sees it: the compacted topic, read to its end. It needs the brokers only, no service. */
import type { CatalogEntry } from '@toolfleet/contracts';
import { TopicNames, decodeCatalogEntry } from '@toolfleet/contracts';
import { unreachable } from '@toolfleet/kernel';
import { consumerSettingsHere } from './consumer-bus.js';
import { readWholeTopic } from './whole-topic.js';

/** In the order of their keys. */
export async function readLiveCatalogue(): Promise<CatalogEntry[]> {
  const { kafkaBrokers, topicPrefix } = await consumerSettingsHere();
  const topic = new TopicNames(topicPrefix).of('catalog');
  const entries = new Map<string, CatalogEntry>();
  const isRead = await readWholeTopic({
    connection: { brokers: kafkaBrokers, clientId: 'fleetctl-catalog', log: () => undefined },
    topic,
    onRecord: ({ key, value }, tombstone) => {
      if (tombstone) entries.delete(key);
      else entries.set(key, decodeCatalogEntry(value));
    },
  });
  if (isRead) return [...entries.keys()].toSorted().map((key) => entries.get(key)!);
  throw unreachable('TOPIC_UNREADABLE', `The topic ${topic} cannot be read.`, {
    hint: 'Check TOOLFLEET_KAFKA_BROKERS and TOOLFLEET_TOPIC_PREFIX, or create it with `fleetctl setup`.',
  });
}
