/** The YAML form of MCP servers and of the tools that are called at them. */
import { limits } from '@toolfleet/kernel';
import { z } from 'zod';
import { breaker, credential } from './destination-schemas.js';

const processText = z.string().regex(/^[^\0]{0,4000}$/, 'is not text without NUL of at most 4,000 characters');

export const mcpServer = z
  .strictObject({
    http: z.strictObject({ url: z.string().min(1).max(2_000), credential }).optional(),
    stdio: z
      .strictObject({
        command: processText.min(1),
        args: z.array(processText).max(100).default([]),
        env: z
          .record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/, 'is not the name of a variable'), processText)
          .default({}),
        directory: processText.min(1).optional(),
      })
      .optional(),
    breaker,
  })
  .refine(({ http, stdio }) => (http === undefined) !== (stdio === undefined), {
    error: 'needs one of http and stdio, and not both',
  });

export const mcpBinding = z.strictObject({
  server: z.string().min(1).max(limits.nameCharsMax),
  tool: z.string().min(1).max(200).optional(),
});
