/**
 * Which tools flags keep back from a session. A catalogue without flags costs a session one look-up. What is asked for follows from
 * the catalogue: flags that keep back none of the agent's tools are not asked.
 */
import type { Catalogue, FlagContext, FlagSpec, FlagVerdict, GatedTools } from '@toolfleet/kernel';
import { gatedTools, toolsKeptBack } from '@toolfleet/kernel';

export interface AskedFlags {
  verdictsOf(flags: readonly FlagSpec[], context: FlagContext): Promise<(flag: FlagSpec) => FlagVerdict>;
}

export interface GatedSession {
  readonly sessionId: string;
  readonly tenant: string;
  readonly user: string;
  readonly agent: string;
}

export class FlagGate {
  /** By the lists of tools that agents may use, of one revision of the catalogue. */
  readonly #gated = new Map<string, GatedTools>();
  #revision = -1;

  constructor(
    private readonly catalogue: Catalogue,
    private readonly flags: AskedFlags,
  ) {}

  /** Absent: nothing is, and there is nothing to wait for. */
  keptBackFrom({ sessionId, tenant, user, agent }: GatedSession): Promise<ReadonlySet<string>> | undefined {
    const gated = this.#gatedOf(agent);
    if (!gated || (gated.flags.length === 0 && gated.withoutFlag.length === 0)) return undefined;
    const context = { targetingKey: sessionId, tenant, agent, user };
    const asked = gated.flags.map(({ flag }) => flag);
    return this.flags.verdictsOf(asked, context).then((verdictOf) => toolsKeptBack(gated, verdictOf));
  }

  #gatedOf(name: string): GatedTools | undefined {
    const agent = this.catalogue.get('Agent', name);
    if (!agent) return undefined;
    if (this.#revision !== this.catalogue.revision) {
      this.#gated.clear();
      this.#revision = this.catalogue.revision;
    }
    const list = agent.tools.join(' ');
    let gated = this.#gated.get(list);
    if (!gated) this.#gated.set(list, (gated = gatedTools(this.catalogue, agent)));
    return gated;
  }
}
