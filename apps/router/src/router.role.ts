/** The router as a role: catalogue from files, tools for sessions, CatalogService. */
import { resolve, sep } from 'node:path';
import { Module } from '@nestjs/common';
import type { AgentSpec, AuditRecord, Manifest } from '@toolfleet/kernel';
import { Breakers } from '@toolfleet/platform/breaker';
import { LiveCatalogue, Outlet } from '@toolfleet/platform/bus';
import { environmentVariable, loadConfig } from '@toolfleet/platform/config';
import { CatalogueFlagProvider, Flags } from '@toolfleet/platform/flags';
import { HttpClient } from '@toolfleet/platform/http';
import { Identity } from '@toolfleet/platform/identity';
import { EmbeddingsClient } from '@toolfleet/platform/model';
import type { Role, RoleContext, RoleParts } from '@toolfleet/platform/nest';
import { Sweeper } from '@toolfleet/platform/nest';
import {
  PostgresManifestSetStore,
  PostgresRolloutWatchStore,
  PostgresSessionSample,
  PostgresToolUsageStore,
} from '@toolfleet/platform/postgres';
import { englishWords } from '@toolfleet/platform/words';
import { CatalogController } from './catalog.grpc.js';
import { CatalogueKeeper } from './catalogue/catalogue-keeper.js';
import { ManifestSets } from './catalogue/manifest-sets.js';
import { SetDesk } from './catalogue/set-desk.js';
import { UnusedArchive } from './catalogue/unused-archive.js';
import { isSetFile, setOfFile } from './catalogue/set-files.js';
import { RolloutsController } from './rollouts.grpc.js';
import { routerSettings, type RouterSettings } from './router.config.js';
import { FlagGate } from './routing/flag-gate.js';
import { ROUTER_TRANSPORT, RoutingHandler } from './routing/routing.handler.js';
import { RolloutGuards } from './routing/rollout-guards.js';
import { observeRollouts } from './routing/rollout-metrics.js';
import { ToolEmbeddings } from './routing/tool-embeddings.js';
import { ToolIndexes } from './routing/tool-indexes.js';
import { ToolRouting } from './routing/tool-routing.js';

/** Around what a search in 10,000 tools takes (0.5 ms), up to what would hold up the others. */
const searchBuckets = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1];

/** A day more or less does not count where weeks do. */
const archiveEveryMs = 60 * 60_000;

@Module({})
class RouterModule {}

export const routerRole: Role = { name: 'router', takesCallers: true, create };

function create(context: RoleContext): RoleParts {
  const { catalogue: live, outlet, health, metrics } = context;
  const settings = loadConfig(routerSettings);
  const store = new PostgresManifestSetStore(context.database);
  const sets = new ManifestSets(store, context.log);
  const usage = new PostgresToolUsageStore(context.database);
  const unused = unusedArchiveOf(context, settings, usage, () => keeper.reload());
  const sweeper = new Sweeper('unused tools', archiveEveryMs, () => unused.pass(), context.log);
  const keeper = keeperOf(context, settings, { sets, unused, usage });
  const audit = (record: AuditRecord) => outlet.audit(record);
  const desk = new SetDesk({ store, sets, keeper, live, audit, log: context.log });
  const http = new HttpClient();
  const embeddings = embeddingsOf(context, settings, http);
  const guards = new RolloutGuards({
    live,
    store: new PostgresRolloutWatchStore(context.database),
    audit,
    log: context.log,
  });
  observeRollouts(metrics, guards);
  // Another provider of OpenFeature is put in here; which tools a flag keeps back stays in the catalogue.
  const flags = new Flags({ provider: new CatalogueFlagProvider(live), metrics, log: context.log });
  const gate = new FlagGate(live.catalogue, flags);
  const routing = routingOf(context, embeddings, guards);
  health.register('router catalogue', () => keeper.health());
  metrics.meter
    .createObservableGauge('toolfleet_catalogue_problems', { description: 'Problems of the manifest files.' })
    .addCallback((result) => result.observe(keeper.problems.length));
  const onReload = () => keeper.reload();
  return {
    module: {
      module: RouterModule,
      controllers: [RoutingHandler, CatalogController, RolloutsController],
      providers: [
        { provide: LiveCatalogue, useValue: live },
        { provide: Outlet, useValue: outlet },
        { provide: ToolRouting, useValue: routing },
        { provide: FlagGate, useValue: gate },
        { provide: CatalogueKeeper, useValue: keeper },
        { provide: SetDesk, useValue: desk },
        { provide: RolloutGuards, useValue: guards },
        { provide: PostgresSessionSample, useValue: new PostgresSessionSample(context.database) },
        { provide: Identity, useValue: context.identity },
      ],
    },
    transports: [
      context.kafkaServer({
        transportId: ROUTER_TRANSPORT,
        groups: [{ app: 'router', topics: [{ topic: 'session.routing' }, { topic: 'toolcall.find' }] }],
      }),
    ],
    grpcPackages: ['toolfleet.catalog.v1'],
    start: async () => {
      process.on('SIGHUP', onReload);
      embeddings?.start();
      await flags.start();
      await guards.start();
      await keeper.start();
      sweeper.start();
    },
    stop: async () => {
      process.off('SIGHUP', onReload);
      await sweeper.stop();
      await guards.stop();
      await flags.stop();
      await keeper.stop();
      await embeddings?.stop();
      await http.close();
    },
  };
}

function routingOf(
  { catalogue: live, metrics }: RoleContext,
  embeddings: ToolEmbeddings | undefined,
  guards: RolloutGuards,
): ToolRouting {
  const searches = metrics.meter.createHistogram('toolfleet_routing_search_seconds', {
    description: 'Choosing tools for a session, or finding more of them.',
    advice: { explicitBucketBoundaries: searchBuckets },
  });
  const leftOut = metrics.meter.createCounter('toolfleet_routing_tools_left_out', {
    description: 'Tools that sessions were not given for want of room in the schema budget of their agent.',
  });
  const onSearched = (tookMs: number) => searches.record(tookMs / 1_000);
  const indexes = new ToolIndexes(live.catalogue, englishWords(), undefined, onSearched);
  const onLeftOut = ({ name: agent }: AgentSpec, count: number) => leftOut.add(count, { agent });
  const isHeldBack = (rollout: string) => guards.isHeldBack(rollout);
  return new ToolRouting(live.catalogue, indexes, embeddings, undefined, onLeftOut, isHeldBack);
}

function embeddingsOf(
  { catalogue: live, log, metrics }: RoleContext,
  { embeddingsBaseUrl, embeddingsModel, embeddingsApiKey, embeddingsTimeoutMs, embeddingsCacheSize }: RouterSettings,
  http: HttpClient,
): ToolEmbeddings | undefined {
  if (embeddingsBaseUrl === undefined || embeddingsModel === undefined) return undefined;
  const route = { baseUrl: embeddingsBaseUrl, model: embeddingsModel, apiKey: embeddingsApiKey };
  const client = new EmbeddingsClient({ http, breakers: new Breakers(), route });
  const questions = metrics.meter.createCounter('toolfleet_router_embeddings', {
    description: 'Questions by what became of their embedding.',
  });
  const embeddings = new ToolEmbeddings({
    catalogue: live.catalogue,
    embed: (texts, deadlineAtMs, signal) => client.embed(texts, deadlineAtMs, signal),
    questionTimeoutMs: embeddingsTimeoutMs,
    questionsMax: embeddingsCacheSize,
    log,
    onQuestion: (result) => questions.add(1, { result }),
  });
  live.onChange(() => embeddings.changed());
  return embeddings;
}

function unusedArchiveOf(
  { catalogue: live, outlet, log, metrics }: RoleContext,
  { archiveUnusedDays: days }: RouterSettings,
  usage: PostgresToolUsageStore,
  reload: () => void,
): UnusedArchive {
  const archived = metrics.meter.createCounter('toolfleet_tools_archived', {
    description: 'Tools that the fleet archived because nobody called them.',
  });
  const onArchived = (count: number) => {
    archived.add(count);
    reload();
  };
  const { catalogue } = live;
  return new UnusedArchive({ days, catalogue, usage, audit: (record) => outlet.audit(record), onArchived, log });
}

interface KeeperParts {
  readonly sets: ManifestSets;
  readonly unused: UnusedArchive;
  readonly usage: PostgresToolUsageStore;
}

function keeperOf(
  { settings, catalogue: live, outlet, log }: RoleContext,
  router: RouterSettings,
  { sets, unused, usage }: KeeperParts,
): CatalogueKeeper {
  const { catalogDir, catalogOperatorDir, catalogVariables, catalogPollMs } = router;
  const operatorDirs = (catalogOperatorDir.length > 0 ? catalogOperatorDir : catalogDir).map(
    (path) => resolve(path) + sep,
  );
  return new CatalogueKeeper({
    unused,
    onPublished: ({ manifests }) => usage.keepSeen(versionsIn(manifests), Date.now()),
    directories: catalogDir,
    toolClasses: settings.toolClasses,
    variable: environmentVariable,
    variablesAllowed: catalogVariables,
    ofOperators: (file) => !isSetFile(file) && operatorDirs.some((directory) => resolve(file).startsWith(directory)),
    handOf: setOfFile,
    pollMs: catalogPollMs,
    sets,
    live,
    outlet,
    log,
  });
}

const versionsIn = (manifests: readonly Manifest[]) =>
  manifests.flatMap(({ kind, spec }) => (kind === 'Tool' ? [{ tool: spec.name, version: spec.version }] : []));
