/**
 * How this folder reaches the bus: one connection description for producer, consumers and admin, and the only place that
 * builds a kafkajs client. Each consumer gets a client of its own, because kafkajs shares one map of committed offsets
 * per client and two consumers of one group would overwrite each other's.
 */
import type { ConnectionOptions } from 'node:tls';
import { Kafka, logLevel } from 'kafkajs';
import type { logCreator, SASLOptions } from 'kafkajs';
import type { KafkaDriver } from './driver.js';
import './kafkajs-patch.js';

export type KafkaLog = (level: 'debug' | 'info' | 'warn' | 'error', message: string, facts: object) => void;

export interface KafkaConnection {
  /** host:port of at least one broker. */
  readonly brokers: readonly string[];
  readonly clientId: string;
  /**
   * Name of this process that is the same after a restart, and no other process has at the same time. A process that died gets
   * its partitions back as soon as its next life joins; absent: when its session has timed out.
   */
  readonly replica?: string | undefined;
  readonly ssl?: ConnectionOptions | boolean;
  readonly sasl?: SASLOptions;
  /** How long one TCP or TLS connection may take. Default 3 s: a broker that starts answers slowly, not never. */
  readonly connectionTimeoutMs?: number;
  /** How long a broker may take to answer. Default 10 s, below a record's deadline, so that a hung broker is retried. */
  readonly requestTimeoutMs?: number;
  /** The client library of producers, groups and readers. Absent: kafkajs. */
  readonly driver?: KafkaDriver;
  /** Absent: warnings and errors go to stderr, one line each. */
  readonly log?: KafkaLog;
}

interface ClientOptions {
  /** kafkajs's own retries inside one of our attempts; our loops decide how long to go on. */
  readonly retries?: number;
  /** Drops warnings: for clients whose every failure reaches their caller anyway. */
  readonly quiet?: boolean;
}

export function kafkaClient(connection: KafkaConnection, { retries = 3, quiet = false }: ClientOptions = {}): Kafka {
  const { ssl, sasl } = connection;
  return new Kafka({
    brokers: [...connection.brokers],
    clientId: clientIdOf(connection),
    connectionTimeout: connection.connectionTimeoutMs ?? 3_000,
    requestTimeout: connection.requestTimeoutMs ?? 10_000,
    ...(ssl === undefined ? {} : { ssl }),
    ...(sasl === undefined ? {} : { sasl }),
    retry: { initialRetryTime: 100, maxRetryTime: 1_000, retries },
    logLevel: quiet ? logLevel.NOTHING : logLevel.WARN,
    logCreator: logTo(logOf(connection)),
  });
}

/** What every broker takes in a client id, and its quotas and metrics can name. */
export const asClientId = (text: string): string => text.replaceAll(/[^a-zA-Z0-9._-]/g, '-');

/** With the replica in it, because that is the one part of a member's name that its next life can know. */
export function clientIdOf({ clientId, replica }: KafkaConnection): string {
  return replica === undefined ? clientId : `${clientId}.${replica}`;
}

export function logOf(connection: KafkaConnection): KafkaLog {
  return connection.log ?? logToStderr;
}

function logToStderr(level: string, message: string, facts: object): void {
  if (level === 'warn' || level === 'error')
    process.stderr.write(`kafka ${level}: ${message} ${JSON.stringify(facts)}\n`);
}

/** While a broker is away kafkajs says the same thing about ninety times a second; once in this time is enough. */
const sameWarningEveryMs = 5_000;
const warningsRemembered = 100;

/** kafkajs logs as errors what our loops handle (a broker gone, a retried send), so nothing it says is above `warn`. */
function logTo(log: KafkaLog): logCreator {
  const saidAtMs = new Map<string, number>();
  return () =>
    ({ namespace, log: { message, error, groupId, broker } }) => {
      const text = `${namespace}: ${message}`;
      const now = Date.now();
      if (now - (saidAtMs.get(text) ?? 0) < sameWarningEveryMs) return;
      if (saidAtMs.size >= warningsRemembered) saidAtMs.clear();
      saidAtMs.set(text, now);
      log('warn', text, { error, groupId, broker });
    };
}
