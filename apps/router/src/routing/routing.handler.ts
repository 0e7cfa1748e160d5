/** Admitted sessions and questions for more tools, from the bus to the session's inbox. */
import { Controller, Inject } from '@nestjs/common';
import { decodeSessionRouting, decodeToolCallFind } from '@toolfleet/contracts';
import { Outlet } from '@toolfleet/platform/bus';
import { BusPattern, type BusRecord, type Delivery } from '@toolfleet/platform/kafka';
import { ToolRouting } from './tool-routing.js';

export const ROUTER_TRANSPORT = Symbol('router');

@Controller()
export class RoutingHandler {
  constructor(
    @Inject(ToolRouting) private readonly routing: ToolRouting,
    @Inject(Outlet) private readonly outlet: Outlet,
  ) {}

  /** Sends are left to the delivery: they end in the order of the lane, and a lane that waits for none fills batches. */
  @BusPattern('session.routing', ROUTER_TRANSPORT)
  routeSession(record: BusRecord, delivery: Delivery): void {
    const admitted = decodeSessionRouting(record.value);
    const { sessionId, request } = admitted;
    const { start, rejected } = this.routing.start(admitted, Date.now());
    delivery.finishWhen(
      start
        ? this.outlet.inbox({ tenant: request.tenant, sessionId, body: { type: 'start', start } }, 'finished')
        : this.#reject(rejected),
    );
  }

  @BusPattern('toolcall.find', ROUTER_TRANSPORT)
  findTools(record: BusRecord, delivery: Delivery): void {
    const find = decodeToolCallFind(record.value);
    const { tenant, sessionId, callId } = find;
    const tools = this.routing.find(find);
    delivery.finishWhen(
      this.outlet.inbox({ tenant, sessionId, body: { type: 'toolsFound', callId, tools } }, 'finished'),
    );
  }

  /** The outcome first: whoever sees the share free again can already see why. */
  async #reject(rejected: Parameters<Outlet['outcome']>[0]): Promise<void> {
    await this.outlet.outcome(rejected);
    await this.outlet.admission({ tenant: rejected.tenant, sessionId: rejected.sessionId }, 'finished');
  }
}
