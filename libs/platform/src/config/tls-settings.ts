/** How a process is secured towards the brokers and other services: paths, because what they name is read anew when it changes. */
import { invalid } from '@toolfleet/kernel';
import { z } from 'zod';
import { secretSetting } from './settings.js';

const path = z.string().min(1);

export const kafkaSecuritySettings = z.object({
  kafkaTls: z
    .enum(['off', 'on'])
    .default('off')
    .describe('Whether the brokers are spoken to over TLS. On wherever they are not on this machine.'),
  kafkaTlsCaPath: path.optional().describe('PEM of the authorities that sign brokers. Absent: those that Node knows.'),
  kafkaTlsCertPath: path.optional().describe('PEM of the certificate that brokers know this process by.'),
  kafkaTlsKeyPath: path.optional().describe('PEM of its key.'),
  kafkaSaslMechanism: z
    .enum(['plain', 'scram-sha-256', 'scram-sha-512', 'oauthbearer'])
    .optional()
    .describe('How this process names itself to the brokers. Absent: it does not.'),
  kafkaSaslUsername: z.string().min(1).optional().describe('Its principal, for PLAIN and SCRAM.'),
  kafkaSaslPassword: secretSetting.optional().describe('Its password, for PLAIN and SCRAM. A new one takes a restart.'),
  kafkaSaslTokenPath: path
    .optional()
    .describe('File with its token, for OAUTHBEARER; read at each connection, as Kubernetes renews it.'),
});
export type KafkaSecuritySettings = z.infer<typeof kafkaSecuritySettings>;

export const grpcTlsSettings = z.object({
  grpcTlsCertPath: path
    .optional()
    .describe('PEM of the certificate of the gRPC server, and of calls to other services. Absent: no TLS.'),
  grpcTlsKeyPath: path.optional().describe('PEM of its key.'),
  grpcTlsCaPath: path.optional().describe('PEM of the authorities that sign the services of the fleet.'),
  grpcClientCert: z
    .enum(['required', 'none'])
    .default('none')
    .describe(
      'Whether callers of the gRPC server show a certificate that those authorities signed. `required` for policy and router, which only services and operators call; `none` for a gateway whose clients have tokens alone.',
    ),
});
export type GrpcTlsSettings = z.infer<typeof grpcTlsSettings>;

const notTogether = (message: string) => invalid('CONFIG_INVALID', `The configuration is not valid:\n  ${message}`);

/** Throws `invalid` CONFIG_INVALID when some of what belongs together is missing. */
export function checkKafkaSecurity(settings: KafkaSecuritySettings): void {
  const { kafkaTls, kafkaSaslMechanism, kafkaSaslUsername, kafkaSaslPassword, kafkaSaslTokenPath } = settings;
  if ((settings.kafkaTlsCertPath === undefined) !== (settings.kafkaTlsKeyPath === undefined))
    throw notTogether('TOOLFLEET_KAFKA_TLS_CERT_PATH and TOOLFLEET_KAFKA_TLS_KEY_PATH are set together');
  if (kafkaTls === 'off' && (settings.kafkaTlsCertPath ?? settings.kafkaTlsCaPath) !== undefined)
    throw notTogether('TOOLFLEET_KAFKA_TLS is off, so no certificate would be used');
  if (kafkaSaslMechanism === 'oauthbearer') {
    if (kafkaSaslTokenPath === undefined) throw notTogether('TOOLFLEET_KAFKA_SASL_TOKEN_PATH is required');
  } else if (kafkaSaslMechanism !== undefined && (!kafkaSaslUsername || !kafkaSaslPassword)) {
    throw notTogether('TOOLFLEET_KAFKA_SASL_USERNAME and TOOLFLEET_KAFKA_SASL_PASSWORD are required');
  }
}

/** The same for gRPC. */
export function checkGrpcTls({
  grpcTlsCertPath,
  grpcTlsKeyPath,
  grpcTlsCaPath,
  grpcClientCert,
}: GrpcTlsSettings): void {
  if ((grpcTlsCertPath === undefined) !== (grpcTlsKeyPath === undefined))
    throw notTogether('TOOLFLEET_GRPC_TLS_CERT_PATH and TOOLFLEET_GRPC_TLS_KEY_PATH are set together');
  if (grpcClientCert === 'required' && (grpcTlsCertPath === undefined || grpcTlsCaPath === undefined))
    throw notTogether('TOOLFLEET_GRPC_CLIENT_CERT is required, so all of TOOLFLEET_GRPC_TLS_* are');
}
