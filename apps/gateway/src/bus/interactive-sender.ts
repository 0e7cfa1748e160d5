/**
 * The bus for whoever waits for an answer: a send that the bus does not take in time ends in an answer of degraded mode. It
 * may have been taken all the same, which is why the answer asks for the same request once more.
 */
import { degraded, faultOf } from '@toolfleet/kernel';
import type { RecordSender } from '@toolfleet/platform/bus';

export class InteractiveSender implements RecordSender {
  constructor(
    private readonly sender: RecordSender,
    private readonly withinMs: number,
  ) {}

  async send(...[record, options]: Parameters<RecordSender['send']>): Promise<void> {
    try {
      await this.sender.send(record, { deadlineAtMs: Date.now() + this.withinMs, ...options });
    } catch (error) {
      throw degraded('bus', faultOf(error));
    }
  }
}
