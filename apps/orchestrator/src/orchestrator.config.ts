/** Settings of the orchestrator. */
import { integerSetting, receiptSettings } from '@toolfleet/platform/config';
import type { z } from 'zod';

export const orchestratorSettings = receiptSettings.extend({
  orchestratorConcurrency: integerSetting(1, 10_000)
    .default(256)
    .describe('Inbox records handled at once. Model calls do not count: each route has its own cap.'),
  orchestratorSessionsMax: integerSetting(100, 1_000_000)
    .default(20_000)
    .describe(
      'Sessions kept in memory; beyond it those that wait longest are read again from the database when needed.',
    ),
  orchestratorModelConnectionsMax: integerSetting(1, 10_000)
    .default(512)
    .describe('Connections to one model endpoint. Above the largest concurrencyMax of its routes.'),
  orchestratorModelAttemptsMax: integerSetting(1, 20)
    .default(5)
    .describe('Tries of one model turn while the model is unreachable or overloaded.'),
});

export type OrchestratorSettings = z.infer<typeof orchestratorSettings>;
