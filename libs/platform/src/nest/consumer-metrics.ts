/** Health and figures of every consumer of a transport, read at the moment of a probe or scrape. */
import type { KafkaServer } from '../kafka/kafka-server.js';
import type { RoleContext } from './role.js';

/** One look at each consumer a scrape: its figures belong together. */
function observePartitions({ metrics: { meter }, catalogue }: RoleContext, server: KafkaServer): void {
  const isKnown = (tenant: string) => catalogue.catalogue.get('Tenant', tenant) !== undefined;
  const gauge = (name: string, description: string) => meter.createObservableGauge(name, { description });
  const gauges = {
    queueAge: gauge('toolfleet_queue_age_seconds', 'Age of the oldest record that is not finished.'),
    lag: gauge('toolfleet_consumer_partition_lag', 'Records behind the end of the partition.'),
    held: gauge('toolfleet_consumer_held', 'Records that an operator holds.'),
    blocked: gauge('toolfleet_consumer_blocked', '1: what is held fills the partition, for all tenants.'),
    paused: gauge('toolfleet_consumer_paused', '1: nothing is taken in, or an operator holds all of it.'),
    tenantAge: gauge('toolfleet_tenant_queue_age_seconds', 'The same by tenant, the oldest; the rest is `other`.'),
    concurrency: gauge('toolfleet_consumer_concurrency', 'Handlers at once: in effect and as configured.'),
  };
  meter.addBatchObservableCallback((result) => {
    for (const consumer of server.consumers) {
      const { groupId: group } = consumer;
      const { concurrency, configuredConcurrency, partitions } = consumer.stats();
      result.observe(gauges.concurrency, concurrency, { group, kind: 'effective' });
      result.observe(gauges.concurrency, configuredConcurrency, { group, kind: 'configured' });
      for (const row of partitions) {
        const labels = { group, topic: row.topic, partition: String(row.partition) };
        result.observe(gauges.queueAge, row.queueAgeMs / 1000, labels);
        result.observe(gauges.lag, row.lag, labels);
        result.observe(gauges.held, row.held, labels);
        result.observe(gauges.blocked, Number(row.blocked), labels);
        result.observe(gauges.paused, Number(row.paused), labels);
      }
      for (const { topic, tenant, queueAgeMs } of consumer.tenantAges(isKnown)) {
        result.observe(gauges.tenantAge, queueAgeMs / 1000, { group, topic, tenant });
      }
    }
  }, Object.values(gauges));
}

export function observeTransport(context: RoleContext, server: KafkaServer): void {
  const { health, metrics } = context;
  const { meter } = metrics;
  observePartitions(context, server);
  const gauges = {
    inFlight: meter.createObservableGauge('toolfleet_consumer_in_flight', { description: 'Handlers running.' }),
    waiting: meter.createObservableGauge('toolfleet_consumer_waiting', { description: 'Records in lanes.' }),
    lag: meter.createObservableGauge('toolfleet_consumer_lag', { description: 'Records behind the end.' }),
    oldest: meter.createObservableGauge('toolfleet_consumer_oldest_seconds', {
      description: 'How long the oldest unfinished record is in hand.',
    }),
    deadLettered: meter.createObservableCounter('toolfleet_consumer_dead_lettered', {
      description: 'Records that could not be handled and went to the dead letters.',
    }),
  };
  for (const consumer of server.consumers) {
    const group = consumer.groupId;
    health.register(`consumer ${group}`, () => consumer.health());
    gauges.inFlight.addCallback((result) => result.observe(consumer.stats().inFlight, { group }));
    gauges.waiting.addCallback((result) => result.observe(consumer.stats().waiting, { group }));
    gauges.oldest.addCallback((result) => result.observe(consumer.stats().oldestMs / 1000, { group }));
    gauges.deadLettered.addCallback((result) => result.observe(consumer.stats().deadLettered, { group }));
    gauges.lag.addCallback((result) => result.observe(consumer.stats().lag, { group }));
  }
}
