/** What manifests declare about effects of tools. */
import { conflictScopes, limits } from '@toolfleet/kernel';
import { z } from 'zod';

const toolName = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'is not the name of a tool');
const condition = z.string().min(1).max(2_000);
const jmespath = z.string().min(1).max(limits.selectCharsMax);

const declaredRead = {
  tool: toolName.describe('A read of the same destination.'),
  arguments: z
    .record(z.string().min(1).max(200), z.unknown())
    .default({})
    .describe('Texts may hold {name} for an argument of the write, or {toolfleet_idempotency_key} and the like.'),
};

export const reconcile = z.strictObject({
  ...declaredRead,
  done: condition.describe('CEL over answer, ok, args and idempotency_key: the write happened.'),
  failed: condition.optional().describe('The same: it did not happen. Without it only a person can say so.'),
  failedAfterMs: z
    .int()
    .min(0)
    .max(24 * 3_600_000)
    .default(2_000)
    .describe('How long after its last try the tool may still do it.'),
  tellAnswer: z.boolean().default(true).describe("Whether the model reads the read's answer as the write's."),
});

export const versionCheck = z.strictObject({
  argument: z.string().min(1).max(200).describe('The argument that holds the version that was read.'),
  when: jmespath.optional().describe('JMESPath over a refusal that is true when the version was another.'),
  current: jmespath.optional().describe('JMESPath over the refusal, or the answer of read: the version of now.'),
  read: z.strictObject(declaredRead).optional(),
});

export const conflictScope = z
  .enum(conflictScopes)
  .optional()
  .describe('Who shares what the conflict key names: the tenant, where absent, or all that call the upstream.');

/** Only whoever turns it on says anything. */
export const dryRun = z.literal(true).optional();
