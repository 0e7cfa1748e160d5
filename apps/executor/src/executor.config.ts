/** Settings of an executor; its tool classes come from TOOL_CLASS, or from the role's name in a shared process. */
import { integerSetting, receiptSettings } from '@toolfleet/platform/config';
import type { z } from 'zod';

export const executorSettings = receiptSettings.extend({
  executorConcurrency: integerSetting(1, 10_000)
    .default(64)
    .describe('Calls of one class run at once where the catalogue states no concurrencyMax for it.'),
  executorConnectionsMax: integerSetting(1, 10_000).default(128).describe('Connections to one upstream.'),
});

export type ExecutorSettings = z.infer<typeof executorSettings>;
