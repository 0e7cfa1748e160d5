/** CatalogService: the catalogue as it is live in this process. */
import { Controller, Inject } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import type { AgentSpec, ToolSpec } from '@toolfleet/kernel';
import { denied, missing, visibleTools } from '@toolfleet/kernel';
import { LiveCatalogue } from '@toolfleet/platform/bus';
import { CatalogueKeeper } from './catalogue/catalogue-keeper.js';
import { ToolRouting, agentUnknown } from './routing/tool-routing.js';

/** Fields of a message that leave the wire are never absent: empty strings stand for what was not said. */
interface ListToolsRequest {
  readonly tenant: string;
  readonly agent: string;
}

interface PreviewSelectionRequest extends ListToolsRequest {
  readonly input: string;
}

@Controller()
export class CatalogController {
  constructor(
    @Inject(LiveCatalogue) private readonly live: LiveCatalogue,
    @Inject(ToolRouting) private readonly routing: ToolRouting,
    @Inject(CatalogueKeeper) private readonly keeper: CatalogueKeeper,
  ) {}

  /** All tools, those of a tenant's agents, or those of one agent. */
  @GrpcMethod('CatalogService', 'ListTools')
  listTools({ tenant, agent }: ListToolsRequest) {
    const { catalogue } = this.live;
    const agents = agent ? [this.#agent(tenant, agent)] : tenant ? this.#agentsOf(tenant) : undefined;
    const tools = agents ? agents.flatMap((one) => visibleTools(catalogue, one)) : catalogue.all('Tool');
    const named = new Map(tools.map((tool) => [tool.name, tool]));
    const summaries = [...named.keys()].toSorted().map((name) => summaryOf(named.get(name)!));
    return { tools: summaries, revision: this.keeper.revision };
  }

  @GrpcMethod('CatalogService', 'PreviewSelection')
  async previewSelection({ tenant, agent, input }: PreviewSelectionRequest) {
    const { name } = this.#agent(tenant, agent);
    return { tools: this.routing.preview(name, input, await this.routing.nearnessTo(input)) };
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

const summaryOf = ({ name, version, description, toolClass, effect, owner, parameters }: ToolSpec) => ({
  name,
  version,
  description,
  toolClass,
  effect,
  owner,
  parameters: Buffer.from(JSON.stringify(parameters)),
});
