/** The YAML form of databases and of the tools that ask them. */
import { limits, sqlTypes } from '@toolfleet/kernel';
import { z } from 'zod';
import { breaker, credentialEnv, secretFile } from './destination-schemas.js';

/** As of a call. */
const timeoutMsMax = 15 * 60_000;

export const database = z
  .strictObject({
    connectionEnv: credentialEnv.optional(),
    connectionFile: secretFile.optional().describe('In place of a variable: below TOOLFLEET_CREDENTIALS_DIR.'),
    role: z
      .string()
      .regex(/^[A-Za-z_][A-Za-z0-9_$-]{0,62}$/, 'is not the name of a role')
      .optional(),
    writes: z.boolean().default(false),
    poolMax: z.int().min(1).max(1_000).default(8),
    statementTimeoutMs: z.int().min(1).max(timeoutMsMax).default(5_000),
    breaker,
  })
  .refine(({ connectionEnv, connectionFile }) => (connectionEnv === undefined) !== (connectionFile === undefined), {
    path: ['connectionEnv'],
    error: 'is required without connectionFile, and does not go with it',
  });

export const sqlBinding = z.strictObject({
  database: z.string().min(1).max(limits.nameCharsMax),
  statement: z.string().min(1).max(limits.sqlStatementCharsMax),
  types: z.record(z.string(), z.enum(sqlTypes)).default({}),
  rowsMax: z.int().min(1).max(limits.sqlRowsMax).default(limits.sqlRows),
});
