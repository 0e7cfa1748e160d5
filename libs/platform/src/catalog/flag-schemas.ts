/** The YAML form of flags. */
import { flagSubjects, limits } from '@toolfleet/kernel';
import { z } from 'zod';

const variantName = z.string().regex(/^[A-Za-z0-9_-]{1,32}$/, 'is not the name of a variant');

/** Only whoever wants it says anything. */
export const needsFlag = z
  .literal(true)
  .optional()
  .describe('No session is given it unless a Flag says so, also while none can be asked.');

export const flagOf = (globs: z.ZodArray<z.ZodString>) =>
  z.strictObject({
    tools: globs.min(1).describe('Names or globs of the tools that only those are given of whom the flag says true.'),
    variants: z
      .record(variantName, z.boolean())
      .refine((variants) => Object.keys(variants).length <= limits.flagVariantsMax, {
        error: `has more than ${limits.flagVariantsMax}`,
      })
      .default(() => ({ on: true, off: false }))
      .describe('What each variant says; on and off where absent.'),
    defaultVariant: variantName.default('off').describe('Where no rule fits, and while nobody can be asked.'),
    stickyBy: z
      .enum(flagSubjects)
      .default('session')
      .describe('Whose share a percentage is: whatever is the same here is answered alike.'),
    rules: z
      .array(
        z.strictObject({
          tenants: globs.min(1).default(['*']),
          agents: globs.min(1).default(['*']),
          percent: z.number().min(0).max(100).default(100).describe('The others go on to the next rule.'),
          variant: variantName.default('on'),
        }),
      )
      .max(limits.flagRulesMax)
      .default([])
      .describe('The first that fits decides.'),
  });
