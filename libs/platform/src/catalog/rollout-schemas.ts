/** The YAML form of rollouts, and what of it tools share: names, versions and dates. */
import { z } from 'zod';

/** Providers refuse other characters in a tool's name. */
export const toolName = /^[A-Za-z0-9_-]{1,64}$/;

export const toolVersion = z.union([
  z.string().regex(/^[A-Za-z0-9._+-]{1,64}$/, 'is not a version'),
  z.int().transform(String),
]);

/** A day begins at midnight UTC. */
export const dateMs = z
  .union([z.iso.date(), z.iso.datetime({ offset: true })], { error: 'is not a date such as 2027-01-31' })
  .transform((date) => Date.parse(date));

export const rolloutOf = (tenants: z.ZodType<string[]>) =>
  z
    .strictObject({
      tool: z.string().regex(toolName, 'is not the name of a tool'),
      version: toolVersion.describe('One beside the current version: its Tool is hidden.'),
      tenants: tenants.describe('Whose sessions may be among them.'),
      startsAt: dateMs,
      steps: z
        .array(
          z.strictObject({
            percent: z.number().min(0).max(100).describe('Of the sessions that begin.'),
            minutes: z.int().min(0).max(525_600).default(0),
          }),
        )
        .min(1)
        .max(20)
        .describe('One after another; the last one stays.'),
      guard: z
        .strictObject({
          errorTimes: z
            .number()
            .min(1)
            .max(1_000)
            .default(2)
            .describe('Taken back when it fails so many times more often.'),
          latencyTimes: z
            .number()
            .min(1)
            .max(1_000)
            .optional()
            .describe('Taken back when it takes so many times as long, on average; not looked at where absent.'),
          callsMin: z.int().min(1).max(1_000_000).default(50).describe('Not before it was called so often.'),
        })
        .optional(),
    })
    .transform(({ startsAt, ...spec }) => ({ ...spec, startsAtMs: startsAt }));
