/**
 * Starts a process of the fleet with some roles and stops it in order: not ready → consumers drain → roles stop → servers
 * close → producer and database close. Nothing is consumed before every role is ready to work.
 */
import { hostname } from 'node:os';
import 'reflect-metadata';
import { Module } from '@nestjs/common';
import type { INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Transport } from '@nestjs/microservices';
import { ReflectionService } from '@grpc/reflection';
import { TopicNames, groupIdOf } from '@toolfleet/contracts';
import { Placement, isFault } from '@toolfleet/kernel';
import { LiveCatalogue } from '../bus/live-catalogue.js';
import { LiveTuning } from '../bus/live-tuning.js';
import { StatusBoard } from '../bus/status-board.js';
import { HandOver } from '../bus/hand-over.js';
import { AdmissionAtHand } from '../bus/admission-at-hand.js';
import { Neighbours } from '../bus/neighbours.js';
import { Outlet } from '../bus/outlet.js';
import { fleetSettings } from '../config/fleet-settings.js';
import type { FleetSettings } from '../config/fleet-settings.js';
import { loadConfig } from '../config/load-config.js';
import { addGrpcHealth } from '../grpc/grpc-health.js';
import { grpcServerCredentials } from '../grpc/grpc-tls.js';
import { packageDefinition } from '../grpc/package-definition.js';
import { asClientId } from '../kafka/connection.js';
import { kafkaSecurityOf } from '../kafka/kafka-security.js';
import { loadDriver } from '../kafka/driver.js';
import type { KafkaDriver } from '../kafka/driver.js';
import { KafkaServer } from '../kafka/kafka-server.js';
import { BusProducer } from '../kafka/producer.js';
import { Database } from '../postgres/pool.js';
import { Health } from '../telemetry/health.js';
import { createLogger } from '../telemetry/log.js';
import { Metrics } from '../telemetry/metrics.js';
import { StepCounter } from '../telemetry/step-counter.js';
import { CallerGuard } from '../identity/caller-guard.js';
import type { Identity } from '../identity/identity.js';
import { observeTransport } from './consumer-metrics.js';
import { Latencies } from './latencies.js';
import { FaultFilter } from './fault.filter.js';
import { identityOf, noteRefused } from './process-identity.js';
import { observeDatabase } from './database-metrics.js';
import { observeNeighbours } from './neighbour-metrics.js';
import { HealthController } from './health.controller.js';
import type { Role, RoleContext, RoleParts, TransportRequest } from './role.js';

export interface RunningRoles {
  readonly app: INestApplication;
  readonly context: RoleContext;
  stop(): Promise<void>;
}

/** Nest wants a class to hang a dynamic module on. */
@Module({})
class ProcessModule {}

/**
 * Node cuts small buffers out of slabs of 64 KB, and one that lives for half a second keeps its whole slab until the next full
 * collection, which V8 begins for every 64 MB of them. With slabs of 8 KB a storm beside poison records saw 7 of them instead
 * of 14 (`npm run bench -- --scenarios neighbour-poison --seconds 40 --warm-seconds 30`, counted by `--trace-gc`).
 */
const bufferSlabBytes = 8 * 1_024;

/** Runs the roles until a signal; a configuration problem prints every line of it and exits 78 (EX_CONFIG). */
export async function main(roles: readonly Role[]): Promise<void> {
  Buffer.poolSize = bufferSlabBytes;
  let running: RunningRoles | undefined;
  const stopped = signalled().then(async (signal) => {
    running?.context.log.info({ signal }, 'stopping');
    await running?.stop();
    process.exit(0);
  });
  try {
    running = await runRoles(roles);
  } catch (error) {
    const config = isFault(error) && error.reason === 'CONFIG_INVALID';
    process.stderr.write(`${error instanceof Error ? (config ? error.message : error.stack) : String(error)}\n`);
    process.exit(config ? 78 : 1);
  }
  await stopped;
}

function signalled(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, resolve);
  });
}

export async function runRoles(roles: readonly Role[]): Promise<RunningRoles> {
  const settings = loadConfig(fleetSettings);
  const context = createContext(settings, await loadDriver(settings.kafkaClient), roles);
  // Read here and not at the first call: nothing is open because a setting was forgotten.
  const identity = roles.some(({ takesCallers }) => takesCallers) ? context.identity : undefined;
  const parts = await Promise.all(roles.map((role) => role.create(context)));
  const app = await createApp(context, parts);
  await context.producer.connect();
  await Promise.all([context.catalogue.start(), context.tuning.start()]);
  for (const part of parts) await part.start?.();
  connectTransports(app, context, parts);
  await app.startAllMicroservices();
  if (context.settings.handOver === 'on') await context.neighbours.start();
  context.statusBoard.start();
  const { httpPort, host } = context.settings;
  await app.listen(httpPort, host);
  context.log.info({ url: await app.getUrl() }, 'ready');
  return { app, context, stop: () => stop(app, context, parts, identity) };
}

function createContext(settings: FleetSettings, driver: KafkaDriver, roles: readonly Role[]): RoleContext {
  const names = roles.map((role) => role.name).join(',');
  const instance = `${hostname()}-${process.pid}-${Date.now().toString(36)}`;
  const log = createLogger({ level: settings.logLevel, roles: names, instance });
  const health = new Health();
  const metrics = new Metrics();
  const latencies = new Latencies(metrics);
  const connection = {
    driver,
    brokers: settings.kafkaBrokers,
    ...kafkaSecurityOf(settings),
    replica: settings.replica,
    clientId: asClientId(`${settings.topicPrefix}-${names}`).slice(0, 200),
    log: (level: 'debug' | 'info' | 'warn' | 'error', message: string, facts: object) => log[level](facts, message),
  };
  const producer = new BusProducer({ connection });
  const topicNames = new TopicNames(settings.topicPrefix);
  const placement = new Placement(settings.partitions, settings.tenantSpan);
  const { handOver, neighbours } = pastTheBus(settings, { producer, log, metrics, latencies });
  const outlet = new Outlet(handOver, topicNames, placement, settings.audit);
  if (settings.audit === 'off') log.warn('the audit is off: nothing that this process does is recorded');
  let identity: Identity | undefined;
  const context: RoleContext = {
    settings,
    instance,
    log,
    health,
    metrics,
    connection,
    producer,
    names: topicNames,
    placement,
    outlet,
    neighbours,
    admissionAtHand: new AdmissionAtHand(),
    tuning: new LiveTuning(connection, topicNames, log),
    statusBoard: new StatusBoard(outlet, instance),
    catalogue: new LiveCatalogue(connection, topicNames, log, health),
    database: new Database({
      url: settings.databaseUrl.reveal(),
      connectionsMax: settings.databasePoolMax,
      applicationName: `toolfleet ${names}`.slice(0, 63),
      onStatement: (statement, tookMs) => latencies.statement(statement, tookMs),
      onConnectionLost: (fault) => log.warn({ err: fault }, 'database connection lost'),
    }),
    get identity() {
      return (identity ??= identityOf(context));
    },
    kafkaServer: (request) => {
      const server = createTransport(context, request, latencies);
      if (settings.handOver === 'on') for (const consumer of server.consumers) handOver.serve(consumer);
      return server;
    },
  };
  observeDatabase(metrics, context.database);
  return context;
}

interface PastTheBus {
  readonly handOver: HandOver;
  readonly neighbours: Neighbours;
}

function pastTheBus(
  settings: FleetSettings,
  { producer, log, metrics, latencies }: Pick<RoleContext, 'producer' | 'log' | 'metrics'> & { latencies: Latencies },
): PastTheBus {
  const handOver = new HandOver({
    bus: producer,
    log,
    handed: new StepCounter(
      metrics.meter,
      'toolfleet_handed_over',
      ['topic', 'to'],
      'Records whose reader lives in the same process or a neighbour of the host, so that they did not go over the bus.',
    ),
  });
  const neighbours = new Neighbours({
    listenAt: settings.neighbourSocket,
    connectTo: settings.neighbours,
    ...{ handOver, log },
    onHop: (topic, tookMs) => latencies.neighbourHop(topic, tookMs),
  });
  observeNeighbours(metrics, neighbours);
  return { handOver, neighbours };
}

/** The bus and the database come back; a record that only waits for them is not given up before somebody could mend it. */
const outlastOutages = { attemptsMax: 10_000, redoMsMax: 60 * 60_000 };

function createTransport(context: RoleContext, request: TransportRequest, latencies: Latencies): KafkaServer {
  const { settings, names, connection, producer } = context;
  const { groups, ...options } = request;
  const server = new KafkaServer({
    ...options,
    limits: { ...outlastOutages, ...options.limits },
    connection,
    drainMs: settings.drainMs,
    onStarted: ({ topic, timestampMs }, nowMs) => latencies.hop(topic, nowMs - timestampMs),
    deadLetters: { topic: names.of('deadletter'), producer },
    groups: groups.map(({ app, part, topics }) => ({
      groupId: groupIdOf(settings.topicPrefix, app, part),
      topics: topics.map((each) =>
        'onBus' in each
          ? { topic: each.onBus, pattern: each.pattern }
          : { topic: names.of(each.topic), pattern: each.pattern ?? each.topic },
      ),
    })),
  });
  observeTransport(context, server);
  for (const [at, consumer] of server.consumers.entries()) {
    const { app = '', part } = groups[at] ?? {};
    context.tuning.serve({ service: app, toolClass: part }, consumer);
    context.statusBoard.add(consumer);
  }
  return server;
}

async function createApp(context: RoleContext, parts: readonly RoleParts[]): Promise<INestApplication> {
  const module = {
    module: ProcessModule,
    imports: parts.map((part) => part.module),
    controllers: [HealthController],
    providers: [
      { provide: Health, useValue: context.health },
      { provide: Metrics, useValue: context.metrics },
    ],
  };
  const app = await NestFactory.create(module, {
    // Bodies are read where they are understood, each within its own bound.
    bodyParser: false,
    logger: ['error', 'warn'],
    abortOnError: false,
  });
  app.useGlobalFilters(new FaultFilter(context.log, (fault, host) => noteRefused(context.identity, fault, host)));
  return app;
}

/** Records of the bus are the fleet's own, so they come before the guard: a listener has the guards that were there first. */
function connectTransports(app: INestApplication, context: RoleContext, parts: readonly RoleParts[]): void {
  for (const strategy of parts.flatMap((part) => part.transports ?? [])) {
    app.connectMicroservice({ strategy }, { inheritAppConfig: true });
  }
  app.useGlobalGuards(new CallerGuard(() => context.identity));
  const packages = parts.flatMap((part) => part.grpcPackages ?? []);
  if (packages.length > 0) connectGrpc(app, context, [...new Set(packages)]);
}

function connectGrpc(app: INestApplication, { settings, health, log }: RoleContext, packages: string[]): void {
  const definition = packageDefinition();
  const services = Object.keys(definition).filter((name) => packages.some((own) => isServiceOf(own, definition, name)));
  app.connectMicroservice(
    {
      transport: Transport.GRPC,
      options: {
        package: packages,
        packageDefinition: definition,
        url: `${settings.host}:${settings.grpcPort}`,
        credentials: grpcServerCredentials(settings, { log }),
        maxReceiveMessageLength: 4 * 1024 * 1024,
        onLoadPackageDefinition: (
          loaded: ConstructorParameters<typeof ReflectionService>[0],
          server: Parameters<ReflectionService['addToServer']>[0],
        ) => {
          new ReflectionService(loaded).addToServer(server);
          addGrpcHealth(server, health, services);
        },
      },
    },
    { inheritAppConfig: true },
  );
}

/** Messages of a package stand beside its services; only they have a format. */
const isServiceOf = (own: string, definition: ReturnType<typeof packageDefinition>, name: string): boolean =>
  name.startsWith(`${own}.`) && !('format' in definition[name]!);

async function stop(
  app: INestApplication,
  context: RoleContext,
  parts: readonly RoleParts[],
  identity: Identity | undefined,
): Promise<void> {
  context.health.drain();
  await Promise.all(parts.flatMap((part) => part.transports ?? []).map((transport) => transport.close()));
  // After consumers have given back what they do not finish.
  await context.neighbours.close();
  for (const part of parts) await part.stop?.();
  await context.statusBoard.close();
  await app.close();
  await identity?.close();
  await Promise.all([context.catalogue.close(), context.tuning.close()]);
  await context.producer.disconnect();
  await context.database.close();
  await context.metrics.close();
}
