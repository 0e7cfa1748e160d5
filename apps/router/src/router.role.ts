/** The router as a role: catalogue from files, tools for sessions, CatalogService. */
import { resolve, sep } from 'node:path';
import { Module } from '@nestjs/common';
import { LiveCatalogue, Outlet } from '@toolfleet/platform/bus';
import { environmentVariable, loadConfig } from '@toolfleet/platform/config';
import type { Role, RoleContext, RoleParts } from '@toolfleet/platform/nest';
import { englishWords } from '@toolfleet/platform/words';
import { CatalogController } from './catalog.grpc.js';
import { CatalogueKeeper } from './catalogue/catalogue-keeper.js';
import { routerSettings } from './router.config.js';
import { ROUTER_TRANSPORT, RoutingHandler } from './routing/routing.handler.js';
import { ToolIndexes } from './routing/tool-indexes.js';
import { ToolRouting } from './routing/tool-routing.js';

@Module({})
class RouterModule {}

export const routerRole: Role = { name: 'router', create };

function create(context: RoleContext): RoleParts {
  const { catalogue: live, outlet, health, metrics } = context;
  const keeper = keeperOf(context);
  const routing = new ToolRouting(live.catalogue, new ToolIndexes(live.catalogue, englishWords()));
  health.register('router catalogue', () => keeper.health());
  metrics.meter
    .createObservableGauge('toolfleet_catalogue_problems', { description: 'Problems of the manifest files.' })
    .addCallback((result) => result.observe(keeper.problems.length));
  const onReload = () => keeper.reload();
  return {
    module: {
      module: RouterModule,
      controllers: [RoutingHandler, CatalogController],
      providers: [
        { provide: LiveCatalogue, useValue: live },
        { provide: Outlet, useValue: outlet },
        { provide: ToolRouting, useValue: routing },
        { provide: CatalogueKeeper, useValue: keeper },
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
      await keeper.start();
    },
    stop: async () => {
      process.off('SIGHUP', onReload);
      await keeper.stop();
    },
  };
}

function keeperOf({ settings, catalogue: live, outlet, log }: RoleContext): CatalogueKeeper {
  const { catalogDir, catalogOperatorDir, catalogVariables, catalogPollMs } = loadConfig(routerSettings);
  const operatorDirs = (catalogOperatorDir.length > 0 ? catalogOperatorDir : catalogDir).map(
    (path) => resolve(path) + sep,
  );
  return new CatalogueKeeper({
    directories: catalogDir,
    toolClasses: settings.toolClasses,
    variable: environmentVariable,
    variablesAllowed: catalogVariables,
    ofOperators: (file) => operatorDirs.some((directory) => resolve(file).startsWith(directory)),
    pollMs: catalogPollMs,
    live,
    outlet,
    log,
  });
}
