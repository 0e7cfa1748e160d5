/**
 * The public topic as a way in. What cannot be read is a dead letter; what can be read and is refused is answered on the
 * topic of outcomes, so that a publisher always learns what became of its request. A publisher that nobody knows, or that
 * names another tenant, gets a dead letter: an outcome in that tenant's name would be its way in.
 */
import { Controller, Inject } from '@nestjs/common';
import type { SessionOutcome } from '@toolfleet/contracts';
import { rejectionOf } from '@toolfleet/contracts';
import type { Fault, FaultKind, SessionRequest } from '@toolfleet/kernel';
import { faultOf, isCallerRefusal, limits, refusalOf, requestFor, scopeFault, sessionIdOf } from '@toolfleet/kernel';
import { Outlet } from '@toolfleet/platform/bus';
import { BusPattern, type BusRecord, type Delivery } from '@toolfleet/platform/kafka';
import { GatewayMetrics } from '../gateway-metrics.js';
import { StartSession } from '../sessions/start-session.js';
import type { Admitted } from './publishers.js';
import { Publishers, authorizationOf } from './publishers.js';
import { readRequestRecord } from './request-record.js';

export const GATEWAY_TRANSPORT = Symbol('gateway');

/** Faults that are the request's own and an answer to it; the others are ours, and the transport tries again. */
const answered: ReadonlySet<FaultKind> = new Set(['invalid', 'denied', 'missing', 'expired']);

@Controller()
export class SessionRequestsHandler {
  constructor(
    @Inject(StartSession) private readonly startSession: StartSession,
    @Inject(Outlet) private readonly outlet: Outlet,
    @Inject(GatewayMetrics) private readonly metrics: GatewayMetrics,
    @Inject(Publishers) private readonly publishers: Publishers,
  ) {}

  /** The publisher's key waits for no session: the record is finished once something else answers for the request. */
  @BusPattern('session.requests', GATEWAY_TRANSPORT)
  handle(record: BusRecord, delivery: Delivery): void {
    const named = readRequestRecord(record);
    const known = this.publishers.known(record, named.tenant);
    const refused = known && this.#refused(named, known);
    delivery.finishWhen(refused ?? this.#admit(named, record, known));
  }

  /**
   * Of a storm beyond what there is room for nearly all records end here: at once, and with nothing held for them but their
   * outcome on its way. Undefined: the request has a chance, or whatever is wrong with it has to be said.
   */
  #refused(named: SessionRequest, { caller, tenant }: Admitted): Promise<void> | undefined {
    if (scopeFault(caller, 'sessions:start')) return undefined;
    try {
      const refused = this.startSession.refuse(requestFor(caller, { ...named, tenant }));
      if (refused) this.metrics.refused('kafka');
      return refused;
    } catch {
      return undefined;
    }
  }

  async #admit(named: SessionRequest, record: BusRecord, known: Admitted | undefined): Promise<void> {
    const { caller, tenant } = known ?? (await this.publishers.admit(record, named.tenant));
    const request = { ...named, tenant };
    try {
      const lacking = scopeFault(caller, 'sessions:start');
      if (lacking) throw lacking;
      const permitted = requestFor(caller, request);
      const from = { caller, header: authorizationOf(record.headers) };
      await this.metrics.start('kafka', () => this.startSession.admit(permitted, from));
    } catch (error) {
      const fault = faultOf(error);
      if (!answered.has(fault.kind)) throw fault;
      if (isCallerRefusal(fault)) this.publishers.note(fault, record, caller);
      await this.outlet.outcome(rejectionOfBadRequest(request, fault, Date.now()));
    }
  }
}

/** Texts of a request that broke the bounds are cut: an outcome must fit wherever an admitted one's does. */
function rejectionOfBadRequest(request: SessionRequest, fault: Fault, nowMs: number): SessionOutcome {
  const name = (text: string) => text.slice(0, limits.nameCharsMax);
  const labels = Object.entries(request.labels)
    .slice(0, limits.labelsMax)
    .map(([label, value]) => [name(label), value.slice(0, limits.labelCharsMax)]);
  const cut: SessionRequest = {
    ...request,
    tenant: name(request.tenant),
    requestId: request.requestId.slice(0, limits.requestIdCharsMax),
    user: name(request.user),
    agent: name(request.agent),
    labels: Object.fromEntries(labels) as Record<string, string>,
  };
  return rejectionOf(sessionIdOf(request.tenant, request.requestId), cut, refusalOf(fault), nowMs);
}
