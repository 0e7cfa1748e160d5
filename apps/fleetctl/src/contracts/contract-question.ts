/** What a model is asked for a contract: the agent, its tools and the conversation, put together as the fleet does it. */
import type {
  AgentSpec,
  Catalogue,
  Context,
  Message,
  ModelRouteSpec,
  ToolDefinition,
  ToolSpec,
} from '@toolfleet/kernel';
import { ContextAssembly, refused, sessionIdOf, textForModel, visibleTools } from '@toolfleet/kernel';
import { Fault, callIdOf } from '@toolfleet/kernel';
import type { Problem } from '@toolfleet/platform/catalog';
import { tokensOf } from '@toolfleet/platform/tokens';
import { toolIndexOf } from '@toolfleet/platform/words';
import type { Contract, ContractMessage, ContractSpec } from './contract-file.js';

export interface Question {
  readonly contract: Contract;
  readonly messages: readonly Message[];
  /** As the model is shown them. */
  readonly tools: readonly ToolDefinition[];
  /** Of the agent; absent where a contract has none, or names one with its tools. */
  readonly route: string | undefined;
}

/** What a contract names and the catalogue lacks. */
export function contractProblems({ spec, problem }: Contract, catalogue: Catalogue): Problem[] {
  const { agent, tools = [], expect, messages } = spec;
  const problems: Problem[] = [];
  if (agent !== undefined && !catalogue.get('Agent', agent)) {
    problems.push(problem(['agent'], `there is no Agent ${agent} in the catalogue`));
  }
  const unknown = (name: string): boolean => !catalogue.get('Tool', name);
  for (const [at, name] of tools.entries()) {
    if (unknown(name)) problems.push(problem(['tools', at], `there is no Tool ${name} in the catalogue`));
  }
  for (const [at, name] of (expect.call?.oneOf ?? []).entries()) {
    const known = !unknown(name) || name === 'find_tools' || name === 'read_artifact';
    if (!known) problems.push(problem(['expect', 'call', 'oneOf', at], `there is no Tool ${name} in the catalogue`));
  }
  for (const [at, { assistant }] of messages.entries()) {
    for (const [index, { tool }] of (assistant?.calls ?? []).entries()) {
      const path = ['messages', at, 'assistant', 'calls', index, 'tool'];
      if (unknown(tool)) problems.push(problem(path, `there is no Tool ${tool} in the catalogue`));
    }
  }
  return problems;
}

/** The contract names nothing that the catalogue lacks. */
export function questionOf(contract: Contract, catalogue: Catalogue): Question {
  const { spec } = contract;
  const known = spec.agent === undefined ? undefined : catalogue.get('Agent', spec.agent);
  const agent = agentOf(spec, known);
  const messages = conversationOf(contract.name, spec.messages);
  const tools = spec.tools ?? chosenTools(agent, messages, catalogue).map(({ name }) => name);
  const id = sessionIdOf('contract', contract.name);
  const session = { id, messages, tools, artifacts: [], done: [], updatedAtMs: Date.now() };
  const context = contextOf(session, agent, known && catalogue.get('ModelRoute', known.model), catalogue);
  return { contract, messages: context.messages, tools: context.tools, route: known?.model };
}

type Shown = Parameters<ContextAssembly['of']>[0];

function contextOf(session: Shown, agent: AgentSpec, route: ModelRouteSpec | undefined, catalogue: Catalogue): Context {
  const assembly = new ContextAssembly(catalogue);
  const bounds = route ?? noRoute;
  return assembly.of(session, agent, bounds, assembly.isLong(session, agent, bounds) ? tokensOf : undefined);
}

/** Bounds a context by the default. */
const noRoute: ModelRouteSpec = {
  ...{ name: '', provider: 'openai', baseUrl: '', model: '', stream: false, timeoutMs: 0, concurrencyMax: 1 },
};

function agentOf({ system, tools }: ContractSpec, known: AgentSpec | undefined): AgentSpec {
  const limits = { stepsMax: 1, wallTimeMs: 1, tokensMax: 1 };
  const agent: AgentSpec = known ?? {
    ...{ name: 'contract', instructions: '', model: '', toolsOfferedMax: 1, limits, onLimit: 'giveUp' },
    tools: tools ?? [],
  };
  return { ...agent, ...(system !== undefined && { instructions: system }), ...(tools && { tools }) };
}

/** As the router does it, without a server of embeddings. */
function chosenTools(
  agent: AgentSpec,
  messages: readonly Message[],
  catalogue: Catalogue,
): readonly { name: string }[] {
  const tools: ToolSpec[] = visibleTools(catalogue, agent, Date.now());
  const question = messages.find(({ role }) => role === 'user')?.text ?? '';
  return toolIndexOf(tools).select(question, agent.toolsOfferedMax);
}

function conversationOf(name: string, said: readonly ContractMessage[]): Message[] {
  const messages: Message[] = [];
  let open: string[] = [];
  let turn = 0;
  for (const entry of said) {
    if (entry.user !== undefined) messages.push({ role: 'user', text: entry.user });
    else if (entry.assistant) {
      turn += 1;
      const { text, calls } = entry.assistant;
      const toolCalls = calls.map((call, index) => ({
        id: `call_${turn}_${index}`,
        name: call.tool,
        arguments: JSON.stringify(call.arguments),
      }));
      open = toolCalls.map(({ id }) => id);
      messages.push({ role: 'assistant', text, toolCalls });
    } else messages.push({ role: 'tool', toolCallId: open.shift() ?? '', text: resultOf(name, entry) });
  }
  return messages;
}

function resultOf(name: string, { result, refusal }: ContractMessage): string {
  if (!refusal) return typeof result === 'string' ? result : JSON.stringify(result ?? null);
  const { kind, reason, message, hint } = refusal;
  const fault = new Fault(kind, reason, message, hint === undefined ? {} : { hint });
  return textForModel(refused(callIdOf(name, 1, 0), fault));
}
