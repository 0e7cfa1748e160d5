/** CatalogService: the catalogue as it is live in this process. */
import { Controller, Inject } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import type { SetChange, SetFile, SetOutcome } from '@toolfleet/contracts';
import { manifestActionWords } from '@toolfleet/contracts';
import type { AgentSpec, ToolSpec } from '@toolfleet/kernel';
import { currentTools, denied, hexDigestOf, missing, visibleTools } from '@toolfleet/kernel';
import { LiveCatalogue } from '@toolfleet/platform/bus';
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

/** What of a call's metadata is looked at. */
interface CallMetadata {
  get(name: string): readonly unknown[];
}

/** Where it is absent, sets cannot be applied. */
export class ApplyToken {
  readonly #digest: string | undefined;

  constructor(token: string | undefined) {
    this.#digest = token === undefined ? undefined : hexDigestOf(token);
  }

  /** Digests are compared, so that the time taken tells nothing of the token. */
  check(metadata: CallMetadata): void {
    if (this.#digest === undefined) {
      throw denied('SETS_DISABLED', 'This fleet takes no applied sets.', {
        hint: 'Set TOOLFLEET_CATALOG_APPLY_TOKEN at the router, or change the files of its directories.',
      });
    }
    const [given] = metadata.get('authorization');
    const [, token = ''] = /^Bearer (.{1,1000})$/.exec(String(given ?? '')) ?? [];
    if (hexDigestOf(token) === this.#digest) return;
    throw denied('APPLY_TOKEN_WRONG', 'The apply token is missing or another one.', {
      hint: 'Give fleetctl the one of the router in TOOLFLEET_CATALOG_APPLY_TOKEN.',
    });
  }
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
    @Inject(ApplyToken) private readonly token: ApplyToken,
  ) {}

  /** All tools, those of a tenant's agents, or those of one agent. */
  @GrpcMethod('CatalogService', 'ListTools')
  listTools({ tenant, agent }: ListToolsRequest) {
    const { catalogue } = this.live;
    const agents = agent ? [this.#agent(tenant, agent)] : tenant ? this.#agentsOf(tenant) : undefined;
    const tools = agents ? agents.flatMap((one) => visibleTools(catalogue, one, Date.now())) : currentTools(catalogue);
    const named = new Map(tools.map((tool) => [tool.name, tool]));
    const summaries = [...named.keys()].toSorted().map((name) => summaryOf(named.get(name)!));
    return { tools: summaries, revision: this.keeper.revision };
  }

  @GrpcMethod('CatalogService', 'PreviewSelection')
  async previewSelection({ tenant, agent, input }: PreviewSelectionRequest) {
    const { name } = this.#agent(tenant, agent);
    return { tools: this.routing.preview(name, input, await this.routing.nearnessTo(input)) };
  }

  @GrpcMethod('CatalogService', 'ApplySet')
  async applySet({ files, ...change }: ApplySetRequest, metadata: CallMetadata) {
    this.token.check(metadata);
    return { outcome: outcomeToWire(await this.desk.apply(change, files)) };
  }

  @GrpcMethod('CatalogService', 'RollbackSet')
  async rollbackSet({ toRevision, ...change }: RollbackSetRequest, metadata: CallMetadata) {
    this.token.check(metadata);
    return { outcome: outcomeToWire(await this.desk.rollback(change, toRevision)) };
  }

  @GrpcMethod('CatalogService', 'ListSetRevisions')
  async listSetRevisions({ set, limit }: { set: string; limit: number }, metadata: CallMetadata) {
    this.token.check(metadata);
    const many = Math.min(limit || revisionsDefault, revisionsMax);
    return { revisions: await this.desk.revisions(set || undefined, many) };
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
