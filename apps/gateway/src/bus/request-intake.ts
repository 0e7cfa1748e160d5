/**
 * The public topic as a way in. What cannot be read is a dead letter; what can be read and is refused is answered on the
 * topic of outcomes, so that a publisher always learns what became of its request. A publisher that nobody knows, or that
 * names another tenant, gets a dead letter: an outcome in that tenant's name would be its way in.
 */
import type { SessionOutcome } from '@toolfleet/contracts';
import { rejectionOf } from '@toolfleet/contracts';
import type { Fault, FaultKind, SessionRequest } from '@toolfleet/kernel';
import { faultOf, isCallerRefusal, limits, refusalOf, requestFor, scopeFault, sessionIdOf } from '@toolfleet/kernel';
import type { Outlet } from '@toolfleet/platform/bus';
import type { BusRecord } from '@toolfleet/platform/kafka';
import type { GatewayMetrics } from '../gateway-metrics.js';
import type { StartSession } from '../sessions/start-session.js';
import type { Admitted, Publishers } from './publishers.js';
import { authorizationOf } from './publishers.js';
import { readRequestRecord } from './request-record.js';

/** Faults that are the request's own and an answer to it; the others are ours, and the transport tries again. */
const answered: ReadonlySet<FaultKind> = new Set(['invalid', 'denied', 'missing', 'expired']);

export class RequestIntake {
  constructor(
    private readonly startSession: Pick<StartSession, 'admit' | 'refuse'>,
    private readonly outlet: Pick<Outlet, 'outcome'>,
    private readonly metrics: GatewayMetrics,
    private readonly publishers: Publishers,
  ) {}

  /**
   * Resolves once something else answers for the request; throws or rejects when it is a dead letter, or is to be tried again. The
   * publisher's key waits for no session.
   */
  take(record: BusRecord): Promise<void> {
    const named = readRequestRecord(record);
    const known = this.publishers.known(record, named.tenant);
    const refused = known && this.#refused(named, known);
    return refused ?? this.#admit(named, record, known);
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
