/**
 * A Kafka client library behind our two ports, group member and producer. Which one a process uses is a part of its
 * connection, so producers, consumer groups and topic readers of one process use the same. Admin calls are kafkajs's
 * always: they are few, and nothing waits for them.
 */
import type { KafkaConnection } from './connection.js';
import type { DriverName } from './driver-names.js';
import type { MemberFactory } from './group-member.js';
import { kafkajsMember } from './kafkajs-member.js';
import { openKafkajsProducer } from './kafkajs-producer.js';
import type { OpenProducer } from './producer-client.js';

export interface KafkaDriver {
  readonly name: DriverName;
  readonly memberOf: MemberFactory;
  readonly openProducer: OpenProducer;
}

const kafkajsDriver: KafkaDriver = { name: 'kafkajs', memberOf: kafkajsMember, openProducer: openKafkajsProducer };

/** The driver of a connection that names none is kafkajs: figures of both and why are in ARCHITECTURE.md, decision 27. */
export function driverOf({ driver }: KafkaConnection): KafkaDriver {
  return driver ?? kafkajsDriver;
}

/** The second library takes 1 s of CPU and 40 MB to load (kafkajs 0.1 s), so only a process that uses it loads it. */
export async function loadDriver(name: DriverName): Promise<KafkaDriver> {
  if (name === 'kafkajs') return kafkajsDriver;
  const [{ platformaticMember }, { openPlatformaticProducer }] = await Promise.all([
    import('./platformatic-member.js'),
    import('./platformatic-producer.js'),
  ]);
  return { name, memberOf: platformaticMember, openProducer: openPlatformaticProducer };
}
