/**
 * TLS and SASL of a connection from the settings. Files are read at each new connection, so certificates and tokens rotate
 * without a restart: brokers close connections whose credentials have ended, and the next one has the new ones.
 */
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { ConnectionOptions } from 'node:tls';
import { checkKafkaSecurity } from '../config/tls-settings.js';
import type { KafkaSecuritySettings } from '../config/tls-settings.js';
import type { KafkaConnection } from './connection.js';

export type KafkaSecurity = Pick<KafkaConnection, 'ssl' | 'sasl'>;

/** Throws `invalid` CONFIG_INVALID when some of what belongs together is missing. */
export function kafkaSecurityOf(settings: KafkaSecuritySettings): KafkaSecurity {
  checkKafkaSecurity(settings);
  const sasl = saslOf(settings);
  return { ...(settings.kafkaTls === 'on' && { ssl: tlsOf(settings) }), ...(sasl && { sasl }) };
}

/** Both clients copy these options for each connection, which is when the files are read. */
function tlsOf({ kafkaTlsCaPath, kafkaTlsCertPath, kafkaTlsKeyPath }: KafkaSecuritySettings): ConnectionOptions {
  const options: ConnectionOptions = {};
  const readAt = (name: 'ca' | 'cert' | 'key', path: string | undefined): void => {
    if (path !== undefined) Object.defineProperty(options, name, { enumerable: true, get: () => readFileSync(path) });
  };
  readAt('ca', kafkaTlsCaPath);
  readAt('cert', kafkaTlsCertPath);
  readAt('key', kafkaTlsKeyPath);
  return options;
}

function saslOf(settings: KafkaSecuritySettings): KafkaConnection['sasl'] {
  const { kafkaSaslMechanism: mechanism, kafkaSaslTokenPath = '' } = settings;
  if (mechanism === undefined) return undefined;
  if (mechanism === 'oauthbearer') {
    return {
      mechanism,
      oauthBearerProvider: async () => ({ value: (await readFile(kafkaSaslTokenPath, 'utf8')).trim() }),
    };
  }
  const { kafkaSaslUsername: username = '', kafkaSaslPassword } = settings;
  return { mechanism, username, password: kafkaSaslPassword?.reveal() ?? '' };
}
