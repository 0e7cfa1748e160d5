/**
 * A plan in the fleet's own terms: names that the catalogue takes, an agent for each set of tools, a tenant for each
 * folder, and for each session what its model says and what its tools answer.
 */
import { ArgumentValidators, faultOf, fleetToolNames, invalid, sessionIdOf } from '@toolfleet/kernel';
import type { Conversation, RecordedAnswer } from '@toolfleet/platform/model-replay';
import type { ManifestDocument, PlannedCall, PlannedSession, PlannedTool, SessionPlan } from './plan.js';

/** As many agents as a tenant's manifest may name; beyond that a folder has a further tenant. */
const agentsOfTenantMax = 1_000;
/** As many tools as an agent's manifest may name. */
const toolsOfAgentMax = 1_000;
const nameCharsMax = 64;
const descriptionCharsMax = 8_000;
const inputBytesMax = 200_000;

export interface StagedCall {
  readonly planned: PlannedCall;
  /** In the catalogue, or the invented name. */
  readonly name: string;
  /** Of the tool that is called, where there is one. */
  readonly tool: PlannedTool | undefined;
}

export interface StagedSession {
  readonly planned: PlannedSession;
  readonly requestId: string;
  readonly sessionId: string;
  readonly tenant: string;
  readonly agent: string;
  /** Of each run; the first is what the model's script is found by. */
  readonly inputs: readonly string[];
  /** Answers of the model in order, all runs after one another. */
  readonly answers: readonly (readonly StagedCall[])[];
  readonly conversation: Conversation;
}

export interface StagedTool {
  readonly name: string;
  readonly tool: PlannedTool;
}

export interface UnusableTool {
  readonly name: string;
  readonly reason: string;
}

export interface StagedPlan {
  /** The folder's place. */
  readonly index: number;
  readonly plan: SessionPlan;
  readonly tools: readonly StagedTool[];
  readonly unusable: readonly UnusableTool[];
  readonly agents: readonly { readonly name: string; readonly tools: readonly string[] }[];
  readonly tenants: readonly { readonly name: string; readonly agents: readonly string[] }[];
  readonly sessions: readonly StagedSession[];
}

/** Names are unique in the whole catalogue, so all folders of a run share one book of them. */
export class NameBook {
  readonly #taken = new Set<string>(fleetToolNames);

  /** Providers allow letters, digits, `_` and `-`. */
  take(wanted: string): string {
    const base = wanted.replaceAll(/[^A-Za-z0-9_-]/g, '_').slice(0, nameCharsMax) || 'tool';
    let name = base;
    for (let count = 2; this.#taken.has(name); count += 1) {
      const suffix = `_${count}`;
      name = base.slice(0, nameCharsMax - suffix.length) + suffix;
    }
    this.#taken.add(name);
    return name;
  }
}

/** `runId` makes the sessions those of this run and no other; `index` is the folder's place. */
export function stagePlan(plan: SessionPlan, index: number, runId: string, names: NameBook): StagedPlan {
  const { tools, unusable } = stageTools(plan.tools, names);
  const staged = new Map(tools.map((each) => [each.tool.key, each]));
  const agents = new Map<string, { name: string; tools: readonly string[]; tenant: string }>();
  const sessions = plan.sessions.map((planned, at) => {
    const own = planned.tools.flatMap((key) => staged.get(key)?.name ?? []).toSorted();
    if (own.length > toolsOfAgentMax) {
      throw invalid('AGENT_TOO_WIDE', `The session ${planned.id} has more than ${toolsOfAgentMax} tools.`);
    }
    const set = own.join(' ');
    const count = agents.size;
    const tenant = `eval-${index + 1}-${Math.floor(count / agentsOfTenantMax) + 1}`;
    const agent = agents.get(set) ?? { name: `eval-${index + 1}-${count + 1}`, tools: own, tenant };
    agents.set(set, agent);
    return stageSession(planned, { staged, agent, requestId: `${runId}-${index + 1}-${at + 1}` });
  });
  const byTenant = Map.groupBy(agents.values(), ({ tenant }) => tenant);
  const tenants = [...byTenant].map(([name, of]) => ({ name, agents: of.map((agent) => agent.name) }));
  return { index, plan, tools, unusable, agents: [...agents.values()], tenants, sessions };
}

/** What the catalogue would refuse stays out, because it takes a catalogue whole or not at all. */
function stageTools(planned: readonly PlannedTool[], names: NameBook): Pick<StagedPlan, 'tools' | 'unusable'> {
  const validators = new ArgumentValidators();
  const tools: StagedTool[] = [];
  const unusable: UnusableTool[] = [];
  for (const tool of planned) {
    try {
      validators.compile(tool);
      tools.push({ name: names.take(tool.name), tool });
    } catch (error) {
      const { message, cause } = faultOf(error);
      unusable.push({ name: tool.name, reason: cause instanceof Error ? `${message} ${cause.message}` : message });
    }
  }
  return { tools, unusable };
}

interface SessionPlace {
  readonly staged: ReadonlyMap<string, StagedTool>;
  readonly agent: { readonly name: string; readonly tenant: string };
  readonly requestId: string;
}

function stageSession(planned: PlannedSession, { staged, agent, requestId }: SessionPlace): StagedSession {
  const { tenant } = agent;
  const stageCall = (call: PlannedCall): StagedCall => {
    const known = staged.get(call.tool);
    return { planned: call, name: known?.name ?? call.tool, tool: known?.tool };
  };
  const runs = planned.runs.map((run) => ({ ...run, answers: run.answers.map((calls) => calls.map(stageCall)) }));
  // No word of a tool's text, so it does not sway which tools are picked.
  const mark = `\n[zq${requestId.replaceAll('-', 'z')}]`;
  const inputs = runs.map(({ input }, index) => cut(input) + (index === 0 ? mark : ''));
  const answers = runs.flatMap((run) => [...run.answers, []]);
  const recorded = runs.flatMap((run): RecordedAnswer[] => [...run.answers.map(answerOf), { text: run.say }]);
  return {
    ...{ planned, requestId, sessionId: sessionIdOf(tenant, requestId), tenant, agent: agent.name, inputs, answers },
    conversation: { id: requestId, input: inputs[0] ?? mark, answers: recorded },
  };
}

function cut(input: string): string {
  const text = input.trim() === '' ? 'Go on.' : input;
  return Buffer.byteLength(text) <= inputBytesMax ? text : text.slice(0, inputBytesMax / 4);
}

function answerOf(calls: readonly StagedCall[]): RecordedAnswer {
  return {
    toolCalls: calls.map(({ name, planned: { arguments: args } }) =>
      typeof args === 'string' ? { name, rawArguments: args } : { name, arguments: args },
    ),
  };
}

const upstream = 'eval-tools';
export const toolsUrlVariable = 'TOOLFLEET_TOOLS_URL';
/** By which the tools tell sessions apart. */
export const sessionHeader = 'x-eval-session';
/** What a tool may answer at most, so that nothing is shaped that could go whole. */
const observation = { bytesMax: 65_536, tokensMax: 65_536 };
/** Far above what a recorded session takes: a limit that ends one shows as such. */
const agentLimits = { stepsMax: 1_000, wallTimeMs: 600_000, tokensMax: 1_000_000_000 };
/** Wide enough that no session waits in line, and no call is late because this machine is busy. */
const tenantSpec = { concurrentSessionsMax: 2_048, waitingSessionsMax: 2_048 };
const classSpec = { timeoutMs: 30_000, concurrencyMax: 512, sloMs: 1_000 };

export function manifestsOf(plans: readonly StagedPlan[]): ManifestDocument[] {
  const url = `\${${toolsUrlVariable}}`;
  const credential = { headers: { [sessionHeader]: '{session}' } };
  const route = {
    ...{ provider: 'openai', baseUrl: '${TOOLFLEET_MODEL_BASE_URL}', apiKeyEnv: 'TOOLFLEET_MODEL_API_KEY' },
    ...{ model: 'recorded', timeoutMs: 60_000, concurrencyMax: 2_048 },
  };
  return [
    { kind: 'ModelRoute', name: 'recorded', spec: route },
    { kind: 'Upstream', name: upstream, spec: { baseUrl: url, credential } },
    ...['read', 'write'].map((name) => ({ kind: 'ToolClass' as const, name, spec: classSpec })),
    { kind: 'Policy', name: 'eval', spec: { rules: plans.flatMap(rulesOf) } },
    ...plans.flatMap((plan) => [
      ...(plan.plan.backing?.manifests ?? []),
      ...plan.tools.map(toolManifest),
      ...plan.agents.map(({ name, tools }) => ({
        kind: 'Agent' as const,
        name,
        // A glob may match nothing: an agent without a tool must name some.
        spec: { model: 'recorded', tools: tools.length > 0 ? tools : ['eval-none-*'], limits: agentLimits },
      })),
      ...plan.tenants.map(({ name, agents }) => ({
        kind: 'Tenant' as const,
        name,
        spec: { ...tenantSpec, displayName: name, agents },
      })),
    ]),
  ];
}

function rulesOf({ plan, tools, tenants, index }: StagedPlan): object[] {
  const own = tenants.map(({ name }) => name);
  if (own.length === 0) return [];
  if (!plan.rules) {
    const reason = 'The recorded sessions use their tools.';
    return [{ name: `eval-tools-${index + 1}`, effect: 'allow', tenants: own, roles: ['*'], tools: ['*'], reason }];
  }
  // A tool of another folder may have taken its name.
  const nameOf = new Map(tools.map(({ name, tool }) => [tool.name, name]));
  return plan.rules.map((rule) => ({
    ...rule,
    tenants: own,
    tools: rule.tools.map((tool) => nameOf.get(tool) ?? tool),
  }));
}

function toolManifest({ name, tool }: StagedTool): ManifestDocument {
  const { effect, parameters, description, binding } = tool;
  const http = { driver: 'http', http: { upstream, method: 'POST', path: `/${name}`, body: 'arguments' } };
  return {
    kind: 'Tool',
    name,
    spec: {
      description: description.trim().slice(0, descriptionCharsMax) || tool.name,
      ...{ parameters, effect, class: effect, riskTier: 'low' },
      ...(binding ?? http),
      // A recorded answer may be given again.
      idempotent: true,
      observation,
    },
  };
}
