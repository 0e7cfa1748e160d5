/** Requests of the public topics that were not taken when they came: those that an operator held, and what comes again. */
import { Controller, Inject } from '@nestjs/common';
import { BusPattern, type BusRecord, type Delivery } from '@toolfleet/platform/kafka';
import { RequestIntake } from './request-intake.js';

export const GATEWAY_TRANSPORT = Symbol('gateway');

@Controller()
export class SessionRequestsHandler {
  constructor(@Inject(RequestIntake) private readonly intake: RequestIntake) {}

  @BusPattern('session.requests', GATEWAY_TRANSPORT)
  handle(record: BusRecord, delivery: Delivery): void {
    delivery.finishWhen(this.intake.take(record));
  }
}
