/** Requests and releases of sessions, one lane a tenant. */
import { Controller, Inject } from '@nestjs/common';
import { decodeSessionAdmission } from '@toolfleet/contracts';
import { invalid } from '@toolfleet/kernel';
import { BusPattern, type BusRecord, type Delivery } from '@toolfleet/platform/kafka';
import { TenantDesks } from './tenant-desks.js';

export const POLICY_TRANSPORT = Symbol('policy');

@Controller()
export class AdmissionHandler {
  constructor(@Inject(TenantDesks) private readonly desks: TenantDesks) {}

  /** The lane goes on once the place is decided; the record is finished when the bus has what follows from it. */
  @BusPattern('session.admission', POLICY_TRANSPORT)
  async admit(record: BusRecord, delivery: Delivery): Promise<void> {
    const { tenant, sessionId, requested } = decodeSessionAdmission(record.value);
    if (!tenant || !sessionId) throw invalid('SESSION_UNNAMED', 'The record names no tenant or no session.');
    if (requested && requested.tenant !== tenant) {
      throw invalid('TENANT_DIFFERS', 'The record and its request name different tenants.');
    }
    const desk = this.desks.of(tenant);
    if (!requested) return desk.release(sessionId);
    const { sent } = await desk.request(sessionId, requested, record.value);
    delivery.finishWhen(sent);
  }
}
