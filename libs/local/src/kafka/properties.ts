/** The broker's settings: one KRaft node that is broker and controller, with replication of one throughout. */

export interface SecuredListener {
  readonly port: number;
  readonly protocol: 'SSL' | 'SASL_PLAINTEXT' | 'SASL_SSL';
}

export interface BrokerAddress {
  readonly port: number;
  readonly controllerPort: number;
  readonly secured?: SecuredListener | undefined;
}

export function serverProperties(
  address: BrokerAddress,
  dataDirectory: string,
  overrides: Readonly<Record<string, string>>,
): string {
  const { secured } = address;
  const open = [
    `PLAINTEXT://127.0.0.1:${address.port}`,
    ...(secured ? [`${secured.protocol}://127.0.0.1:${secured.port}`] : []),
  ];
  const protocols = ['PLAINTEXT:PLAINTEXT', 'CONTROLLER:PLAINTEXT'];
  if (secured) protocols.push(`${secured.protocol}:${secured.protocol}`);
  const properties: Record<string, string> = {
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.voters': `1@127.0.0.1:${address.controllerPort}`,
    'controller.listener.names': 'CONTROLLER',
    listeners: [...open, `CONTROLLER://127.0.0.1:${address.controllerPort}`].join(),
    'advertised.listeners': open.join(),
    'inter.broker.listener.name': 'PLAINTEXT',
    'listener.security.protocol.map': protocols.join(),
    'log.dirs': dataDirectory,
    'auto.create.topics.enable': 'false',
    'offsets.topic.replication.factor': '1',
    // 50 partitions by default: 50 folders to open at each start, for a handful of groups.
    'offsets.topic.num.partitions': '4',
    'transaction.state.log.replication.factor': '1',
    'transaction.state.log.min.isr': '1',
    'transaction.state.log.num.partitions': '4',
    'share.coordinator.state.topic.replication.factor': '1',
    'share.coordinator.state.topic.min.isr': '1',
    'share.coordinator.state.topic.num.partitions': '4',
    'group.initial.rebalance.delay.ms': '0',
    // A broker that was killed cannot register again before its old session has run out: 9 s by default.
    'broker.session.timeout.ms': '3000',
    'broker.heartbeat.interval.ms': '500',
    'controller.quorum.election.timeout.ms': '500',
    'controller.quorum.fetch.timeout.ms': '2000',
    // More threads on a few cores only pass requests to and fro.
    'num.network.threads': '1',
    'num.io.threads': '2',
    'log.cleaner.dedupe.buffer.size': String(16 * 1024 * 1024),
    ...overrides,
  };
  return Object.entries(properties)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

/**
 * Warnings and errors on standard output: what a fault quotes when the broker does not come up. Two loggers are quieter,
 * because a single node that elects itself always warns of it, and sometimes asks itself a moment too early.
 */
export const loggingProperties = `status=error
appender.console.type=Console
appender.console.name=console
appender.console.layout.type=PatternLayout
appender.console.layout.pattern=%p %c{1} %m%n%ex{8}
rootLogger.level=warn
rootLogger.appenderRef.console.ref=console
logger.quorum.name=org.apache.kafka.controller.QuorumController
logger.quorum.level=error
logger.apis.name=kafka.server.ControllerApis
logger.apis.level=fatal
`;
