/** Settings of the policy service, besides those of every process. */
import { limits } from '@toolfleet/kernel';
import { integerSetting, receiptSettings } from '@toolfleet/platform/config';

export const policySettings = receiptSettings.extend({
  fleetSessionsMax: integerSetting(1, 1_000_000)
    .default(limits.fleetSessionsMax)
    .describe(
      'Sessions of all tenants that run at once. Each policy process gives out the part of the admission partitions it owns; beyond it, tenants wait for their fair turn.',
    ),
  policySweepMs: integerSetting(100, 60_000)
    .default(5_000)
    .describe('How often waiting sessions, held places and approvals are looked at without an occasion.'),
});
