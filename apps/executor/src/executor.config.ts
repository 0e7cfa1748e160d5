/** Settings of an executor; its tool classes come from TOOL_CLASS, or from the role's name in a shared process. */
import { integerSetting, receiptSettings } from '@toolfleet/platform/config';
import { limits } from '@toolfleet/kernel';
import type { z } from 'zod';

export const executorSettings = receiptSettings.extend({
  executorConcurrency: integerSetting(1, 10_000)
    .default(64)
    .describe('Calls of one class run at once where the catalogue states no concurrencyMax for it.'),
  executorQueueAgeTargetMs: integerSetting(0, 600_000)
    .default(limits.queueAgeTargetMs)
    .describe('Age at which a waiting call is shed, once its queue stands that old for the interval; 0 sheds nothing.'),
  executorQueueAgeIntervalMs: integerSetting(100, 600_000)
    .default(limits.queueAgeIntervalMs)
    .describe('How long calls of one class and tenant must start above the target before they are shed.'),
  executorConnectionsMax: integerSetting(1, 10_000).default(128).describe('Connections to one upstream.'),
});

export type ExecutorSettings = z.infer<typeof executorSettings>;
