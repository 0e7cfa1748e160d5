/** Room for a call in the quotas of its tenant, taken right before it runs: what was refused or came too late costs none. */
import type { Catalogue, Quota, ToolCall, ToolSpec } from '@toolfleet/kernel';
import { quotasOfCall, upstreamNameOf } from '@toolfleet/kernel';
import type { QuotaLeases } from '@toolfleet/platform/quota';

export class CallQuotas {
  /** By tenant, class and upstream; of one revision of the catalogue. */
  #known = new Map<string, readonly Quota[]>();
  #revision = -1;

  constructor(
    private readonly catalogue: Catalogue,
    private readonly leases: Pick<QuotaLeases, 'take'>,
  ) {}

  /** Fault overloaded: QUOTA_EXCEEDED, QUOTA_UNAVAILABLE. Nothing to wait for while the leases of this process have room. */
  enter({ tenant }: ToolCall, tool: ToolSpec): Promise<unknown> | undefined {
    const quotas = this.#quotasOf(tenant, tool);
    if (quotas.length === 0) return undefined;
    const room = this.leases.take(quotas, 1);
    return room instanceof Promise ? room : undefined;
  }

  /** Calls come with a receipt, so tenants here are known ones and the map stays small. */
  #quotasOf(tenant: string, tool: ToolSpec): readonly Quota[] {
    const { catalogue } = this;
    const { toolClass } = tool;
    if (this.#revision !== catalogue.revision) {
      this.#revision = catalogue.revision;
      this.#known = new Map();
    }
    const upstream = upstreamNameOf(tool) ?? '';
    const key = `${tenant}/${toolClass}/${upstream}`;
    let quotas = this.#known.get(key);
    if (!quotas) {
      const spec = catalogue.get('Tenant', tenant) ?? { name: tenant };
      quotas = quotasOfCall(spec, catalogue.all('QuotaCeiling'), { toolClass, upstream });
      this.#known.set(key, quotas);
    }
    return quotas;
  }
}
