/** Topics and tables, made before any service starts. Running it again changes nothing, also while a fleet runs. */
import { allTopics, TopicNames, type TopicName } from '@toolfleet/contracts';
import { conflict } from '@toolfleet/kernel';
import { fleetSettings, type FleetSettings } from '@toolfleet/platform/config';
import { ensureTopics, withAdmin } from '@toolfleet/platform/kafka';
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

const timestampType = 'message.timestamp.type';

/**
 * Creates what is missing of the topic table, and has whose time counts set where tokens are held against it. A topic with another number of partitions than the settings say is a fault:
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
    return { name, partitions: sharded ? settings.partitions : 1, config: config as Readonly<Record<string, string>> };
  });
  const connection = kafkaHere(brokers, 'fleetctl-setup');
  const { created, kept, mismatched } = await ensureTopics(connection, specs);
  await withAdmin(connection, async (admin) => {
    for (const { name, config } of specs.filter((spec) => kept.includes(spec.name) && timestampType in spec.config)) {
      // Otherwise a publisher could date a record back to when its token still counted.
      // oxlint-disable-next-line no-await-in-loop -- a few topics
      await admin.ensureConfig(name, { [timestampType]: config[timestampType]! });
    }
  });
  const [first] = mismatched;
  if (first === undefined) return { created, kept };
  throw conflict(
    'PARTITIONS_DIFFER',
    `Topic ${first.name} has ${first.found} partitions, the settings say ${first.partitions}.`,
    { hint: `Set TOOLFLEET_PARTITIONS=${first.found}, or use another TOOLFLEET_TOPIC_PREFIX.` },
  );
}
