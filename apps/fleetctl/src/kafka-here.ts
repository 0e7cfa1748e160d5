/** How commands reach the brokers: as the settings of a service say, read from the environment. */
import { kafkaSecuritySettings, loadConfig } from '@toolfleet/platform/config';
import { kafkaSecurityOf, type KafkaConnection, type KafkaLog } from '@toolfleet/platform/kafka';

export function kafkaHere(brokers: readonly string[], clientId: string, log?: KafkaLog): KafkaConnection {
  const security = kafkaSecurityOf(loadConfig(kafkaSecuritySettings));
  return { brokers, clientId, ...security, ...(log === undefined ? {} : { log }) };
}
