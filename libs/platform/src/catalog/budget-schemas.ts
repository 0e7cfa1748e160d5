/** The YAML form of what may be spent, and of what it costs. */
import { budgetUnits } from '@toolfleet/kernel';
import { z } from 'zod';

const amountMax = 1_000_000_000_000;
const amount = z.int().min(1).max(amountMax).optional();

const budget = z
  .strictObject({
    per: z.enum(['user', 'tenant']),
    window: z.enum(['day', 'month']).describe('24 hours or 30 days, whenever they began.'),
    steps: amount,
    tokens: amount,
    costMicros: amount.describe("Millionths of the currency of the routes' prices."),
    wallTimeMs: amount,
  })
  .refine((spec) => budgetUnits.some((unit) => spec[unit] !== undefined), {
    error: 'needs one of steps, tokens, costMicros and wallTimeMs',
  });

export const budgets = z
  .array(budget)
  .max(4)
  .refine((all) => new Set(all.map(({ per, window }) => `${per} ${window}`)).size === all.length, {
    error: 'has two budgets of one reach and window',
  })
  .describe('What each user, or the tenant as a whole, may spend.');

export const costMicrosMax = amount.describe("Of model turns, in millionths of the currency of the routes' prices.");

export const pricePerMillion = z
  .int()
  .min(0)
  .max(amountMax)
  .optional()
  .describe('Price of a million tokens, in millionths of one currency for all routes.');
