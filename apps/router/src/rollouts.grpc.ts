/** RolloutService: what would be given to whom, by the rule and the catalogue that sessions are given their tools by. */
import { Controller, Inject } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import type { GiveVersions, GivenVersions, StandingVersion } from '@toolfleet/contracts';
import type { StartingSession } from '@toolfleet/kernel';
import { Catalogue, invalid, limits, missing, standingOf, versionGiven } from '@toolfleet/kernel';
import { LiveCatalogue } from '@toolfleet/platform/bus';
import { Needs } from '@toolfleet/platform/identity';
import { PostgresSessionSample } from '@toolfleet/platform/postgres';
import { SetDesk } from './catalogue/set-desk.js';
import { RolloutGuards } from './routing/rollout-guards.js';

interface CountHoldersRequest {
  readonly tool: string;
  readonly version: string;
}

/** Where the question is about files, nobody has been tried yet: no guard holds anybody back. */
const nobodyHeldBack = () => false;

@Controller()
export class RolloutsController {
  constructor(
    @Inject(LiveCatalogue) private readonly live: LiveCatalogue,
    @Inject(SetDesk) private readonly desk: SetDesk,
    @Inject(RolloutGuards) private readonly guards: RolloutGuards,
    @Inject(PostgresSessionSample) private readonly sample: PostgresSessionSample,
  ) {}

  @GrpcMethod('RolloutService', 'GiveVersions')
  @Needs('catalog:write')
  async giveVersions({ tool, sessions: named, sample, atMs, set, files }: GiveVersions): Promise<GivenVersions> {
    if (named.length > limits.rolloutSessionsMax || sample > limits.rolloutSessionsMax)
      throw invalid('TOO_MANY_SESSIONS', `At most ${limits.rolloutSessionsMax} sessions are looked at.`);
    const judged = set === '' ? undefined : await this.desk.judge(set, files);
    if (judged && judged.problems.length > 0) return { given: [], versions: [], problems: judged.problems };
    const catalogue = judged ? judged.catalogue : this.live.catalogue;
    const current = catalogue.get('Tool', tool);
    if (!current) throw missing('TOOL_MISSING', `There is no tool ${tool.slice(0, limits.nameCharsMax)}.`);
    const isHeldBack = judged ? nobodyHeldBack : (name: string) => this.guards.isHeldBack(name);
    const sessions = named.length > 0 ? named : await this.#newest(sample);
    const nowMs = atMs > 0 ? atMs : Date.now();
    const given = sessions.map(({ tenant, sessionId }) => {
      const version = versionGiven(current, { tenant, sessionId }, catalogue, nowMs, isHeldBack);
      return { tenant, sessionId, version };
    });
    return { given, versions: versionsOf(catalogue, tool), problems: [] };
  }

  @GrpcMethod('RolloutService', 'CountHolders')
  @Needs('catalog:write')
  countHolders({ tool, version }: CountHoldersRequest) {
    return this.sample.holders(tool, version);
  }

  async #newest(limit: number): Promise<StartingSession[]> {
    const tenants = this.live.catalogue.all('Tenant').map(({ name }) => name);
    return limit === 0 ? [] : this.sample.newest(tenants, limit);
  }
}

function versionsOf(catalogue: Catalogue, name: string): StandingVersion[] {
  const versions = catalogue.all('Tool').filter((tool) => tool.name === name);
  return versions.map((tool) => ({
    version: tool.version,
    standing: standingOf(tool, Date.now()),
    current: !tool.beside,
  }));
}
