/** Calls under review, from the bus to the list of those that wait for people. */
import { Controller, Inject } from '@nestjs/common';
import { decodeToolCallReview } from '@toolfleet/contracts';
import { BusPattern, type BusRecord } from '@toolfleet/platform/kafka';
import { POLICY_TRANSPORT } from '../admission/admission.handler.js';
import { Approvals } from './approvals.js';

@Controller()
export class ReviewHandler {
  constructor(@Inject(Approvals) private readonly approvals: Approvals) {}

  @BusPattern('toolcall.review', POLICY_TRANSPORT)
  review(record: BusRecord): Promise<void> {
    return this.approvals.ask(decodeToolCallReview(record.value));
  }
}
