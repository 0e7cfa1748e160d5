/**
 * The resources of the catalogue as every service sees them: already checked, defaults filled in. The YAML form and its
 * schema live in the platform's `catalog` folder; the router is the only service that reads manifests.
 */
import type { Effect } from '../toolcall/observation.js';
import type { BudgetSpec } from '../policy/quota/budgets.js';
import type { CredentialSpec } from './credential.js';
import type { DatabaseSpec, SqlBinding } from './database.js';
import type { DestinationSpec } from './destination.js';
import type { ConflictScope, ReconcileSpec, VersionCheckSpec } from './effects.js';
import type { FlagSpec } from '../flags/flag.js';
import type { RolloutSpec } from '../rollout/rollout.js';
import type { GrpcBinding, GrpcServiceSpec } from './grpc-service.js';
import type { McpBinding, McpServerSpec } from './mcp-server.js';
import type { StormsSpec } from '../storms/storms.js';
import { entryNameOf } from './tool-versions.js';

export interface TenantSpec {
  readonly name: string;
  readonly displayName: string;
  readonly concurrentSessionsMax: number;
  readonly waitingSessionsMax: number;
  /** Share of the fleet against other tenants when all its places are taken; absent: 1. */
  readonly weight?: number | undefined;
  /** Agents this tenant may start. */
  readonly agents: readonly string[];
  /** Of calls; without one that covers a call only the ceilings bound it. */
  readonly quotas?: readonly CallQuota[];
  readonly modelTokensPerMinute?: number | undefined;
  /** Calls that may wait for people at once; absent: `limits.openApprovalsOfTenant`. */
  readonly openApprovalsMax?: number | undefined;
  /** Names or globs of the tools that this tenant's sessions may call at all, whatever rules allow. Absent: as rules say. */
  readonly tools?: readonly string[] | undefined;
  /** At most one of each reach and window. */
  readonly budgets?: readonly BudgetSpec[] | undefined;
  /** Time limits of this tenant's calls in place of the defaults of their classes; at most one for a class. */
  readonly timeouts?: readonly ClassTimeout[] | undefined;
  /** No write of any of its sessions is sent; absent: they are. */
  readonly dryRun?: true | undefined;
}

export interface ClassTimeout {
  readonly toolClass: string;
  readonly timeoutMs: number;
}

/** One quota for all calls that both globs match, together. */
export interface CallQuota {
  readonly toolClass: string;
  readonly upstream: string;
  readonly callsPerMinute: number;
}

/** What operators allow each of these tenants at most, whatever the tenant's own manifest says. */
export interface QuotaCeilingSpec {
  readonly name: string;
  /** Names or globs; each tenant has the ceiling for itself. */
  readonly tenants: readonly string[];
  readonly quotas: readonly CallQuota[];
  readonly modelTokensPerMinute?: number | undefined;
}

export interface AgentSpec {
  readonly name: string;
  /** The system prompt. */
  readonly instructions: string;
  /** Name of a ModelRoute. */
  readonly model: string;
  /** Names or globs of the tools that the agent may ever see. */
  readonly tools: readonly string[];
  readonly toolsOfferedMax: number;
  /** Of the schemas of all tools shown at once, as o200k counts them. Absent: they are not counted. */
  readonly schemaTokensMax?: number | undefined;
  readonly limits: {
    readonly stepsMax: number;
    /** Absent: a run at its limit is asked once more, without tools. */
    readonly lastWord?: boolean | undefined;
    readonly wallTimeMs: number;
    readonly tokensMax: number;
    readonly costMicrosMax?: number | undefined;
  };
  readonly onLimit: 'giveUp' | 'escalate';
  /** What becomes of an answer that claims what no tool has answered; absent: `flag`. */
  readonly onClaim?: 'flag' | 'askAgain' | undefined;
  /** Below what its route allows; absent: as the route. */
  readonly contextTokensMax?: number | undefined;
  /** In place of the fleet's own thresholds, storm by storm. */
  readonly storms?: StormsSpec | undefined;
}

export interface ModelRouteSpec {
  readonly name: string;
  readonly provider: 'openai' | 'anthropic';
  readonly baseUrl: string;
  /** Name of the environment variable that holds the key; the key itself never enters the catalogue. */
  readonly apiKeyEnv?: string | undefined;
  readonly model: string;
  readonly stream: boolean;
  readonly timeoutMs: number;
  readonly concurrencyMax: number;
  /** Of the whole fleet, as the provider counts them. */
  readonly tokensPerMinute?: number | undefined;
  readonly maxOutputTokens?: number | undefined;
  /** Prices of a million tokens, in millionths of one currency for all routes. Absent: nothing. */
  readonly inputMicrosPerMillion?: number | undefined;
  readonly outputMicrosPerMillion?: number | undefined;
  /** Prompt, tools and messages of one request; absent: `limits.contextTokensMax`. */
  readonly contextTokensMax?: number | undefined;
  readonly temperature?: number | undefined;
}

export interface ToolClassSpec {
  readonly name: string;
  readonly description: string;
  readonly timeoutMs: number;
  /** As far as a tenant may raise the timeout for its own calls. Absent: tenants may only lower it. */
  readonly timeoutMsMax?: number | undefined;
  readonly concurrencyMax: number;
  readonly sloMs: number;
}

export interface UpstreamSpec extends DestinationSpec {
  readonly baseUrl: string;
  readonly credential: CredentialSpec;
}

/** Of a binding: it begins with / and has no query. */
export const bindingPath = /^\/[^\s?#]{0,999}$/;

export interface HttpBinding {
  readonly upstream: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path template; `{name}` takes the argument of that name, percent-encoded. */
  readonly path: string;
  /** Arguments that travel in the query string. */
  readonly query: readonly string[];
  /** Arguments that travel as headers. */
  readonly headers?: readonly string[] | undefined;
  /** `arguments`: all arguments that travel nowhere else, as a JSON object; `form`: the same, URL-encoded. */
  readonly body: 'none' | 'arguments' | 'form';
  /** With the body `arguments`: this argument alone is the whole body; where it is absent, none is sent. */
  readonly bodyArgument?: string | undefined;
  /** What the upstream calls an argument, where that differs; names in the path are arguments always. */
  readonly names?: Readonly<Record<string, string>> | undefined;
  /** How a list or object is written in query or headers; absent: a list repeats its name, an object is JSON. */
  readonly styles?: Readonly<Record<string, ArgumentStyle>> | undefined;
}

/**
 * - `comma`, `space`, `pipe`: a list in one value. - `deep`: an object as `name[key]=value`. - `spread`: an object as
 * `key=value`, its own name unsaid. - `json`: lists, too, as JSON.
 */
export const argumentStyles = ['comma', 'space', 'pipe', 'deep', 'spread', 'json'] as const;

export type ArgumentStyle = (typeof argumentStyles)[number];

export const observationShapes = ['auto', 'table', 'json', 'log', 'text'] as const;

export type ObservationShape = (typeof observationShapes)[number];

/** How much of a tool's answer its model reads, and in what form. */
export interface ObservationSpec {
  readonly bytesMax: number;
  /** As o200k counts them. Absent: `limits.observationTokensMax`. */
  readonly tokensMax?: number | undefined;
  /** Absent: as the answer is. */
  readonly shape?: ObservationShape | undefined;
  /** JMESPath of what of a JSON answer anybody may see. */
  readonly select?: string | undefined;
  /** The field that names a record. Absent: those that look like ids. */
  readonly recordId?: string | undefined;
}

/** What a schema cannot say: ranges across fields, what one argument demands of another. */
export interface ArgumentCheck {
  /** CEL over `args`; it must be true. */
  readonly condition: string;
  /** What the model reads when it is not. */
  readonly message: string;
}

/**
 * - `hidden`: no session is given the tool any more, nor does a search find it; one that has it goes on. - `archived`: it is
 * taken from those as well.
 */
export const toolVisibilities = ['offered', 'hidden', 'archived'] as const;

export type ToolVisibility = (typeof toolVisibilities)[number];

export interface ToolSpec {
  readonly name: string;
  readonly version: string;
  /** Another version is the current one of this name. Set where the catalogue is loaded, never by a manifest. */
  readonly beside?: true | undefined;
  /** The team. */
  readonly owner: string;
  /** Whom that team has woken: a rotation, a channel, a number. Absent: ask the owner. */
  readonly onCall?: string | undefined;
  readonly description: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Asked after the schema, in this order. */
  readonly checks?: readonly ArgumentCheck[] | undefined;
  readonly toolClass: string;
  readonly effect: Effect;
  readonly riskTier: 'low' | 'medium' | 'high';
  /** Absent: offered. */
  readonly visibility?: ToolVisibility | undefined;
  /** False: it stays, however long nobody calls it. */
  readonly archiveUnused?: boolean | undefined;
  /** Name of the tool to call in its place. */
  readonly successor?: string | undefined;
  /** From then on no session is given it whose agent may use the successor, and models are told. Absent: it is not deprecated. */
  readonly deprecatedAtMs?: number | undefined;
  /** From then on calls are refused. */
  readonly sunsetAtMs?: number | undefined;
  readonly conflictKey?: string | undefined;
  /** Absent: tenant. */
  readonly conflictScope?: ConflictScope | undefined;
  readonly versionCheck?: VersionCheckSpec | undefined;
  readonly reconcile?: ReconcileSpec | undefined;
  /** Its writes are not sent; absent: they are. */
  readonly dryRun?: true | undefined;
  /** No session is given it unless a flag says so, also where none can be asked. Absent: without a flag it is given. */
  readonly needsFlag?: true | undefined;
  /** The upstream answers a repeated Idempotency-Key with the first answer. */
  readonly idempotent: boolean;
  readonly timeoutMs?: number | undefined;
  /** A read that is not answered after so long is asked a second time. Absent: never. */
  readonly hedgeAfterMs?: number | undefined;
  readonly observation: ObservationSpec;
  readonly driver: 'http' | 'mcp' | 'sql' | 'grpc' | 'builtin';
  readonly http?: HttpBinding | undefined;
  readonly mcp?: McpBinding | undefined;
  readonly sql?: SqlBinding | undefined;
  readonly grpc?: GrpcBinding | undefined;
  /** Name of the function that the builtin driver runs. */
  readonly builtin?: string | undefined;
}

/** The destination of its calls; undefined for what runs in the executor itself. */
export const upstreamNameOf = ({ http, mcp, sql, grpc }: ToolSpec): string | undefined =>
  http?.upstream ?? mcp?.server ?? sql?.database ?? grpc?.service;

/** Who may decide on what a rule sends to review. Either list is enough; with both empty it is anyone but the requester. */
export interface Approvers {
  /** Names or globs. */
  readonly roles: readonly string[];
  readonly users: readonly string[];
}
/**
 * How much a rule's word counts. - `shadow`: it is recorded what it would have decided. - `warn`: the model is told, too, and
 * the call runs. - `enforce`: it decides.
 */
export const ruleModes = ['shadow', 'warn', 'enforce'] as const;

export type RuleMode = (typeof ruleModes)[number];

export interface RuleSpec {
  readonly name: string;
  readonly effect: 'allow' | 'deny' | 'review';
  readonly tenants: readonly string[];
  readonly roles: readonly string[];
  readonly tools: readonly string[];
  readonly when: string;
  readonly reason: string;
  readonly approversNeeded: number;
  /** Absent: anyone but the requester. */
  readonly approvers?: Approvers | undefined;
  /** How long people have; absent: `limits.approvalTtlMs`. */
  readonly approvalMs?: number | undefined;
  /** Absent: enforce. */
  readonly mode?: RuleMode | undefined;
  /** What arguments must keep to where the rule allows or asks for review; one that is not kept denies the call. */
  readonly constraints?: readonly ArgumentCheck[] | undefined;
}

export interface PolicySpec {
  readonly name: string;
  readonly rules: readonly RuleSpec[];
}

/** One record of the catalogue topic. */
export type Manifest =
  | { readonly kind: 'Tenant'; readonly spec: TenantSpec }
  | { readonly kind: 'Agent'; readonly spec: AgentSpec }
  | { readonly kind: 'ModelRoute'; readonly spec: ModelRouteSpec }
  | { readonly kind: 'ToolClass'; readonly spec: ToolClassSpec }
  | { readonly kind: 'Upstream'; readonly spec: UpstreamSpec }
  | { readonly kind: 'McpServer'; readonly spec: McpServerSpec }
  | { readonly kind: 'Database'; readonly spec: DatabaseSpec }
  | { readonly kind: 'GrpcService'; readonly spec: GrpcServiceSpec }
  | { readonly kind: 'Tool'; readonly spec: ToolSpec }
  | { readonly kind: 'Policy'; readonly spec: PolicySpec }
  | { readonly kind: 'QuotaCeiling'; readonly spec: QuotaCeilingSpec }
  | { readonly kind: 'Rollout'; readonly spec: RolloutSpec }
  | { readonly kind: 'Flag'; readonly spec: FlagSpec };

export type ManifestKind = Manifest['kind'];
type SpecOf<K extends ManifestKind> = Extract<Manifest, { kind: K }>['spec'];

/** The live catalogue of one process, by the names of its entries. Reads are plain map look-ups; `revision` grows with every change. */
export class Catalogue {
  readonly #byKind = new Map<ManifestKind, Map<string, Manifest['spec']>>();
  #revision = 0;

  get revision(): number {
    return this.#revision;
  }

  put(manifest: Manifest): void {
    let named = this.#byKind.get(manifest.kind);
    if (!named) this.#byKind.set(manifest.kind, (named = new Map()));
    named.set(entryNameOf(manifest), manifest.spec);
    this.#revision++;
  }

  remove(kind: ManifestKind, name: string): void {
    if (this.#byKind.get(kind)?.delete(name)) this.#revision++;
  }

  get<K extends ManifestKind>(kind: K, name: string): SpecOf<K> | undefined {
    return this.#byKind.get(kind)?.get(name) as SpecOf<K> | undefined;
  }

  all<K extends ManifestKind>(kind: K): SpecOf<K>[] {
    return [...(this.#byKind.get(kind)?.values() ?? [])] as SpecOf<K>[];
  }
}

/** Whether the text is one of these names or matches one of these globs. */
export const matchesAny = (globs: readonly string[], text: string): boolean =>
  globs.some((glob) => globMatches(glob, text));

/** `*` matches any run of characters; everything else is literal. Linear in both lengths. */
export function globMatches(glob: string, text: string): boolean {
  const parts = glob.split('*');
  const first = parts[0]!;
  if (parts.length === 1) return glob === text;
  const last = parts.at(-1)!;
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length) return false;
  let at = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= text.length - last.length;
}
