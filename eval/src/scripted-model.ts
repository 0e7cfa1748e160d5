/**
 * The model of all sessions: it makes the planned calls, asks for a tool by `find_tools` where it was not shown one that
 * is due, and keeps what the fleet showed it. Everything is derived from the request, so a turn that is asked for twice
 * gets the same words.
 */
import { findToolsName } from '@toolfleet/kernel';
import {
  startReplayModel,
  type RecordedAnswer,
  type ReplayedTurn,
  type ReplayModel,
} from '@toolfleet/platform/model-replay';
import type { PlannedTool } from './plan.js';
import type { StagedCall, StagedSession, StagedTool } from './staging.js';

/** A search shows five tools, and a session at most 60, of which 20 at once: eight searches show all. */
const searchesMax = 8;
const queryCharsMax = 1_000;

interface WireCall {
  readonly id: string;
  readonly function: { readonly name: string };
}

interface WireMessage {
  readonly role: string;
  readonly content?: string | null;
  readonly tool_calls?: readonly WireCall[];
  readonly tool_call_id?: string;
}

interface WireRequest {
  readonly messages: readonly WireMessage[];
  readonly tools?: readonly { readonly function: { readonly name: string } }[];
}

export interface SeenCall {
  readonly text: string | undefined;
  /** Of the model, searches included, from 1: part of the call's id in the fleet. */
  readonly turn: number;
  readonly index: number;
}

export class SessionView {
  #offeredFirst: ReadonlySet<string> | undefined;
  #offered: ReadonlySet<string> = new Set();
  #messages: readonly WireMessage[] = [];

  saw({ messages, tools = [] }: WireRequest): void {
    this.#offered = new Set(tools.map((tool) => tool.function.name));
    this.#offeredFirst ??= this.#offered;
    // The conversation only grows, so the longest request holds all.
    if (messages.length >= this.#messages.length) this.#messages = messages;
  }

  offeredOf(name: string): 'first' | 'found' | 'never' {
    if (this.#offeredFirst?.has(name) === true) return 'first';
    return this.#offered.has(name) ? 'found' : 'never';
  }

  /** What came of the calls of the planned answer at `position`; undefined when it was never given. */
  callsAt(position: number): readonly SeenCall[] | undefined {
    const texts = new Map(this.#messages.map(({ tool_call_id: id, content }) => [id, content ?? '']));
    const own = turnsOf(this.#messages).filter((turn) => !turn.isSearch)[position];
    return own?.calls.map(({ id }, index) => ({ text: texts.get(id), turn: own.turn, index }));
  }
}

interface Turn {
  readonly turn: number;
  readonly isSearch: boolean;
  readonly calls: readonly WireCall[];
}

/** No script calls `find_tools` by itself, so an answer that does is a search of ours. */
function turnsOf(messages: readonly WireMessage[]): Turn[] {
  return messages
    .filter(({ role }) => role === 'assistant')
    .map(({ tool_calls: calls = [] }, index) => ({
      turn: index + 1,
      isSearch: calls.length > 0 && calls.every((call) => call.function.name === findToolsName),
      calls,
    }));
}

export interface ScriptedModel {
  readonly url: string;
  viewOf(session: StagedSession): SessionView;
  close(): Promise<void>;
}

export async function startScriptedModel(
  sessions: readonly StagedSession[],
  tools: readonly StagedTool[],
): Promise<ScriptedModel> {
  const script = new Script(sessions, tools);
  const model: ReplayModel = await startReplayModel({
    conversations: sessions.map(({ conversation }) => conversation),
    direct: (turn) => script.next(turn),
  });
  return { url: model.url, viewOf: (session) => script.viewOf(session), close: () => model.close() };
}

class Script {
  readonly #sessions: ReadonlyMap<string, StagedSession>;
  readonly #tools: ReadonlyMap<string, PlannedTool>;
  readonly #views = new Map<string, SessionView>();

  constructor(sessions: readonly StagedSession[], tools: readonly StagedTool[]) {
    this.#sessions = new Map(sessions.map((session) => [session.conversation.id, session]));
    this.#tools = new Map(tools.map(({ name, tool }) => [name, tool]));
  }

  viewOf({ conversation }: StagedSession): SessionView {
    let view = this.#views.get(conversation.id);
    if (view === undefined) this.#views.set(conversation.id, (view = new SessionView()));
    return view;
  }

  next({ conversation, body }: ReplayedTurn): RecordedAnswer | undefined {
    const session = this.#sessions.get(conversation.id);
    if (session === undefined) return undefined;
    const request = JSON.parse(body.toString()) as WireRequest;
    this.viewOf(session).saw(request);
    const turns = turnsOf(request.messages);
    const position = turns.filter(({ isSearch }) => !isSearch).length;
    const searches = turns.length - 1 - turns.findLastIndex(({ isSearch }) => !isSearch);
    const search = this.#searchFor(session.answers[position] ?? [], request, searches);
    return search ?? conversation.answers[position] ?? { text: 'There is nothing more to say.' };
  }

  #searchFor(calls: readonly StagedCall[], { tools = [] }: WireRequest, searches: number): RecordedAnswer | undefined {
    const offered = new Set(tools.map((tool) => tool.function.name));
    if (searches >= searchesMax || !offered.has(findToolsName)) return undefined;
    const hidden = new Set(calls.map(({ name }) => name).filter((name) => !offered.has(name)));
    const wanted = [...hidden].flatMap((name) => this.#tools.get(name) ?? []);
    if (wanted.length === 0) return undefined;
    return { toolCalls: wanted.map((tool) => ({ name: findToolsName, arguments: { query: queryOf(tool) } })) };
  }
}

/** A model that knows what it needs says so in words much like the tool's own. */
const queryOf = ({ name, description }: PlannedTool): string => `${name} ${description}`.slice(0, queryCharsMax);
