/**
 * What a model is shown of a session: its agent's prompt, the conversation, the tools. Messages go in as they are until the
 * whole is longer than the context may be; then the oldest turns become one message, a summary of the session's state. It is
 * a user's message by its role, because not every provider takes another one in the middle, and none gives it more weight.
 *
 * What was made before is kept by identity, so that an unchanged beginning is encoded once.
 */
import type { AgentSpec, Catalogue, ModelRouteSpec, ToolSpec } from '../catalog/manifest.js';
import { toolOf } from '../catalog/tool-versions.js';
import { deprecationHint, isCallable, isFound, nextStandingAtMs } from '../catalog/tool-standing.js';
import { callIdOf } from '../ids.js';
import { limits } from '../limits.js';
import { visibleTools } from '../routing/select-tools.js';
import { findToolsDefinition, readArtifactDefinition } from '../toolcall/fleet-tools.js';
import type { Cut } from './compaction.js';
import { cutOf, isText, textsShareOf } from './compaction.js';
import type { Message, SystemMessage, ToolDefinition, UserMessage } from './message.js';
import type { Session } from './session.js';
import type { ToldCall } from './state-summary.js';
import { stateSummaryOf } from './state-summary.js';

export type TokensOf = (text: string) => number;

export interface Context {
  readonly messages: readonly Message[];
  readonly tools: readonly ToolDefinition[];
  /** Turns that are told as a summary. */
  readonly turnsTold: number;
}

/** Dates of tools count as they stood at `updatedAtMs`, so that replay shows what was shown. */
export type ContextSession = Pick<
  Session,
  'id' | 'messages' | 'tools' | 'toolVersions' | 'artifacts' | 'done' | 'updatedAtMs'
>;

/** Role, ids and braces of a message, as providers count them. */
const tokensPerMessage = 8;
/** No tokeniser makes more tokens of a text than it has bytes, and three bytes are the most for one UTF-16 unit. */
const bytesPerUnit = 3;

export class ContextAssembly {
  readonly #prompts = new WeakMap<AgentSpec, SystemMessage>();
  /** By the list of names that a session was given. */
  readonly #tools = new WeakMap<object, ShownTools>();
  readonly #deprecated = new WeakMap<ToolSpec, { readonly hint: string; readonly definition: ToolDefinition }>();
  readonly #hidden = new WeakMap<AgentSpec, { revision: number; count: number; untilMs: number }>();
  readonly #tokens = new WeakMap<object, number>();
  readonly #toolBytes = new WeakMap<ToolDefinition, number>();
  /** By the last message that it tells of. */
  readonly #summaries = new WeakMap<Message, { readonly key: string; readonly message: UserMessage }>();

  constructor(private readonly catalogue: Catalogue) {}

  /** Whether the tokens have to be counted at all: what has fewer bytes than the budget has tokens need not be. */
  isLong(session: ContextSession, agent: AgentSpec, route: ModelRouteSpec): boolean {
    const texts = [agent.instructions, ...session.messages.flatMap(textsOf)];
    const tools = this.#toolsOf(session, agent).reduce(
      (sum, tool) => sum + counted(this.#toolBytes, tool, byteCount),
      0,
    );
    const budget = budgetOf(agent, route) - tools - tokensPerMessage * session.messages.length;
    const units = texts.reduce((sum, text) => sum + text.length, 0);
    return units * bytesPerUnit > budget && texts.reduce((sum, text) => sum + byteCount(text), 0) > budget;
  }

  /** `tokensOf` absent: nothing is to be left out. */
  of(session: ContextSession, agent: AgentSpec, route: ModelRouteSpec, tokensOf?: TokensOf): Context {
    const prompt = this.#promptOf(agent);
    const tools = this.#toolsOf(session, agent);
    const whole = { messages: [prompt, ...session.messages], tools, turnsTold: 0 };
    if (!tokensOf) return whole;
    const fixed = [prompt, ...tools].reduce((sum, part) => sum + counted(this.#tokens, part, tokensOf), 0);
    const budget = Math.max(1, budgetOf(agent, route) - fixed);
    const tokens = session.messages.map((message) => counted(this.#tokens, message, tokensOf));
    const cut = cutOf(session.messages, { tokens, budget });
    if (cut.told === 0) return whole;
    const messages = this.#compacted(session, tools, { tokens, budget, cut });
    return { messages: [prompt, ...messages], tools, turnsTold: cut.told };
  }

  #compacted(session: ContextSession, tools: readonly ToolDefinition[], parts: Parts): Message[] {
    const { tokens, budget, cut } = parts;
    const end = cut.turns[cut.told - 1]!.to;
    const [first, ...texts] = session.messages.flatMap((message, at) => (at < end && isText(message) ? [at] : []));
    // The newest ones that fit; what the session began with is always among them.
    let room = textsShareOf(budget);
    const tooOld = texts.findLastIndex((at) => (room -= tokens[at]!) < 0);
    const kept = texts.slice(tooOld + 1);
    const shown = (first === undefined ? kept : [first, ...kept]).map((at) => session.messages[at]!);
    const summary = this.#summaryOf(session, tools, cut, texts.length - kept.length);
    return [...shown, summary, ...session.messages.slice(end)];
  }

  #summaryOf(
    session: ContextSession,
    tools: readonly ToolDefinition[],
    { turns, told }: Cut,
    messagesLeftOut: number,
  ): UserMessage {
    const last = session.messages[turns[told - 1]!.to - 1]!;
    const offered = tools.map(({ name }) => name);
    const ends = new Map(session.done.map((call) => [call.callId, call]));
    const calls = turns.slice(0, told).flatMap(({ from, to }, turn): ToldCall[] => {
      const [answer, ...results] = session.messages.slice(from, to);
      if (answer?.role !== 'assistant') return [];
      return answer.toolCalls.map((call, index) => {
        const end = ends.get(callIdOf(session.id, turn + 1, index));
        return {
          place: `${turn + 1}:${index}`,
          call,
          end,
          text: results[index]?.role === 'tool' ? results[index].text : '',
        };
      });
    });
    const key = `${messagesLeftOut} ${offered.join(' ')} ${calls.map(({ end }) => end?.outcome).join(' ')}`;
    const known = this.#summaries.get(last);
    if (known?.key === key) return known.message;
    const text = stateSummaryOf({ calls, offered, messagesLeftOut });
    const message: UserMessage = { role: 'user', text, byFleet: true };
    this.#summaries.set(last, { key, message });
    return message;
  }

  #toolsOf(session: ContextSession, agent: AgentSpec): readonly ToolDefinition[] {
    const key = `${this.catalogue.revision} ${agent.name} ${session.artifacts.length > 0}`;
    let made = this.#tools.get(session.tools);
    if (made?.key !== key || session.updatedAtMs >= made.untilMs)
      this.#tools.set(session.tools, (made = { key, ...this.#makeTools(session, agent) }));
    return made.tools;
  }

  #makeTools(session: ContextSession, agent: AgentSpec): Omit<ShownTools, 'key'> {
    const nowMs = session.updatedAtMs;
    const shownAs = (name: string, at: number) => toolOf(this.catalogue, name, session.toolVersions?.[at], nowMs);
    const specs = session.tools.flatMap((name, at) => shownAs(name, at) ?? []);
    const tools = specs.filter((tool) => isCallable(tool, nowMs));
    const found = tools.filter((tool) => isFound(tool, nowMs));
    const shown = tools.map((tool) => this.#definitionOf(tool, nowMs));
    const own = [
      ...(this.#visibleCount(agent, nowMs) > found.length ? [findToolsDefinition] : []),
      ...(session.artifacts.length > 0 ? [readArtifactDefinition] : []),
    ];
    return { tools: own.length > 0 ? [...shown, ...own] : shown, untilMs: nextStandingAtMs(specs, nowMs) };
  }

  /** The same object while the same is said, so that it is encoded once. */
  #definitionOf(tool: ToolSpec, nowMs: number): ToolDefinition {
    const hint = deprecationHint(tool, this.catalogue, nowMs);
    if (hint === undefined) return tool;
    let known = this.#deprecated.get(tool);
    if (known?.hint !== hint) {
      const { name, description, parameters } = tool;
      known = { hint, definition: { name, description: `${description} ${hint}`, parameters } };
      this.#deprecated.set(tool, known);
    }
    return known.definition;
  }

  /** Of what a search may find. */
  #visibleCount(agent: AgentSpec, nowMs: number): number {
    const { catalogue } = this;
    const known = this.#hidden.get(agent);
    if (known?.revision === catalogue.revision && nowMs < known.untilMs) return known.count;
    const count = visibleTools(catalogue, agent, nowMs).filter((tool) => isFound(tool, nowMs)).length;
    const untilMs = nextStandingAtMs(catalogue.all('Tool'), nowMs);
    this.#hidden.set(agent, { revision: catalogue.revision, count, untilMs });
    return count;
  }

  /** One object per agent, so that its encoded form is cached by identity. */
  #promptOf(agent: AgentSpec): SystemMessage {
    let prompt = this.#prompts.get(agent);
    if (!prompt) this.#prompts.set(agent, (prompt = { role: 'system', text: agent.instructions }));
    return prompt;
  }
}

interface ShownTools {
  readonly key: string;
  readonly tools: readonly ToolDefinition[];
  /** When the standing of one of them changes. */
  readonly untilMs: number;
}

interface Parts {
  readonly tokens: readonly number[];
  readonly budget: number;
  readonly cut: Cut;
}

/** Parts are immutable: each is counted once. */
function counted<P extends Message | ToolDefinition>(known: WeakMap<P, number>, part: P, tokensOf: TokensOf): number {
  let tokens = known.get(part);
  if (tokens === undefined) {
    tokens = tokensOfPart(part, tokensOf);
    known.set(part, tokens);
  }
  return tokens;
}

const tokensOfPart = (part: Message | ToolDefinition, tokensOf: TokensOf): number =>
  textsOf(part).reduce((sum, text) => sum + tokensOf(text), tokensPerMessage);

/** What a tool takes of a context. */
export const definitionTokensOf = ({ name, description, parameters }: ToolDefinition, tokensOf: TokensOf): number =>
  tokensOfPart({ name, description, parameters }, tokensOf);

const byteCount: TokensOf = (text) => Buffer.byteLength(text);

function budgetOf(agent: AgentSpec, route: ModelRouteSpec): number {
  return Math.min(route.contextTokensMax ?? limits.contextTokensMax, agent.contextTokensMax ?? Infinity);
}

function textsOf(part: Message | ToolDefinition): string[] {
  if (!('role' in part)) return [part.name, part.description, JSON.stringify(part.parameters)];
  if (part.role !== 'assistant') return [part.text];
  return [part.text, ...part.toolCalls.flatMap((call) => [call.name, call.arguments])];
}
