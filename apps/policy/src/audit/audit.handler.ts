/** Records of the audit, from the bus to their tenants' chains. */
import { Controller, Inject } from '@nestjs/common';
import { decodeAuditRecords } from '@toolfleet/contracts';
import { BusPattern, type BusRecord, type Delivery } from '@toolfleet/platform/kafka';
import { AuditKeeper } from './audit-keeper.js';

export const AUDIT_TRANSPORT = Symbol('audit');

@Controller()
export class AuditHandler {
  constructor(@Inject(AuditKeeper) private readonly keeper: AuditKeeper) {}

  @BusPattern('audit', AUDIT_TRANSPORT)
  async record({ value, partition, offset }: BusRecord, delivery: Delivery): Promise<void> {
    const appended = this.keeper.add({ records: decodeAuditRecords(value), place: `${partition}:${offset}` });
    // The partition's next record joins the same batch, as long as the batches keep up.
    if (this.keeper.busy) return appended;
    return delivery.finishWhen(appended);
  }
}
