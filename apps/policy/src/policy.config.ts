/** Settings of the policy service, besides those of every process. */
import { integerSetting, receiptSettings } from '@toolfleet/platform/config';

export const policySettings = receiptSettings.extend({
  policySweepMs: integerSetting(100, 60_000)
    .default(5_000)
    .describe('How often waiting sessions, held places and approvals are looked at without an occasion.'),
});
