/** Admitted sessions and questions for more tools, from the bus to the session's inbox. */
import { Controller, Inject } from '@nestjs/common';
import { decodeSessionRouting, decodeToolCallFind } from '@toolfleet/contracts';
import type { SessionRouting, ToolCallFind } from '@toolfleet/contracts';
import type { Asked } from '@toolfleet/kernel';
import { Outlet } from '@toolfleet/platform/bus';
import { BusPattern, type BusRecord, type Delivery } from '@toolfleet/platform/kafka';
import { FlagGate } from './flag-gate.js';
import { ToolRouting } from './tool-routing.js';

export const ROUTER_TRANSPORT = Symbol('router');

@Controller()
export class RoutingHandler {
  constructor(
    @Inject(ToolRouting) private readonly routing: ToolRouting,
    @Inject(FlagGate) private readonly gate: FlagGate,
    @Inject(Outlet) private readonly outlet: Outlet,
  ) {}

  /** Sends are left to the delivery: they end in the order of the lane, and a lane that waits for none fills batches. */
  @BusPattern('session.routing', ROUTER_TRANSPORT)
  routeSession(record: BusRecord, delivery: Delivery): void {
    const admitted = decodeSessionRouting(record.value);
    const { sessionId, request } = admitted;
    const { tenant, user, agent } = request;
    const nearness = this.routing.nearnessAtStart(request);
    const ready = this.routing.readyFor(agent);
    const keptBack = this.gate.keptBackFrom({ sessionId, tenant, user, agent });
    delivery.finishWhen(
      nearness || ready || keptBack
        ? Promise.all([nearness, keptBack, ready]).then(([near, without]) =>
            this.#start(admitted, { nearness: near, without }),
          )
        : this.#start(admitted),
    );
  }

  @BusPattern('toolcall.find', ROUTER_TRANSPORT)
  findTools(record: BusRecord, delivery: Delivery): void {
    const find = decodeToolCallFind(record.value);
    const nearness = this.routing.nearnessTo(find.query);
    const ready = this.routing.readyFor(find.agent);
    const keptBack = this.gate.keptBackFrom(find);
    delivery.finishWhen(
      nearness || ready || keptBack
        ? Promise.all([nearness, keptBack, ready]).then(([near, without]) =>
            this.#find(find, { nearness: near, without }),
          )
        : this.#find(find),
    );
  }

  #start(admitted: SessionRouting, asked?: Asked): Promise<void> {
    const { sessionId, request } = admitted;
    const { start, rejected } = this.routing.start(admitted, Date.now(), asked);
    if (!start) return this.#reject(rejected);
    return this.outlet.inbox({ tenant: request.tenant, sessionId, body: { type: 'start', start } }, 'finished');
  }

  #find(find: ToolCallFind, asked?: Asked): Promise<void> {
    const { tenant, sessionId, callId } = find;
    const shown = this.routing.find(find, asked);
    return this.outlet.inbox({ tenant, sessionId, body: { type: 'toolsFound', callId, ...shown } }, 'finished');
  }

  /** The outcome first: whoever sees the share free again can already see why. */
  async #reject(rejected: Parameters<Outlet['outcome']>[0]): Promise<void> {
    await this.outlet.outcome(rejected);
    await this.outlet.admission({ tenant: rejected.tenant, sessionId: rejected.sessionId }, 'finished');
  }
}
