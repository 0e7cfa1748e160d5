/** Settings of the policy service, besides those of every process. */
import { limits } from '@toolfleet/kernel';
import { Secret, integerSetting, receiptSettings, secretSetting } from '@toolfleet/platform/config';
import { z } from 'zod';

const linesOf = (text: string): string[] =>
  text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');

const keySetting = secretSetting.refine((secret) => secret.reveal().length >= 32, 'has less than 32 characters');

export const policySettings = receiptSettings.extend({
  fleetSessionsMax: integerSetting(1, 1_000_000)
    .default(limits.fleetSessionsMax)
    .describe(
      'Sessions of all tenants that run at once. Each policy process gives out the part of the admission partitions it owns; beyond it, tenants wait for their fair turn.',
    ),
  policySweepMs: integerSetting(100, 60_000)
    .default(5_000)
    .describe('How often waiting sessions, held places and approvals are looked at without an occasion.'),
  auditSigningKey: keySetting.describe(
    'Secret that the key is made of which signs the audit, at least 32 characters. `fleetctl audit keys` prints the public one.',
  ),
  auditSubjectKey: keySetting.describe(
    'Secret that wraps the data keys of people in the audit, at least 32 characters. With another one they cannot be read.',
  ),
  auditSubjectKeysFormer: z
    .string()
    .optional()
    .transform((text = '') => linesOf(text).map((secret) => new Secret(secret)))
    .refine(
      (secrets) => secrets.every((secret) => secret.reveal().length >= 32),
      'has a line of less than 32 characters',
    )
    .describe(
      'Secrets that wrapped data keys before, one a line. Such keys are read, and wrapped anew with the present one: see docs/audit.md.',
    ),
  auditCheckpointMs: integerSetting(100, 3_600_000)
    .default(limits.auditCheckpointMs)
    .describe('How long an entry of the audit may stay unsigned.'),
  auditRetentionDays: integerSetting(0, 36_500)
    .default(400)
    .describe('Days that the audit is kept. What is older is deleted, what is left verifies. 0: all of it is kept.'),
});
