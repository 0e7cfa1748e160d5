/** The catalogue as every service sees it: the compacted topic, read to its end. It needs the brokers only, no service. */
import type { CatalogEntry } from '@toolfleet/contracts';
import { TopicNames, decodeCatalogEntry } from '@toolfleet/contracts';
import { Catalogue, breakingChanges, toolVersionOf, unreachable } from '@toolfleet/kernel';
import type { ManifestFile, Problem } from '@toolfleet/platform/catalog';
import { raiseTheVersion, readManifests } from '@toolfleet/platform/catalog';
import { consumerSettingsHere } from './consumer-bus.js';
import { kafkaHere } from './kafka-here.js';
import { readWholeTopic } from './whole-topic.js';

/** In the order of their keys. */
export async function readLiveCatalogue(): Promise<CatalogEntry[]> {
  const { kafkaBrokers, topicPrefix } = await consumerSettingsHere();
  const topic = new TopicNames(topicPrefix).of('catalog');
  const entries = new Map<string, CatalogEntry>();
  const isRead = await readWholeTopic({
    connection: kafkaHere(kafkaBrokers, 'fleetctl-catalog', () => undefined),
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

/** Every change of a tool in these files that breaks callers of the same version which is live. */
export function breaksIn(files: readonly ManifestFile[], live: readonly CatalogEntry[]): Problem[] {
  const catalogue = new Catalogue();
  for (const { manifest } of live) catalogue.put(manifest);
  const { manifests, problems } = readManifests(files);
  const breaking = manifests.flatMap(({ manifest, problem }) => {
    if (manifest.kind !== 'Tool') return [];
    const known = toolVersionOf(catalogue, manifest.spec.name, manifest.spec.version);
    const changes = known ? breakingChanges(known, manifest.spec) : [];
    return changes.map(({ path, reason }) => problem(path, `${reason}: ${raiseTheVersion}`));
  });
  return [...problems, ...breaking];
}
