/**
 * A connection as `@platformatic/kafka` wants it. Its own retries are off everywhere: what is tried again, and for how
 * long, is decided by our loops, because a retry of the library may carry a commit into a later generation of its group.
 */
import type { BaseOptions, SASLOptions } from '@platformatic/kafka';
import { invalid } from '@toolfleet/kernel';
import { clientIdOf, type KafkaConnection } from './connection.js';

/** New partitions and moved leaders are noticed by an error, which asks anew; this only bounds what no error tells. */
const metadataMaxAgeMs = 60_000;

export function platformaticOptions(connection: KafkaConnection): BaseOptions {
  const { brokers, ssl, sasl } = connection;
  return {
    bootstrapBrokers: [...brokers],
    clientId: clientIdOf(connection),
    connectTimeout: connection.connectionTimeoutMs ?? 3_000,
    requestTimeout: connection.requestTimeoutMs ?? 10_000,
    metadataMaxAge: metadataMaxAgeMs,
    autocreateTopics: false,
    retries: 0,
    ...(ssl === undefined || ssl === false ? {} : { tls: ssl === true ? {} : ssl, tlsServerName: true }),
    ...(sasl === undefined ? {} : { sasl: saslOf(sasl) }),
  };
}

function saslOf(sasl: NonNullable<KafkaConnection['sasl']>): SASLOptions {
  switch (sasl.mechanism) {
    case 'plain':
      return { mechanism: 'PLAIN', username: sasl.username, password: sasl.password };
    case 'scram-sha-256':
      return { mechanism: 'SCRAM-SHA-256', username: sasl.username, password: sasl.password };
    case 'scram-sha-512':
      return { mechanism: 'SCRAM-SHA-512', username: sasl.username, password: sasl.password };
    case 'oauthbearer':
      return { mechanism: 'OAUTHBEARER', token: async () => (await sasl.oauthBearerProvider()).value };
    case 'aws':
      throw invalid('SASL_UNSUPPORTED', 'This Kafka client does not speak the AWS mechanism of kafkajs.');
  }
}
