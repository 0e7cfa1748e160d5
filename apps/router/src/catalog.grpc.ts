/** CatalogService: the catalogue as it is live in this process. */
import { Controller, Inject } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import type { SetChange, SetFile, SetOutcome } from '@toolfleet/contracts';
import { manifestActionWords } from '@toolfleet/contracts';
import type { AgentSpec, ToolSpec } from '@toolfleet/kernel';
import { actorFor, currentTools, denied, missing, tenantFor, visibleTools } from '@toolfleet/kernel';
import { LiveCatalogue } from '@toolfleet/platform/bus';
import { Identity, Needs } from '@toolfleet/platform/identity';
import { CatalogueKeeper } from './catalogue/catalogue-keeper.js';
import { SetDesk } from './catalogue/set-desk.js';
import { ToolRouting, agentUnknown } from './routing/tool-routing.js';

/** Fields of a message that leave the wire are never absent: empty strings stand for what was not said. */
interface ListToolsRequest {
  readonly tenant: string;
  readonly agent: string;
}

interface PreviewSelectionRequest extends ListToolsRequest {
  readonly input: string;
}

/** Optional fields that are not there are absent, all others filled in. */
interface ApplySetRequest extends SetChange {
  readonly files: readonly SetFile[];
}

interface RollbackSetRequest extends SetChange {
  readonly toRevision: number;
}

const revisionsDefault = 50;
/** With the longest reasons they are half of what a message may have. */
const revisionsMax = 500;

@Controller()
export class CatalogController {
  constructor(
    @Inject(LiveCatalogue) private readonly live: LiveCatalogue,
    @Inject(ToolRouting) private readonly routing: ToolRouting,
    @Inject(CatalogueKeeper) private readonly keeper: CatalogueKeeper,
    @Inject(SetDesk) private readonly desk: SetDesk,
    @Inject(Identity) private readonly identity: Identity,
  ) {}

  /** All tools, those of a tenant's agents, or those of one agent. */
  @GrpcMethod('CatalogService', 'ListTools')
  @Needs('catalog:read')
  listTools({ tenant: asked, agent }: ListToolsRequest, metadata: object) {
    const tenant = tenantFor(this.identity.of(metadata), asked);
    const { catalogue } = this.live;
    const agents = agent ? [this.#agent(tenant, agent)] : tenant ? this.#agentsOf(tenant) : undefined;
    const tools = agents ? agents.flatMap((one) => visibleTools(catalogue, one, Date.now())) : currentTools(catalogue);
    const named = new Map(tools.map((tool) => [tool.name, tool]));
    const summaries = [...named.keys()].toSorted().map((name) => summaryOf(named.get(name)!));
    return { tools: summaries, revision: this.keeper.revision };
  }

  @GrpcMethod('CatalogService', 'PreviewSelection')
  @Needs('catalog:read')
  async previewSelection({ tenant: asked, agent, input }: PreviewSelectionRequest, metadata: object) {
    const tenant = tenantFor(this.identity.of(metadata), asked);
    const { name } = this.#agent(tenant, agent);
    return { tools: this.routing.preview(name, input, await this.routing.nearnessTo(input)) };
  }

  @GrpcMethod('CatalogService', 'ApplySet')
  @Needs('catalog:write')
  async applySet({ files, ...change }: ApplySetRequest, metadata: object) {
    return { outcome: outcomeToWire(await this.desk.apply(this.#changeBy(metadata, change), files)) };
  }

  @GrpcMethod('CatalogService', 'RollbackSet')
  @Needs('catalog:write')
  async rollbackSet({ toRevision, ...change }: RollbackSetRequest, metadata: object) {
    return { outcome: outcomeToWire(await this.desk.rollback(this.#changeBy(metadata, change), toRevision)) };
  }

  @GrpcMethod('CatalogService', 'ListSetRevisions')
  @Needs('catalog:write')
  async listSetRevisions({ set, limit }: { set: string; limit: number }) {
    const many = Math.min(limit || revisionsDefault, revisionsMax);
    return { revisions: await this.desk.revisions(set || undefined, many) };
  }

  @GrpcMethod('CatalogService', 'GetSet')
  @Needs('catalog:write')
  getSet({ set }: { set: string }) {
    return this.desk.current(set);
  }

  /** Kept with the revision: whoever the token is of. */
  #changeBy(metadata: object, change: SetChange): SetChange {
    return { ...change, actor: actorFor(this.identity.of(metadata), change.actor, 'actor') };
  }

  #agent(tenant: string, name: string): AgentSpec {
    const agent = this.live.catalogue.get('Agent', name);
    if (!agent) throw agentUnknown(name);
    if (tenant && !this.#agentsOf(tenant).includes(agent)) {
      throw denied('AGENT_FORBIDDEN', 'This tenant may not start this agent.');
    }
    return agent;
  }

  #agentsOf(name: string): AgentSpec[] {
    const tenant = this.live.catalogue.get('Tenant', name);
    if (!tenant) throw missing('TENANT_UNKNOWN', 'There is no such tenant.');
    return tenant.agents.flatMap((agent) => this.live.catalogue.get('Agent', agent) ?? []);
  }
}

const outcomeToWire = ({ changes, ...outcome }: SetOutcome) => ({
  ...outcome,
  changes: changes.map((change) => ({ ...change, action: manifestActionWords.number(change.action) })),
});

const summaryOf = ({ name, version, description, toolClass, effect, owner, parameters }: ToolSpec) => ({
  name,
  version,
  description,
  toolClass,
  effect,
  owner,
  parameters: Buffer.from(JSON.stringify(parameters)),
});
