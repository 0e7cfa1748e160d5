/** An executor of one or more tool classes. Composition only. */
import { Module } from '@nestjs/common';
import { limits } from '@toolfleet/kernel';
import { Breakers } from '@toolfleet/platform/breaker';
import { Outlet } from '@toolfleet/platform/bus';
import { loadConfig, receiptKeyOf } from '@toolfleet/platform/config';
import { HttpClient } from '@toolfleet/platform/http';
import type { Role, RoleContext } from '@toolfleet/platform/nest';
import { PostgresArtifactStore, PostgresEffectLedger } from '@toolfleet/platform/postgres';
import { CallMetrics } from './call-metrics.js';
import { BuiltinDriver } from './drivers/builtin-driver.js';
import { HttpDriver } from './drivers/http-driver.js';
import type { ExecutorSettings } from './executor.config.js';
import { executorSettings } from './executor.config.js';
import { CallRunner } from './run-call.js';
import { RunningCalls } from './running-calls.js';
import { ObservationShaper } from './shape-observation.js';
import { QueueAge } from './queue-age.js';
import { EXECUTOR, ToolCallHandler } from './tool-call.handler.js';

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
      const http = new HttpClient({ connectionsMax: settings.executorConnectionsMax });
      const breakers = new Breakers({ listener: (change) => context.log.warn(change, 'breaker changed') });
      const runner = createRunner(context, settings, { http, breakers });
      const queueAge = new QueueAge({
        targetMs: settings.executorQueueAgeTargetMs,
        intervalMs: settings.executorQueueAgeIntervalMs,
      });
      const transport = context.kafkaServer({
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
      const followClasses = () => {
        for (const [at, name] of toolClasses.entries()) {
          const toolClass = context.catalogue.catalogue.get('ToolClass', name);
          if (toolClass) transport.consumers[at]?.setConcurrency(toolClass.concurrencyMax);
        }
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
            { provide: CallMetrics, useValue: new CallMetrics(context.metrics, context.catalogue.catalogue) },
          ],
        },
        transports: [transport],
        start: async () => {
          await running.start();
          followClasses();
          context.catalogue.onChange(followClasses);
        },
        stop: async () => {
          await running.close();
          breakers.shutdown();
          await http.close();
        },
      };
    },
  };
}

function createRunner(
  context: RoleContext,
  settings: ExecutorSettings,
  { http, breakers }: { readonly http: HttpClient; readonly breakers: Breakers },
): CallRunner {
  const { database, instance } = context;
  const catalogue = context.catalogue.catalogue;
  return new CallRunner({
    catalogue,
    ledger: new PostgresEffectLedger(database),
    shaper: new ObservationShaper(new PostgresArtifactStore(database, { bytesMax: limits.toolAnswerBytesMax })),
    drivers: { http: new HttpDriver({ http, breakers, catalogue }), builtin: new BuiltinDriver() },
    receiptKeys: [receiptKeyOf(settings.receiptKey)],
    // Grows from one start to the next; a take-over raises it further, so clocks of two machines need not agree.
    owner: { ownerId: instance, epoch: BigInt(Date.now()) },
  });
}
