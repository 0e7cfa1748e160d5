/** What destinations of every kind have in their YAML form. */
import { circuitDefaults, credentialVariable, headerName, secretFileName, subjectTokenTypes } from '@toolfleet/kernel';
import { z } from 'zod';

export const secretFile = z
  .string()
  .max(400)
  .regex(secretFileName, 'is not a path below the directory of credentials: letters, digits and - _ . in each part');

export const credentialEnv = z
  .string()
  .regex(credentialVariable, 'is not the name of a variable TOOLFLEET_CREDENTIAL_...');

const secretPlace = z
  .strictObject({
    file: secretFile.optional().describe('Below TOOLFLEET_CREDENTIALS_DIR of the executors.'),
    env: credentialEnv.optional(),
  })
  .refine(({ file, env }) => (file === undefined) !== (env === undefined), {
    error: 'needs one of file and env, and not both',
  });

const parameter = z.string().min(1).max(2_000);

const exchange = z.strictObject({
  tokenEndpoint: z.string().min(1).max(2_000).describe('Takes token exchanges as of RFC 8693.'),
  client: z.strictObject({
    id: parameter.describe('Who the fleet is to the token endpoint.'),
    secret: secretPlace,
    authentication: z.enum(['basic', 'post']).default('basic').describe('How the secret travels: header or body.'),
  }),
  audience: parameter.optional(),
  resource: parameter.optional(),
  scope: parameter.optional(),
  subjectTokenType: z.enum(subjectTokenTypes).default('access_token').describe("What the user's token is."),
  timeoutMs: z.int().min(100).max(30_000).default(5_000),
});

export const credential = z
  .strictObject({
    headers: z
      .record(
        z.string().regex(headerName, 'is not a header name'),
        z.string().regex(/^[\t\x20-\x7e]{0,4000}$/, 'is not a header value'),
      )
      .default({})
      .describe('Templates; {credential} is what static, perTenant or exchange comes to.'),
    static: secretPlace.optional().describe('One service account for everybody.'),
    perTenant: z
      .strictObject({ directory: secretFile })
      .optional()
      .describe("The file of the tenant's name in this directory of credentials."),
    exchange: exchange.optional().describe("The user's own token, exchanged for one that the destination takes."),
  })
  .refine((spec) => [spec.static, spec.perTenant, spec.exchange].filter((form) => form !== undefined).length <= 1, {
    error: 'takes one of static, perTenant and exchange',
  })
  .prefault({});

export const breaker = z
  .strictObject({
    errorThresholdPercentage: z.int().min(1).max(100).default(50),
    resetTimeoutMs: z.int().min(100).max(600_000).default(circuitDefaults.resetTimeoutMs),
    volumeThreshold: z.int().min(1).max(10_000).default(10),
  })
  .prefault({});
