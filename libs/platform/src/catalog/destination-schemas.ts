/** What destinations of every kind have in their YAML form. */
import { circuitDefaults, headerName } from '@toolfleet/kernel';
import { z } from 'zod';

export const credential = z
  .strictObject({
    headers: z
      .record(
        z.string().regex(headerName, 'is not a header name'),
        z.string().regex(/^[\t\x20-\x7e]{0,4000}$/, 'is not a header value'),
      )
      .default({}),
  })
  .prefault({});

export const breaker = z
  .strictObject({
    errorThresholdPercentage: z.int().min(1).max(100).default(50),
    resetTimeoutMs: z.int().min(100).max(600_000).default(circuitDefaults.resetTimeoutMs),
    volumeThreshold: z.int().min(1).max(10_000).default(10),
  })
  .prefault({});
