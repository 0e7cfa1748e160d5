/** One record of a session's inbox becomes one input of its owner. */
import { Controller, Inject } from '@nestjs/common';
import type { SessionInput } from '@toolfleet/kernel';
import { assertNever } from '@toolfleet/kernel';
import type { InboxBody } from '@toolfleet/contracts';
import { decodeSessionInbox } from '@toolfleet/contracts';
import { BusPattern, type BusRecord, type Delivery } from '@toolfleet/platform/kafka';
import { Sessions } from './sessions.js';

export const ORCHESTRATOR = Symbol('orchestrator');

@Controller()
export class InboxHandler {
  constructor(@Inject(Sessions) private readonly sessions: Sessions) {}

  @BusPattern('session.inbox', ORCHESTRATOR)
  async handle(record: BusRecord, delivery: Delivery): Promise<void> {
    const { tenant, sessionId, body } = decodeSessionInbox(record.value);
    const { done } = await this.sessions.apply(tenant, sessionId, inputOf(sessionId, body), record.timestampMs);
    // The lane goes on with the session's next record while this one's commit waits for company.
    delivery.finishWhen(done);
  }
}

export function inputOf(sessionId: string, body: InboxBody): SessionInput {
  switch (body.type) {
    case 'start':
      return { type: 'start', sessionId, start: body.start };
    case 'observation':
      return { type: 'observed', observation: body.observation };
    case 'approvalDecided':
    case 'toolsFound':
    case 'userMessage':
    case 'cancel':
      return body;
    default:
      return assertNever(body);
  }
}
