/** Sends of commands that need the brokers only, over the same connection as a service's. */
import { TopicNames } from '@toolfleet/contracts';
import { Placement } from '@toolfleet/kernel';
import { Outlet } from '@toolfleet/platform/bus';
import { BusProducer } from '@toolfleet/platform/kafka';
import { consumerSettingsHere } from './consumer-bus.js';
import { kafkaHere } from './kafka-here.js';

const sendWithinMs = 15_000;

export async function withOutlet(clientId: string, work: (outlet: Outlet) => Promise<void>): Promise<void> {
  const { kafkaBrokers, topicPrefix, partitions, tenantSpan } = await consumerSettingsHere();
  const producer = new BusProducer({ connection: kafkaHere(kafkaBrokers, clientId), deadlineMs: sendWithinMs });
  try {
    await work(new Outlet(producer, new TopicNames(topicPrefix), new Placement(partitions, tenantSpan)));
  } finally {
    await producer.disconnect();
  }
}
