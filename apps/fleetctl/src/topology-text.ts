/** The bus as a page: a table of every topic and a diagram of who writes and reads it, both from the topic table. */
import { TopicNames, allTopics } from '@toolfleet/contracts';
import type { Topic, TopicName } from '@toolfleet/contracts';
import { markdownTable } from './generated-file.js';

const dayMs = 86_400_000;
const names = new TopicNames();
const ofEveryService = ['deadletter', 'audit', 'tuning', 'consumer.status'];

export function topologyPage(): string {
  const topics = allTopics();
  return [
    '<!-- Written by `fleetctl topology --write` from libs/contracts/src/topics.ts. Do not edit. -->',
    '',
    '# Topics',
    '',
    'Every record that travels between services. Sharded topics have the same number of partitions, and the same placement',
    'of a tenant on a span of them, so that one tenant reaches its own span only. `toolfleet` is `TOOLFLEET_TOPIC_PREFIX`.',
    'The tool classes shown are the default ones; each class has a topic of its own.',
    '',
    topicTable(topics),
    '',
    '## Who writes and who reads',
    '',
    '```mermaid',
    diagram(topics),
    '```',
    '',
    '`deadletter`, `audit`, `tuning` and `consumer.status` are left out of the diagram: every service writes or reads them,',
    'operators the other way.',
    '',
  ].join('\n');
}

export function topicTable(topics: readonly Topic[]): string {
  const rows = topics.map((topic) => [
    `\`${names.of(topic.name as TopicName)}\``,
    topic.message.replace('toolfleet.', ''),
    topic.key,
    topic.sharded ? 'sharded' : '1',
    keptOf(topic),
    topic.writers.join(', '),
    topic.readers.join(', '),
    topic.purpose,
  ]);
  return markdownTable(['topic', 'message', 'key', 'partitions', 'kept', 'writers', 'readers', 'purpose'], rows);
}

function keptOf({ config }: Topic): string {
  const days = `${Number(config['retention.ms']) / dayMs} d`;
  if (config['cleanup.policy'] === undefined) return days;
  return config['retention.ms'] === undefined ? 'newest of each key' : `newest of each key, ${days}`;
}

function diagram(topics: readonly Topic[]): string {
  const shown = topics.filter(({ name }) => !ofEveryService.includes(name));
  const services = new Set(shown.flatMap(({ writers, readers }) => [...writers, ...readers]));
  const idOf = (name: string) => name.replaceAll(/[^a-z]+/g, '_').replace(/_$/, '');
  return [
    'flowchart LR',
    ...[...services].map((name) => `  ${idOf(name)}["${name}"]`),
    ...shown.map(({ name }) => `  t_${idOf(name)}(["${name}"])`),
    ...shown.flatMap(({ name, writers, readers }) => [
      ...writers.map((writer) => `  ${idOf(writer)} --> t_${idOf(name)}`),
      ...readers.map((reader) => `  t_${idOf(name)} --> ${idOf(reader)}`),
    ]),
  ].join('\n');
}
