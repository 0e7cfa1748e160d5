/** Topics and tables, made before any service starts. Running it again changes nothing, also while a fleet runs. */
import { allTopics, defaultPartitions, TopicNames, type TopicName } from '@toolfleet/contracts';
import { ensureTopics, type EnsuredTopics } from '@toolfleet/platform/kafka';

/** Creates what is missing of the topic table; a topic that exists keeps its partitions. */
export function setUpTopics(brokers: readonly string[], prefix?: string): Promise<EnsuredTopics> {
  const names = new TopicNames(prefix);
  const specs = allTopics().map((topic) => ({
    name: names.of(topic.name as TopicName),
    partitions: topic.sharded ? defaultPartitions : 1,
    config: topic.config,
  }));
  return ensureTopics({ brokers, clientId: 'fleetctl' }, specs);
}
