/** What travels on the simulated topics, and who sends to whom. */
import type { SessionInput, Session } from '../session/session.js';
import type { AuthorisedCall, ToolCall } from '../toolcall/tool-call.js';
import type { Placed, Topic } from './bus.js';

export interface InboxRecord extends Placed {
  readonly input: SessionInput;
}
export interface CallRecord extends Placed {
  readonly call: AuthorisedCall;
}
export interface ReviewRecord extends Placed {
  readonly call: ToolCall;
  readonly policyRevision: string;
  readonly rule: string;
}
export interface FindRecord extends Placed {
  readonly callId: string;
}

export interface Topics {
  readonly requests: Topic<InboxRecord>;
  readonly inbox: Topic<InboxRecord>;
  readonly calls: Topic<CallRecord>;
  readonly reviews: Topic<ReviewRecord>;
  readonly finds: Topic<FindRecord>;
}

/** What the world outside has been told: the runs of each session that ended, by their number. */
export class Outcomes {
  readonly #runs = new Map<string, Set<number>>();

  tell(session: Session): void {
    let runs = this.#runs.get(session.id);
    if (!runs) this.#runs.set(session.id, (runs = new Set()));
    runs.add(session.run);
  }

  has(sessionId: string, run: number): boolean {
    return this.#runs.get(sessionId)?.has(run) ?? false;
  }
}
