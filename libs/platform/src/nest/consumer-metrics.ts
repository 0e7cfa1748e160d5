/** Health and figures of every consumer of a transport, read at the moment of a probe or scrape. */
import type { KafkaServer } from '../kafka/kafka-server.js';
import type { RoleContext } from './role.js';

export function observeTransport({ health, metrics: { meter } }: RoleContext, server: KafkaServer): void {
  const gauges = {
    inFlight: meter.createObservableGauge('toolfleet_consumer_in_flight', { description: 'Handlers running.' }),
    waiting: meter.createObservableGauge('toolfleet_consumer_waiting', { description: 'Records in lanes.' }),
    lag: meter.createObservableGauge('toolfleet_consumer_lag', { description: 'Records behind the end.' }),
    oldest: meter.createObservableGauge('toolfleet_consumer_oldest_seconds', {
      description: 'How long the oldest unfinished record is in hand.',
    }),
  };
  for (const consumer of server.consumers) {
    const group = consumer.groupId;
    health.register(`consumer ${group}`, () => consumer.health());
    gauges.inFlight.addCallback((result) => result.observe(consumer.stats().inFlight, { group }));
    gauges.waiting.addCallback((result) => result.observe(consumer.stats().waiting, { group }));
    gauges.oldest.addCallback((result) => result.observe(consumer.stats().oldestMs / 1000, { group }));
    gauges.lag.addCallback((result) => result.observe(consumer.stats().lag, { group }));
  }
}
