/**
 * Which few tools a session sees, at its start and when its model asks for more. Keeps no state of a session: the same
 * record under the same catalogue gives the same answer, so a repeated one does no harm.
 */
import { rejectionOf } from '@toolfleet/contracts';
import type { SessionOutcome, SessionRouting, ToolCallFind } from '@toolfleet/contracts';
import type { Catalogue, Fault, Nearness, ScoredTool, SessionRequest, SessionStart } from '@toolfleet/kernel';
import { missing, refusalOf } from '@toolfleet/kernel';
import type { ToolEmbeddings } from './tool-embeddings.js';
import type { ToolIndexes } from './tool-indexes.js';

/** Tools given for one question of a model when it names no number; more would only cost it tokens. */
const foundDefault = 5;
const foundMax = 20;

export type Routed =
  | { readonly start: SessionStart; readonly rejected?: undefined }
  | { readonly start?: undefined; readonly rejected: SessionOutcome };

export class ToolRouting {
  constructor(
    private readonly catalogue: Catalogue,
    private readonly indexes: ToolIndexes,
    private readonly embeddings?: ToolEmbeddings,
  ) {}

  /** What a server of embeddings makes of a question; absent where there is none, so that nobody waits for nothing. */
  nearnessTo(question: string): Promise<Nearness | undefined> | undefined {
    return this.embeddings?.nearnessTo(question);
  }

  /** The same for a session's first choice, where there is something to choose. */
  nearnessAtStart({ agent: name, input }: SessionRequest): Promise<Nearness | undefined> | undefined {
    const agent = this.embeddings && this.catalogue.get('Agent', name);
    return agent && this.indexes.sizeFor(agent) > agent.toolsOfferedMax ? this.nearnessTo(input) : undefined;
  }

  /** The agent was there when the session was admitted; it may have left the catalogue since. */
  start({ sessionId, request, admittedAtMs }: SessionRouting, now: number, nearness?: Nearness): Routed {
    const agent = this.catalogue.get('Agent', request.agent);
    if (!agent) {
      return { rejected: rejectionOf(sessionId, request, refusalOf(agentUnknown(request.agent)), now) };
    }
    const { stepsMax, wallTimeMs, tokensMax } = agent.limits;
    const limits = {
      stepsMax,
      wallTimeMs,
      tokensMax,
      escalate: agent.onLimit === 'escalate',
      ...(agent.onClaim === 'askAgain' && { askAgainOnClaim: true as const }),
    };
    const tools = this.indexes.select(agent, request.input, agent.toolsOfferedMax, { nearness });
    return {
      start: { request, tools: tools.map(({ name }) => name), limits, modelRoute: agent.model, admittedAtMs },
    };
  }

  /** Nothing is an answer too: the model reads that nothing more was found. */
  find({ agent: agentName, query, limit, offered }: ToolCallFind, nearness?: Nearness): string[] {
    const agent = this.catalogue.get('Agent', agentName);
    if (!agent) return [];
    const count = Math.min(limit > 0 ? limit : foundDefault, foundMax);
    return this.indexes.find(agent, query, count, { without: new Set(offered), nearness }).map(({ name }) => name);
  }

  /** What a session with this input would see. Throws `missing` AGENT_UNKNOWN. */
  preview(agentName: string, input: string, nearness?: Nearness): ScoredTool[] {
    const agent = this.catalogue.get('Agent', agentName);
    if (!agent) throw agentUnknown(agentName);
    const selected = this.indexes.select(agent, input, agent.toolsOfferedMax, { nearness });
    const found = this.indexes.find(agent, input, agent.toolsOfferedMax, { nearness });
    const scores = new Map(found.map(({ name, score }) => [name, score]));
    return selected.map(({ name }) => ({ name, score: scores.get(name) ?? 0 }));
  }
}

export const agentUnknown = (name: string): Fault =>
  missing('AGENT_UNKNOWN', `There is no agent named ${JSON.stringify(name.slice(0, 64))}.`);
