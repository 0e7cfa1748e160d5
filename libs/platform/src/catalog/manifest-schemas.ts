/**
 * The YAML form of each kind of manifest: every field checked, unknown ones refused so that a misspelt field is seen, and
 * defaults filled in. What is parsed here is the kernel's spec, except for the name, which manifests keep in metadata.
 */
import type { Manifest, ManifestKind } from '@toolfleet/kernel';
import {
  argumentStyles,
  bindingPath,
  limits,
  observationShapes,
  ruleModes,
  stormActions,
  toolVisibilities,
} from '@toolfleet/kernel';
import { z } from 'zod';
import { budgets, costMicrosMax, pricePerMillion } from './budget-schemas.js';
import { breaker, credential } from './destination-schemas.js';
import { conflictScope, dryRun, reconcile, versionCheck } from './effect-schemas.js';
import { flagOf, needsFlag } from './flag-schemas.js';
import { grpcBinding, grpcService } from './grpc-schemas.js';
import { mcpBinding, mcpServer } from './mcp-schemas.js';
import { dateMs, rolloutOf, toolName, toolVersion } from './rollout-schemas.js';
import { database, sqlBinding } from './sql-schemas.js';

/** Part of a topic's name and of a consumer group's. */
const className = /^[a-z][a-z0-9-]{0,30}$/;
/** Part of record keys and headers. */
const tenantName = /^[a-z0-9][a-z0-9-]{0,63}$/;
const plainName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

export const namePatterns = {
  Tenant: tenantName,
  Agent: plainName,
  ModelRoute: plainName,
  ToolClass: className,
  Upstream: plainName,
  McpServer: plainName,
  Database: plainName,
  GrpcService: plainName,
  Tool: toolName,
  Policy: plainName,
  QuotaCeiling: plainName,
  Rollout: plainName,
  Flag: plainName,
} as const satisfies Record<ManifestKind, RegExp>;

export const manifestKinds = Object.keys(namePatterns) as ManifestKind[];

/** Above it a handler of the bus is aborted, whatever the tool does. */
const timeoutMsMax = 15 * 60_000;
const listMax = 1_000;

const name = z.string().regex(plainName, 'is not a name');
const glob = z.string().regex(/^[A-Za-z0-9_.*-]{1,64}$/, 'is not a name or glob');
const globs = z.array(glob).max(listMax);
const text = (charsMax: number) => z.string().max(charsMax);
const count = (min: number, max: number) => z.int().min(min).max(max);
const timeoutMs = count(1, timeoutMsMax);
const baseUrl = z.string().min(1).max(2_000);
const jsonObject = z.record(z.string(), z.unknown());

/** Below a thousand there is no room for a turn beside a prompt and tools. */
const contextTokensMax = count(1_000, 10_000_000);

const perMinute = count(1, 1_000_000_000);

/** Few, because a call asks for room in every one that covers it. */
const callQuotas = z
  .array(z.strictObject({ toolClass: glob.default('*'), upstream: glob.default('*'), callsPerMinute: perMinute }))
  .max(50)
  .default([]);

const tenant = z.strictObject({
  displayName: text(200).default(''),
  concurrentSessionsMax: count(1, 100_000).default(64).describe('Sessions that may run at once; more wait.'),
  waitingSessionsMax: count(0, 1_000_000).default(1_000).describe('Sessions that may wait; more are refused.'),
  weight: count(1, 100)
    .optional()
    .describe('Share of the fleet against other tenants when it is full; 1 where absent.'),
  agents: z.array(name).max(listMax).default([]).describe('Agents that the tenant may start.'),
  quotas: callQuotas,
  modelTokensPerMinute: perMinute.optional(),
  budgets: budgets.optional(),
  openApprovalsMax: count(1, limits.openApprovalsOfTenantMax)
    .optional()
    .describe(`Calls that may wait for people at once; ${limits.openApprovalsOfTenant} where absent.`),
  tools: globs
    .min(1)
    .optional()
    .describe('Names or globs of the tools that its sessions may call, whatever rules allow.'),
  timeouts: z
    .array(z.strictObject({ toolClass: z.string().regex(className, 'is not the name of a tool class'), timeoutMs }))
    .max(50)
    .optional(),
  dryRun: dryRun.describe('No write of any session is sent.'),
});

const quotaCeiling = z.strictObject({
  tenants: globs.min(1).default(['*']),
  quotas: callQuotas,
  modelTokensPerMinute: perMinute.optional(),
});

const agentLimits = z.strictObject({
  stepsMax: count(1, 1_000).default(limits.stepsMax),
  lastWord: z.boolean().optional(),
  wallTimeMs: count(1, 24 * 3_600_000).default(limits.wallTimeMs),
  tokensMax: count(1, 1_000_000_000).default(limits.tokensMax),
  costMicrosMax,
});

/** What a session remembers bounds what can be counted. */
const stormThresholds = z
  .array(z.strictObject({ calls: count(2, limits.recentCallsKept), action: z.enum(stormActions) }))
  .max(stormActions.length)
  .optional();

const storms = z.strictObject({
  readsThenWrite: stormThresholds.describe('Reads before a write.'),
  alternation: stormThresholds.describe('Calls of two tools in turn.'),
  sameCall: stormThresholds.describe('The same call with the same answer.'),
  forbidden: stormThresholds.describe('Calls that are not allowed.'),
});

const agent = z.strictObject({
  instructions: text(limits.inputBytesMax).default('').describe('The system prompt.'),
  model: name.describe('Name of a ModelRoute.'),
  tools: globs.min(1).default(['*']).describe('Names or globs of the tools that the agent may ever see.'),
  toolsOfferedMax: count(1, limits.toolsFoundMax)
    .default(limits.toolsOfferedMax)
    .describe('Tools shown to the model at once.'),
  schemaTokensMax: count(100, 10_000_000)
    .optional()
    .describe('Of the schemas of all tools shown at once, as o200k counts them; others are left out.'),
  limits: agentLimits.prefault({}),
  onLimit: z.enum(['giveUp', 'escalate']).default('giveUp'),
  onClaim: z.enum(['flag', 'askAgain']).optional(),
  contextTokensMax: contextTokensMax.optional(),
  storms: storms.optional().describe("In place of the fleet's own thresholds; an empty list turns one off."),
});

const modelRoute = z.strictObject({
  provider: z.enum(['openai', 'anthropic']),
  baseUrl,
  apiKeyEnv: z
    .string()
    .regex(/^[A-Z][A-Z0-9_]{0,127}$/, 'is not the name of an environment variable')
    .optional(),
  model: text(200).min(1),
  stream: z.boolean().default(true),
  timeoutMs: timeoutMs.default(120_000),
  concurrencyMax: count(1, 10_000).default(32).describe('Requests that one process sends at once.'),
  tokensPerMinute: perMinute.optional().describe('Of the whole fleet, as the provider counts them.'),
  maxOutputTokens: count(1, 10_000_000).optional(),
  inputMicrosPerMillion: pricePerMillion,
  outputMicrosPerMillion: pricePerMillion,
  contextTokensMax: contextTokensMax.optional(),
  temperature: z.number().min(0).max(2).optional(),
});

const toolClass = z
  .strictObject({
    description: text(2_000).default(''),
    timeoutMs: timeoutMs.default(10_000),
    timeoutMsMax: timeoutMs
      .optional()
      .describe('As far as a tenant may raise the timeout for its own calls; for operators to set.'),
    concurrencyMax: count(1, 10_000).default(32),
    sloMs: count(1, timeoutMsMax).default(1_000),
  })
  .refine((spec) => spec.timeoutMsMax === undefined || spec.timeoutMsMax >= spec.timeoutMs, {
    path: ['timeoutMsMax'],
    error: 'is below the timeout of the class',
  });

const upstream = z.strictObject({ baseUrl, credential, breaker });

/** The name of a parameter. */
const argument = text(200).min(1);

const http = z.strictObject({
  upstream: name.describe('Name of an Upstream.'),
  method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']),
  path: z
    .string()
    .regex(bindingPath, 'is not a path that begins with / and has no query')
    .describe('{name} takes the argument of that name.'),
  query: z.array(argument).max(100).default([]).describe('Arguments that travel in the query.'),
  headers: z.array(argument).max(100).optional().describe('Arguments that travel as headers.'),
  body: z.enum(['none', 'arguments', 'form']).default('none'),
  bodyArgument: argument.optional().describe('The argument that alone is the body.'),
  names: z
    .record(argument, text(200).min(1))
    .optional()
    .describe('What the upstream calls an argument, where that differs.'),
  styles: z.record(argument, z.enum(argumentStyles)).optional(),
});

/** CEL, and what the model reads when it is not true. */
const argumentChecks = z.array(z.strictObject({ condition: text(2_000).min(1), message: text(500).min(1) })).max(20);

const tool = z
  .strictObject({
    description: text(8_000).min(1).describe('What the tool does and when to use it, as the model reads it.'),
    parameters: jsonObject
      .default(() => ({ type: 'object', properties: {}, additionalProperties: false }))
      .describe('JSON Schema of the arguments, draft 2020-12 or 7.'),
    checks: argumentChecks.optional(),
    class: z.string().regex(className, 'is not the name of a tool class').describe('Name of a ToolClass.'),
    effect: z.enum(['read', 'write']).describe('A write is run once, through the effect ledger.'),
    riskTier: z.enum(['low', 'medium', 'high']).default('low'),
    successor: z
      .string()
      .regex(toolName, 'is not the name of a tool')
      .optional()
      .describe('The tool to call in place of this one, which a model is told when it is archived.'),
    onCall: text(200).min(1).optional().describe('Whom the team has woken: a rotation, a channel, a number.'),
    deprecatedAt: dateMs
      .optional()
      .describe('From then on sessions are given the successor, and models are told; calls still run.'),
    sunsetAt: dateMs.optional().describe('From then on calls are refused.'),
    visibility: z
      .enum(toolVisibilities)
      .optional()
      .describe('hidden: new sessions are not given it; archived: running ones lose it, too.'),
    archiveUnused: z
      .boolean()
      .optional()
      .describe('false: it stays, however long nobody calls it, where the fleet archives such tools.'),
    conflictKey: text(200).min(1).optional().describe('Calls of one key run one after another, as order-{id}.'),
    conflictScope,
    versionCheck: versionCheck.optional().describe('How the tool says that a record has changed since it was read.'),
    reconcile: reconcile.optional().describe('How to learn whether a call happened whose answer was lost.'),
    dryRun: dryRun.describe('Calls are judged and made ready, and not sent.'),
    needsFlag,
    idempotent: z
      .boolean()
      .default(false)
      .describe('The upstream answers a repeated Idempotency-Key with the first answer.'),
    driver: z.enum(['http', 'mcp', 'sql', 'grpc', 'builtin']).default('http'),
    http: http.optional(),
    mcp: mcpBinding.optional(),
    sql: sqlBinding.optional(),
    grpc: grpcBinding.optional(),
    builtin: name.optional(),
    timeoutMs: timeoutMs.optional(),
    hedgeAfterMs: timeoutMs.optional().describe('A read without an answer after so long is asked a second time.'),
    version: toolVersion.default('1'),
    observation: z
      .strictObject({
        bytesMax: count(256, limits.observationBytesMax).default(limits.observationBytesMax),
        tokensMax: count(64, limits.observationBytesMax).optional().describe('As o200k counts them.'),
        shape: z
          .enum(observationShapes)
          .optional()
          .describe('The form of what the model reads; as the answer is where absent.'),
        select: text(limits.selectCharsMax)
          .min(1)
          .optional()
          .describe('JMESPath of what of a JSON answer anybody may see.'),
        recordId: text(100).min(1).optional().describe('The field that names a record.'),
      })
      .prefault({}),
  })
  .refine(({ effect, hedgeAfterMs }) => effect === 'read' || hedgeAfterMs === undefined, {
    path: ['hedgeAfterMs'],
    error: 'is for reads: a write must not run twice',
  })
  .refine(({ deprecatedAt, sunsetAt }) => sunsetAt === undefined || (deprecatedAt ?? Infinity) < sunsetAt, {
    path: ['sunsetAt'],
    error: 'needs a deprecatedAt before it: models are told before a tool is refused',
  })
  .transform(({ class: toolClass, deprecatedAt, sunsetAt, ...spec }) => ({
    ...spec,
    toolClass,
    ...(deprecatedAt !== undefined && { deprecatedAtMs: deprecatedAt }),
    ...(sunsetAt !== undefined && { sunsetAtMs: sunsetAt }),
  }));

/** More people than this never agree within the time of a call. */
const approversMax = 10;

const rule = z
  .strictObject({
    name,
    effect: z.enum(['allow', 'deny', 'review']),
    tenants: globs.default([]),
    roles: globs.default([]),
    tools: globs.default([]),
    when: text(4_000).default('').describe('A condition in CEL; without one the rule always holds.'),
    reason: text(1_000).default(''),
    approversNeeded: count(1, approversMax).default(1).describe('How many different people must agree.'),
    approvers: z
      .strictObject({
        roles: globs.default([]),
        users: z.array(text(limits.nameCharsMax).min(1)).max(listMax).default([]),
      })
      .optional()
      .describe('Who may decide on what this rule sends to review; anyone but the requester where absent.'),
    approvalMs: count(1_000, limits.approvalMsMax)
      .optional()
      .describe(`After this a call that nobody approved is denied; ${limits.approvalTtlMs} where absent.`),
    mode: z
      .enum(ruleModes)
      .optional()
      .describe('shadow: recorded only; warn: told, and the call runs; enforce, also where absent: decides.'),
    constraints: argumentChecks
      .optional()
      .describe('What arguments must keep to; one that is not kept denies the call and tells its message.'),
  })
  .refine(({ effect, constraints }) => effect !== 'deny' || constraints === undefined, {
    path: ['constraints'],
    error: 'is for rules that allow or review: a rule that denies has a condition',
  });

const policy = z.strictObject({ rules: z.array(rule).max(listMax).default([]) });

export const specSchemas = {
  Tenant: tenant,
  Agent: agent,
  ModelRoute: modelRoute,
  ToolClass: toolClass,
  Upstream: upstream,
  McpServer: mcpServer,
  Database: database,
  GrpcService: grpcService,
  Tool: tool,
  Policy: policy,
  QuotaCeiling: quotaCeiling,
  Rollout: rolloutOf(globs.min(1).default(['*'])),
  Flag: flagOf(globs),
} as const satisfies Record<ManifestKind, z.ZodType>;

const metadata = z.strictObject({
  name: text(limits.nameCharsMax).min(1),
  owner: text(200).default('').describe('The team to ask.'),
  labels: z.record(text(100), text(200)).default({}),
});

export const apiVersion = 'toolfleet.dev/v1';

/** What every manifest has, before anything is known of its kind. */
export const envelope = z.strictObject({
  apiVersion: z.literal(apiVersion),
  kind: z.enum(manifestKinds as [ManifestKind, ...ManifestKind[]]),
  metadata,
  spec: z.unknown(),
});

export type Envelope = z.infer<typeof envelope>;

export interface SchemaProblem {
  /** From the root of the manifest. */
  readonly path: readonly PropertyKey[];
  readonly reason: string;
}

export type Parsed<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problems: SchemaProblem[] };

export function parseEnvelope(document: unknown): Parsed<Envelope> {
  const result = envelope.safeParse(document);
  return result.success ? { ok: true, value: result.data } : { ok: false, problems: problemsOf(result.error, []) };
}

export function parseSpec({ kind, metadata, spec }: Envelope): Parsed<Manifest> {
  const problems: SchemaProblem[] = [];
  if (!namePatterns[kind].test(metadata.name)) {
    problems.push({ path: ['metadata', 'name'], reason: `does not match ${namePatterns[kind].source}` });
  }
  const result = specSchemas[kind].safeParse(spec ?? {});
  if (!result.success) problems.push(...problemsOf(result.error, ['spec']));
  if (!result.success || problems.length > 0) return { ok: false, problems };
  const named = { name: metadata.name, ...(kind === 'Tool' ? { owner: metadata.owner } : {}), ...result.data };
  return { ok: true, value: { kind, spec: named } as unknown as Manifest };
}

/** A default for what a manifest leaves out, in the kernel's form. */
export function toolClassOf(name: string, fields: { description: string; timeoutMs: number; sloMs: number }): Manifest {
  return { kind: 'ToolClass', spec: { name, ...toolClass.parse(fields) } };
}

/** One problem for each unknown field, so that each is reported at its own line. */
export function problemsOf(error: z.ZodError, prefix: readonly PropertyKey[]): SchemaProblem[] {
  return error.issues.flatMap((issue) => {
    const path = [...prefix, ...issue.path];
    if (issue.code !== 'unrecognized_keys') return [{ path, reason: issue.message }];
    return issue.keys.map((key) => ({ path: [...path, key], reason: 'is not a field of this kind' }));
  });
}
