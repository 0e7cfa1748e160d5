/**
 * A role is one service of the fleet as a value: what it needs from its process and what it adds to it. A process runs
 * one role or several; topics, groups and guarantees are the same either way.
 */
import type { DynamicModule } from '@nestjs/common';
import type { TopicName, TopicNames } from '@toolfleet/contracts';
import type { Placement } from '@toolfleet/kernel';
import type { Database } from '../postgres/pool.js';
import type { AdmissionAtHand } from '../bus/admission-at-hand.js';
import type { LiveCatalogue } from '../bus/live-catalogue.js';
import type { LiveTuning } from '../bus/live-tuning.js';
import type { Neighbours } from '../bus/neighbours.js';
import type { Outlet } from '../bus/outlet.js';
import type { StatusBoard } from '../bus/status-board.js';
import type { FleetSettings } from '../config/fleet-settings.js';
import type { Identity } from '../identity/identity.js';
import type { KafkaConnection } from '../kafka/connection.js';
import type { KafkaServer, KafkaServerOptions } from '../kafka/kafka-server.js';
import type { BusProducer } from '../kafka/producer.js';
import type { Health } from '../telemetry/health.js';
import type { Logger } from '../telemetry/log.js';
import type { Metrics } from '../telemetry/metrics.js';

/** What a role asks of the transport; group ids, dead letters, health and metrics are filled in. */
export interface TransportRequest extends Pick<
  KafkaServerOptions,
  'transportId' | 'limits' | 'laneOf' | 'tenantOf' | 'onAssignment' | 'atOnce'
> {
  readonly groups: readonly {
    readonly app: string;
    readonly part?: string;
    readonly topics: readonly TransportTopic[];
  }[];
}

/** `pattern` defaults to the topic's short name; a topic that is not of the table has its own name on the bus. */
export type TransportTopic =
  { readonly topic: TopicName; readonly pattern?: string } | { readonly onBus: string; readonly pattern: string };

/** The shared parts of one process. */
export interface RoleContext {
  readonly settings: FleetSettings;
  /** Unique per start of a process: host, pid and start time. */
  readonly instance: string;
  readonly log: Logger;
  readonly health: Health;
  readonly metrics: Metrics;
  readonly connection: KafkaConnection;
  readonly producer: BusProducer;
  readonly names: TopicNames;
  readonly placement: Placement;
  readonly outlet: Outlet;
  readonly neighbours: Neighbours;
  readonly admissionAtHand: AdmissionAtHand;
  readonly catalogue: LiveCatalogue;
  readonly tuning: LiveTuning;
  readonly statusBoard: StatusBoard;
  readonly database: Database;
  /** Who calls. Throws `invalid` CONFIG_INVALID when no issuer is named. */
  readonly identity: Identity;
  kafkaServer(request: TransportRequest): KafkaServer;
}

export interface RoleParts {
  /** Controllers and providers; nothing in it reads the environment. */
  readonly module: DynamicModule;
  readonly transports?: readonly KafkaServer[];
  /** Protobuf packages whose services its controllers implement. */
  readonly grpcPackages?: readonly string[];
  /** Before anything is consumed or served; the catalogue is complete, the producer connected. */
  start?(): Promise<void>;
  /** After consumers have drained. */
  stop?(): Promise<void>;
}

export interface Role {
  readonly name: string;
  /** Has handlers of HTTP or gRPC for callers: its process does not start without an issuer whose tokens count. */
  readonly takesCallers?: boolean;
  create(context: RoleContext): RoleParts | Promise<RoleParts>;
}
