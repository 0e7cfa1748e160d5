/** An executor of one or more tool classes. Composition only. */
import { Module } from '@nestjs/common';
import { destinationKinds, limits } from '@toolfleet/kernel';
import { Breakers } from '@toolfleet/platform/breaker';
import { LiveBreakers, LiveKills, Outlet } from '@toolfleet/platform/bus';
import { loadConfig, receiptKeyOf, tokenSealOf } from '@toolfleet/platform/config';
import { SecretFiles } from '@toolfleet/platform/credentials';
import { HttpClient } from '@toolfleet/platform/http';
import type { KafkaServer } from '@toolfleet/platform/kafka';
import type { Role, RoleContext } from '@toolfleet/platform/nest';
import { Sweeper } from '@toolfleet/platform/nest';
import { EventLoop } from '@toolfleet/platform/telemetry';
import {
  PostgresArtifactStore,
  PostgresEffectLedger,
  PostgresOpenEffects,
  PostgresQuotaStore,
  PostgresSubjectTokenStore,
} from '@toolfleet/platform/postgres';
import { QuotaLeases, QuotaMetrics } from '@toolfleet/platform/quota';
import { CallMetrics } from './call-metrics.js';
import { CallQuotas } from './call-quotas.js';
import { Credentials } from './credentials/credentials.js';
import { ExchangedTokens } from './credentials/exchanged-tokens.js';
import { SubjectTokens } from './credentials/subject-tokens.js';
import { ArtifactParts } from './drivers/artifact-parts.js';
import { BuiltinDriver } from './drivers/builtin-driver.js';
import { GrpcDriver } from './drivers/grpc-driver.js';
import { HttpDriver } from './drivers/http-driver.js';
import { McpConnections } from './drivers/mcp-connections.js';
import { McpDriver } from './drivers/mcp-driver.js';
import { SqlDriver } from './drivers/sql-driver.js';
import { Upstreams } from './drivers/upstreams.js';
import type { ExecutorSettings } from './executor.config.js';
import { executorSettings } from './executor.config.js';
import { Lanes } from './lanes.js';
import { CallRunner } from './run-call.js';
import { RunningCalls } from './running-calls.js';
import { ObservationShaper } from './shape-observation.js';
import { QueueAge } from './queue-age.js';
import { EXECUTOR, ToolCallHandler } from './tool-call.handler.js';
import { UnknownEffects } from './unknown-effects.js';
import { observeUpstreams } from './upstream-metrics.js';

@Module({})
class ExecutorModule {}

/** While the database is away writes wait; their own deadlines end them, not a count of attempts. */
const redoMsMax = 60 * 60_000;

export function executorRole(toolClasses: readonly string[]): Role {
  return {
    name: `executor:${toolClasses.join('+')}`,
    create(context) {
      const settings = loadConfig(executorSettings);
      const running = new RunningCalls(context);
      const { connection, outlet, instance, log } = context;
      const { catalogue } = context.catalogue;
      const kills = new LiveKills({ ...busOf(context), onThrown: (thrown) => running.follow(thrown) });
      const http = new HttpClient({ connectionsMax: settings.executorConnectionsMax });
      const [breakers, eventLoop] = [new Breakers(), new EventLoop()];
      const shared = new LiveBreakers({ breakers, connection, outlet, instance, log });
      const transport = createTransport(context, settings, toolClasses);
      const consumers = new Map(toolClasses.map((toolClass, index) => [toolClass, transport.consumers[index]!]));
      const lanes = new Lanes(context, settings, consumers);
      const upstreams = createUpstreams(context, settings, { breakers, lanes, eventLoop });
      const tokenHttp = new HttpClient({ connectionsMax: tokenConnectionsMax });
      const credentials = createCredentials(context, settings, { http: tokenHttp, breakers, lanes });
      const mcp = createMcpConnections(context, settings, credentials);
      const reached = { upstreams, catalogue, credentials };
      const [sql, grpc] = [new SqlDriver(reached), new GrpcDriver(reached)];
      const leases = new QuotaLeases({
        store: new PostgresQuotaStore(context.database),
        listener: new QuotaMetrics(context.metrics),
      });
      const runner = createRunner(context, settings, { http, mcp, sql, grpc, upstreams, leases, credentials, kills });
      const unknown = createUnknownEffects(context, settings, runner, toolClasses);
      const queueAge = queueAgeOf(settings);
      const followCatalogue = () => {
        lanes.followCatalogue();
        const names = new Set(destinationKinds.flatMap((kind) => catalogue.all(kind)).map(({ name }) => name));
        for (const ofNames of [upstreams, mcp, sql, grpc]) ofNames.keepOnly(names);
      };
      return {
        module: {
          module: ExecutorModule,
          controllers: [ToolCallHandler],
          providers: [
            { provide: CallRunner, useValue: runner },
            { provide: QueueAge, useValue: queueAge },
            { provide: RunningCalls, useValue: running },
            { provide: Outlet, useValue: context.outlet },
            { provide: CallMetrics, useValue: new CallMetrics(context.metrics, catalogue) },
          ],
        },
        transports: [transport],
        start: async () => {
          await Promise.all([running.start(), shared.start(), kills.start()]);
          followCatalogue();
          context.catalogue.onChange(followCatalogue);
          unknown.start();
        },
        stop: async () => {
          await unknown.stop();
          await Promise.all([running.close(), shared.close(), kills.close(), leases.close()]);
          await Promise.all([http.close(), tokenHttp.close(), mcp.close(), sql.close(), grpc.close()]);
          eventLoop.close();
        },
      };
    },
  };
}

function createTransport(
  context: RoleContext,
  settings: ExecutorSettings,
  toolClasses: readonly string[],
): KafkaServer {
  return context.kafkaServer({
    transportId: EXECUTOR,
    groups: toolClasses.map((part) => ({
      app: 'executor',
      part,
      topics: [{ topic: `toolcall.${part}`, pattern: 'toolcall' }],
    })),
    // Two tenants may have a conflict key alike; one that is held must not hold up the other's.
    laneOf: ({ key, headers }) => `${headers['tenant'] ?? ''}/${key}`,
    limits: { concurrency: settings.executorConcurrency, attemptsMax: 10_000, redoMsMax },
  });
}

const busOf = ({ connection, names, log, metrics }: RoleContext) => ({ connection, names, log, metrics });

function createUpstreams(
  context: RoleContext,
  settings: ExecutorSettings,
  { breakers, lanes, eventLoop }: { readonly breakers: Breakers; readonly lanes: Lanes; readonly eventLoop: EventLoop },
): Upstreams {
  const hedges = context.metrics.meter.createCounter('toolfleet_upstream_hedges', { description: 'Second attempts.' });
  const gate = {
    floor: settings.executorUpstreamFloor,
    start: settings.executorUpstreamStart,
    ceiling: settings.executorUpstreamCeiling,
    queueMax: settings.executorUpstreamQueueMax,
    loopLateMs: () => eventLoop.lateMs(),
    onWaiting: lanes.placeless,
  };
  const share = settings.executorUpstreamSharePercent / 100;
  const upstreams = new Upstreams({
    breakers,
    gate: settings.executorUpstreamLimit === 'off' ? undefined : gate,
    placesMaxOf: (toolClass) => Math.max(1, Math.floor(lanes.concurrencyOf(toolClass) * share)),
    onHedge: (upstream) => hedges.add(1, { upstream }),
    onProbing: lanes.placeless,
  });
  observeUpstreams(context.metrics, upstreams);
  return upstreams;
}

const queueAgeOf = (settings: ExecutorSettings): QueueAge =>
  new QueueAge({ targetMs: settings.executorQueueAgeTargetMs, intervalMs: settings.executorQueueAgeIntervalMs });

/** To one token endpoint: an exchange takes some 50 ms and serves a user for minutes. */
const tokenConnectionsMax = 16;

function createCredentials(
  { database }: RoleContext,
  settings: ExecutorSettings,
  { lanes, ...parts }: { readonly http: HttpClient; readonly breakers: Breakers; readonly lanes: Lanes },
): Credentials {
  const { credentialsDir: directory } = settings;
  const seal = tokenSealOf(settings);
  const store = new PostgresSubjectTokenStore(database);
  return new Credentials({
    files: directory === undefined ? undefined : new SecretFiles({ directory }),
    exchange: seal && { subjects: new SubjectTokens({ store, seal }), tokens: new ExchangedTokens(parts) },
    // Where nothing bounds the calls at an upstream, those that have their credential are bounded by their class alone.
    onWaiting: settings.executorUpstreamLimit === 'off' ? undefined : lanes.placeless,
  });
}

function createUnknownEffects(
  { database, catalogue, outlet, instance, metrics, log }: RoleContext,
  { executorReconcileSweepMs }: ExecutorSettings,
  { reconciler }: CallRunner,
  toolClasses: readonly string[],
): Sweeper {
  const counter = metrics.meter.createCounter('toolfleet_effects_asked', {
    description: 'Writes of unknown end that were asked about, by what was found.',
  });
  const unknown = new UnknownEffects({
    open: new PostgresOpenEffects(database),
    ...{ reconciler, catalogue: catalogue.catalogue, outlet, toolClasses, ownerId: instance },
    count: (end) => counter.add(1, { end }),
  });
  return new Sweeper('unknown effects', executorReconcileSweepMs, () => unknown.sweep(), log);
}

function createMcpConnections(
  { log }: RoleContext,
  settings: ExecutorSettings,
  credentials: Credentials,
): McpConnections {
  return new McpConnections({
    credentials,
    commands: settings.executorMcpCommands,
    processesMax: settings.executorMcpProcessesMax,
    // What a process wrote for people may hold anything: it is for those who look into one server.
    onLost: (server, lastWords) => {
      log.warn({ server }, 'a tool server ended');
      if (lastWords) log.debug({ server, lastWords }, 'what a tool server wrote last');
    },
  });
}

interface RunnerParts {
  readonly kills: LiveKills;
  readonly http: HttpClient;
  readonly mcp: McpConnections;
  readonly sql: SqlDriver;
  readonly grpc: GrpcDriver;
  readonly upstreams: Upstreams;
  readonly leases: QuotaLeases;
  readonly credentials: Credentials;
}

function createRunner(
  context: RoleContext,
  settings: ExecutorSettings,
  { http, mcp, sql, grpc, upstreams, leases, credentials, kills }: RunnerParts,
): CallRunner {
  const { database, instance } = context;
  const catalogue = context.catalogue.catalogue;
  const artifacts = new PostgresArtifactStore(database, { bytesMax: limits.toolAnswerBytesMax });
  return new CallRunner({
    killed: (call, nowMs) => kills.faultOf(call, nowMs),
    catalogue,
    ledger: new PostgresEffectLedger(database),
    open: new PostgresOpenEffects(database),
    shaper: new ObservationShaper(artifacts),
    drivers: {
      http: new HttpDriver({ http, upstreams, catalogue, credentials }),
      mcp: new McpDriver({ connections: mcp, upstreams, catalogue }),
      sql,
      grpc,
      builtin: new BuiltinDriver(new ArtifactParts({ artifacts })),
    },
    receiptKeys: [receiptKeyOf(settings.receiptKey)],
    quotas: new CallQuotas(catalogue, leases),
    // Grows from one start to the next; a take-over raises it further, so clocks of two machines need not agree.
    owner: { ownerId: instance, epoch: BigInt(Date.now()) },
  });
}
