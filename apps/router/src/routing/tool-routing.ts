/**
 * Which few tools a session sees, at its start and when its model asks for more. Keeps no state of a session: the same
 * record under the same catalogue gives the same answer, so a repeated one does no harm.
 */
import { rejectionOf } from '@toolfleet/contracts';
import type { SessionOutcome, SessionRouting, ToolCallFind } from '@toolfleet/contracts';
import type {
  Affordable,
  AgentSpec,
  Asked,
  Catalogue,
  Fault,
  Nearness,
  ScoredTool,
  SessionRequest,
  SessionStart,
  ShownTools,
  StartingSession,
} from '@toolfleet/kernel';
import { affordable, limits, missing, refusalOf, versionGiven } from '@toolfleet/kernel';
import { SchemaTokens } from './schema-tokens.js';
import type { ToolEmbeddings } from './tool-embeddings.js';
import type { ToolIndexes } from './tool-indexes.js';

/** Tools given for one question of a model when it names no number; more would only cost it tokens. */
const foundDefault = 5;
const foundMax = 20;
const none: ReadonlySet<string> = new Set();

export type Routed =
  | { readonly start: SessionStart; readonly rejected?: undefined }
  | { readonly start?: undefined; readonly rejected: SessionOutcome };

export class ToolRouting {
  constructor(
    private readonly catalogue: Catalogue,
    private readonly indexes: ToolIndexes,
    private readonly embeddings?: ToolEmbeddings,
    private readonly tokens = new SchemaTokens(),
    /** Told how many tools a session was not given for want of room in its agent's budget. */
    private readonly onLeftOut: (agent: AgentSpec, count: number) => void = () => undefined,
    /** Whether nobody is given what a rollout is about. */
    private readonly isHeldBack: (rollout: string) => boolean = () => false,
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
  start(
    { sessionId, request, admittedAtMs }: SessionRouting,
    now: number,
    { nearness, without = none }: Asked = {},
  ): Routed {
    const agent = this.catalogue.get('Agent', request.agent);
    if (!agent) {
      return { rejected: rejectionOf(sessionId, request, refusalOf(agentUnknown(request.agent)), now) };
    }
    const { stepsMax, wallTimeMs, tokensMax, costMicrosMax } = agent.limits;
    const ofAgent = {
      stepsMax,
      wallTimeMs,
      tokensMax,
      ...(costMicrosMax !== undefined && { costMicrosMax }),
      escalate: agent.onLimit === 'escalate',
      ...(agent.limits.lastWord !== false && { lastWord: true as const }),
      ...(agent.onClaim === 'askAgain' && { askAgainOnClaim: true as const }),
    };
    const asked = { nearness, without };
    const tools = this.indexes.select(agent, request.input, agent.toolsOfferedMax, asked);
    const { kept, leftOut } = this.#affordable(agent, tools, agent.schemaTokensMax, () =>
      this.indexes.find(agent, request.input, agent.toolsOfferedMax, asked),
    );
    const toolsLeftOut = leftOut.map(({ name }) => name);
    const toolsKeptBack = [...without].slice(0, limits.toolsKeptBackMax);
    const session = { sessionId, tenant: request.tenant };
    const shown = {
      ...this.#shown(kept, session, now),
      ...(toolsLeftOut.length > 0 && { toolsLeftOut }),
      ...(toolsKeptBack.length > 0 && { toolsKeptBack }),
    };
    return { start: { request, ...shown, limits: ofAgent, modelRoute: agent.model, admittedAtMs } };
  }

  /** Nothing is an answer too: the model reads that nothing more was found. */
  find(
    { agent: agentName, query, limit, offered, sessionId, tenant }: ToolCallFind,
    { nearness, without = none }: Asked = {},
  ): ShownTools {
    const agent = this.catalogue.get('Agent', agentName);
    if (!agent) return { tools: [] };
    const count = Math.min(limit > 0 ? limit : foundDefault, foundMax);
    const found = this.indexes.find(agent, query, count, { without: new Set([...offered, ...without]), nearness });
    const taken = offered.reduce((sum, name) => sum + this.#tokensOf(name), 0);
    const room = agent.schemaTokensMax === undefined ? undefined : agent.schemaTokensMax - taken;
    return this.#shown(this.#affordable(agent, found, room).kept, { sessionId, tenant }, Date.now());
  }

  /** What has to be waited for before tools of this agent can be counted; absent where nothing has. */
  readyFor(agentName: string): Promise<void> | undefined {
    const budget = this.catalogue.get('Agent', agentName)?.schemaTokensMax;
    return budget === undefined ? undefined : this.tokens.ready();
  }

  /** `best`: in which order they are left in, where not all are. */
  #affordable(
    agent: AgentSpec,
    tools: readonly ScoredTool[],
    tokensMax: number | undefined,
    best: () => readonly ScoredTool[] = () => tools,
  ): Affordable<ScoredTool> {
    if (tokensMax === undefined) return { kept: tools, leftOut: [] };
    const tokensOf = ({ name }: ScoredTool) => this.#tokensOf(name);
    const whole = affordable(tools, tokensOf, tokensMax);
    if (whole.leftOut.length === 0) return whole;
    const ranks = new Map(best().map(({ name }, rank) => [name, rank]));
    const rankOf = ({ name }: ScoredTool) => ranks.get(name) ?? ranks.size;
    const result = affordable(
      tools.toSorted((a, b) => rankOf(a) - rankOf(b)),
      tokensOf,
      tokensMax,
    );
    this.onLeftOut(agent, result.leftOut.length);
    return result;
  }

  #tokensOf(name: string): number {
    const tool = this.catalogue.get('Tool', name);
    return tool ? this.tokens.of(tool) : 0;
  }

  /** The session goes on with the versions that it is shown now. */
  #shown(tools: readonly ScoredTool[], session: StartingSession, nowMs: number): ShownTools {
    const versions = tools.map(({ name }) => {
      const tool = this.catalogue.get('Tool', name);
      return tool ? versionGiven(tool, session, this.catalogue, nowMs, this.isHeldBack) : '';
    });
    return { tools: tools.map(({ name }) => name), toolVersions: versions };
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
