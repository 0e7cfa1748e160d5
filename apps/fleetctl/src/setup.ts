/** Topics and tables, made before any service starts. Running it again changes nothing, also while a fleet runs. */
import { allTopics, TopicNames, type TopicName } from '@toolfleet/contracts';
import { conflict } from '@toolfleet/kernel';
import { fleetSettings, type FleetSettings } from '@toolfleet/platform/config';
import { ensureTopics } from '@toolfleet/platform/kafka';
import { kafkaHere } from './kafka-here.js';

/** What of a process's settings decides the topics; every service must be given the same. */
export const busSettings = fleetSettings.pick({
  topicPrefix: true,
  partitions: true,
  toolClasses: true,
  tenantRequestTopics: true,
});
export type BusSettings = Pick<FleetSettings, 'topicPrefix' | 'partitions' | 'toolClasses'> &
  Partial<Pick<FleetSettings, 'tenantRequestTopics'>>;

export interface TopicsReport {
  readonly created: readonly string[];
  readonly kept: readonly string[];
}

/**
 * Creates what is missing of the topic table. A topic with another number of partitions than the settings say is a fault:
 * sessions are placed by that number, so a service that believes another one would look for them elsewhere.
 */
export async function setUpTopics(brokers: readonly string[], settings: BusSettings): Promise<TopicsReport> {
  const names = new TopicNames(settings.topicPrefix);
  const own = allTopics(settings.toolClasses);
  const requests = own.filter(({ name }) => name === 'session.requests');
  const ofTenants = [...(settings.tenantRequestTopics?.keys() ?? [])].flatMap((name) =>
    requests.map((topic) => ({ ...topic, name })),
  );
  const named = [...own.map((topic) => ({ ...topic, name: names.of(topic.name as TopicName) })), ...ofTenants];
  const specs = named.map(({ name, sharded, config }) => {
    return { name, partitions: sharded ? settings.partitions : 1, config };
  });
  const { created, kept, mismatched } = await ensureTopics(kafkaHere(brokers, 'fleetctl-setup'), specs);
  const [first] = mismatched;
  if (first === undefined) return { created, kept };
  throw conflict(
    'PARTITIONS_DIFFER',
    `Topic ${first.name} has ${first.found} partitions, the settings say ${first.partitions}.`,
    { hint: `Set TOOLFLEET_PARTITIONS=${first.found}, or use another TOOLFLEET_TOPIC_PREFIX.` },
  );
}
