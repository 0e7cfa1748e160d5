/** The HTTP API in OpenAPI 3.1, as `GET /openapi.json` serves it. Bodies are ProtoJSON: 64-bit integers are strings. */
import type { Scope } from '@toolfleet/kernel';

const text = { type: 'string' } as const;
const int64 = { type: 'string', format: 'int64' } as const;
const tenant = {
  name: 'tenant',
  in: 'query',
  description: 'Only an operator may name another than that of the token, which counts where none is named.',
  schema: text,
} as const;
const sessionId = { name: 'id', in: 'path', required: true, schema: { type: 'string', format: 'uuid' } } as const;

const priority = {
  enum: ['LOW', 'NORMAL', 'HIGH'].map((word) => `SESSION_PRIORITY_${word}`),
  description: "Orders the tenant's own waiting sessions; it buys nothing against other tenants.",
} as const;

const query = (name: string, description: string, schema: object = text) => ({
  name,
  in: 'query',
  description,
  schema,
});
const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const json = (schema: object) => ({ 'application/json': { schema } });
const body = (name: string, required = true) => ({ required, content: json(ref(name)) });
const ok = (description: string, schema: object) => ({ description, content: json(schema) });
/** `scope` is what the token must have. */
const needs = (scope: Scope) => ({ security: [{ token: [scope] }] });
const refused = {
  description: 'Refused; `reason` says why, `retryAfterMs` whether waiting helps.',
  content: { 'application/problem+json': { schema: ref('Problem') } },
};
const message = (properties: object, required: readonly string[] = []) => ({
  type: 'object',
  additionalProperties: false,
  properties,
  ...(required.length > 0 && { required }),
});

const schemas = {
  SessionRequest: message(
    {
      tenant: { ...text, pattern: '^[a-z0-9][a-z0-9-]*$', maxLength: 64 },
      user: { ...text, maxLength: 64, description: 'That of the token when absent; another takes sessions:delegate.' },
      requestId: { ...text, maxLength: 200, description: 'The same id gives the same session back.' },
      agent: { ...text, maxLength: 64 },
      input: { ...text, description: 'The first user message, at most 256 KiB.' },
      roles: {
        type: 'array',
        items: text,
        maxItems: 32,
        description: 'Those of the token when absent, or some of them.',
      },
      labels: { type: 'object', additionalProperties: text, maxProperties: 32 },
      deadlineAtMs: int64,
      priority,
      dryRun: { type: 'boolean', description: 'Writes are made ready and not sent; the outcome lists them.' },
    },
    ['requestId', 'agent', 'input'],
  ),
  Session: message({
    tenant: text,
    sessionId: text,
    requestId: text,
    user: text,
    agent: text,
    status: {
      enum: ['WAITING', 'ACTIVE', 'COMPLETED', 'GAVE_UP', 'ESCALATED', 'FAILED', 'CANCELLED', 'REJECTED'].map(
        (status) => `SESSION_STATUS_${status}`,
      ),
    },
    seq: int64,
    usage: message({ inputTokens: int64, outputTokens: int64, costMicros: int64 }),
    createdAtMs: int64,
    updatedAtMs: int64,
    answer: text,
    flags: {
      type: 'array',
      description: 'Claims without an observation in the answer.',
      items: message({ kind: text, tool: text, quote: text }),
    },
    priority,
    queuePosition: { type: 'integer', description: "Place in the tenant's line, from 1, while the session waits." },
    estimatedWaitMs: { ...int64, description: 'At the present pace; absent until that is known.' },
  }),
  UserMessage: message({ messageId: { ...text, description: 'Minted when absent.' }, text }, ['text']),
  Cancel: message({ reason: text, requestedBy: text }),
  Decision: message(
    { approve: { type: 'boolean' }, decidedBy: text, comment: text, roles: { type: 'array', items: text } },
    ['approve'],
  ),
  Approval: message({
    tenant: text,
    callId: text,
    sessionId: text,
    tool: text,
    arguments: { ...text, contentEncoding: 'base64', description: 'JSON, without what is secret in it.' },
    argumentsDigest: { ...text, contentEncoding: 'base64', description: 'Of the whole arguments: SHA-256.' },
    policyRevision: text,
    rule: text,
    reason: text,
    requestedBy: text,
    state: { enum: ['PENDING', 'APPROVED', 'REFUSED', 'EXPIRED'].map((state) => `APPROVAL_STATE_${state}`) },
    requestedAtMs: int64,
    expiresAtMs: int64,
    approvedBy: { type: 'array', items: text },
    approversNeeded: { type: 'integer' },
    agent: text,
    riskTier: text,
    effect: { enum: ['READ', 'WRITE'].map((effect) => `EFFECT_${effect}`) },
    approvers: message({ roles: { type: 'array', items: text }, users: { type: 'array', items: text } }),
    text: { ...text, description: 'All of it for an inbox, in plain text.' },
    votes: {
      type: 'array',
      items: message({ approver: text, approve: { type: 'boolean' }, atMs: int64, comment: text }),
    },
    settledAtMs: int64,
  }),
  UnknownEffect: { type: 'object', description: 'toolfleet.effect.v1.UnknownEffect' },
  Settlement: message({ end: { enum: ['EFFECT_END_DONE', 'EFFECT_END_FAILED'] }, actor: text, reason: text }, [
    'end',
    'reason',
  ]),
  ExplainCall: message({
    user: text,
    roles: { type: 'array', items: text },
    labels: { type: 'object', additionalProperties: text },
    tool: text,
    arguments: { ...text, format: 'byte', description: 'JSON text.' },
    sessionId: { ...text, description: 'Whose history rules ask for.' },
    callId: { ...text, description: 'A call that the session proposed: all else comes from its events.' },
  }),
  Explanation: { type: 'object', description: 'toolfleet.policy.v1.ExplainCallResponse' },
  Problem: {
    type: 'object',
    properties: {
      title: text,
      status: { type: 'integer' },
      detail: text,
      kind: text,
      reason: text,
      message: text,
      retryable: { type: 'boolean' },
      retryAfterMs: { type: 'integer' },
      hint: text,
      alternatives: { type: 'array', items: text },
      details: { type: 'object', additionalProperties: text },
    },
  },
} as const;

const started = ok('Started, or known already.', message({ session: ref('Session'), existing: { type: 'boolean' } }));
const page = message({ sessions: { type: 'array', items: ref('Session') }, nextPageToken: text });
const callId = { name: 'callId', in: 'path', required: true, schema: text } as const;
const approval = message({ approval: ref('Approval') });
const approvals = message({ approvals: { type: 'array', items: ref('Approval') }, nextPageToken: text });
const stream = {
  description: 'Server-sent events: `id` is the seq, `data` a SessionEvent; `event: end` closes the stream.',
  content: { 'text/event-stream': { schema: text } },
};

const paths = {
  '/v1/sessions': {
    post: {
      operationId: 'startSession',
      ...needs('sessions:start'),
      requestBody: body('SessionRequest'),
      responses: { 200: started, 201: started, default: refused },
    },
    get: {
      operationId: 'listSessions',
      ...needs('sessions:read'),
      parameters: [
        tenant,
        query('status', 'Only sessions of this status.'),
        query('agent', 'Only sessions of this agent.'),
        query('pageSize', '50 when absent.', { type: 'integer', minimum: 1, maximum: 500 }),
        query('pageToken', 'nextPageToken of the page before.'),
      ],
      responses: { 200: ok('Waiting sessions, then the others, newest first.', page), default: refused },
    },
  },
  '/v1/sessions/{id}': {
    get: {
      operationId: 'getSession',
      ...needs('sessions:read'),
      parameters: [sessionId, tenant],
      responses: { 200: ok('The session.', message({ session: ref('Session') })), default: refused },
    },
  },
  '/v1/sessions/{id}/events': {
    get: {
      operationId: 'watchSession',
      ...needs('sessions:read'),
      parameters: [
        sessionId,
        tenant,
        query('afterSeq', 'Resume after this event.', { type: 'integer', minimum: 0 }),
        query(
          'cancelOnDisconnect',
          'Cancels the session when this client goes away before its end; for clients that do not resume.',
          { type: 'boolean' },
        ),
        { name: 'Last-Event-ID', in: 'header', schema: text },
      ],
      responses: { 200: stream, default: refused },
    },
  },
  '/v1/sessions/{id}/cancel': {
    post: {
      operationId: 'cancelSession',
      ...needs('sessions:cancel'),
      parameters: [sessionId, tenant],
      requestBody: body('Cancel', false),
      responses: { 202: ok('On its way.', message({})), default: refused },
    },
  },
  '/v1/sessions/{id}/messages': {
    post: {
      operationId: 'sendMessage',
      ...needs('sessions:start'),
      parameters: [sessionId, tenant],
      requestBody: body('UserMessage'),
      responses: { 202: ok('On its way.', message({})), default: refused },
    },
  },
  '/v1/approvals': {
    get: {
      operationId: 'listApprovals',
      ...needs('approvals:read'),
      parameters: [
        tenant,
        query('pageSize', '50 at most.', { type: 'integer', minimum: 1, maximum: 50 }),
        query('pageToken', 'nextPageToken of the page before.'),
      ],
      responses: {
        200: ok('Pending approvals, oldest first.', approvals),
        default: refused,
      },
    },
  },
  '/v1/approvals/{callId}': {
    get: {
      operationId: 'getApproval',
      ...needs('approvals:read'),
      parameters: [callId, tenant],
      responses: { 200: ok('The approval, also a settled one.', approval), default: refused },
    },
  },
  '/v1/approvals/{callId}/decision': {
    post: {
      operationId: 'decideApproval',
      ...needs('approvals:decide'),
      parameters: [callId, tenant],
      requestBody: body('Decision'),
      responses: { 200: ok('The approval now.', approval), default: refused },
    },
  },
  '/v1/effects': {
    get: {
      operationId: 'listUnknownEffects',
      ...needs('effects:read'),
      parameters: [tenant, query('pageSize', '50 at most.', { type: 'integer', minimum: 1, maximum: 50 })],
      responses: {
        200: ok(
          'Writes of unknown end, oldest first.',
          message({ effects: { type: 'array', items: ref('UnknownEffect') } }),
        ),
        default: refused,
      },
    },
  },
  '/v1/effects/{callId}/settlement': {
    post: {
      operationId: 'settleEffect',
      ...needs('effects:settle'),
      parameters: [callId, tenant],
      requestBody: body('Settlement'),
      responses: { 200: ok('It was settled.', message({ effect: ref('UnknownEffect') })), default: refused },
    },
  },
  '/v1/policy/explain': {
    post: {
      operationId: 'explainCall',
      ...needs('catalog:read'),
      parameters: [tenant],
      requestBody: body('ExplainCall'),
      responses: {
        200: ok('Which rule decides, and what would change that.', ref('Explanation')),
        default: refused,
      },
    },
  },
} as const;

export const openApiDocument = {
  openapi: '3.1.0',
  info: { title: 'Toolfleet', version: '1', description: 'Sessions of tool-calling agents, and approvals.' },
  paths,
  components: {
    schemas,
    securitySchemes: { token: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
  },
} as const;
