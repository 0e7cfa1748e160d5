/** The parts around a session: the way in, policy with a human behind it, and the router's find_tools. */
import { denied } from '../fault.js';
import { refused } from '../toolcall/observation.js';
import { authorise } from '../toolcall/tool-call.js';
import { Member } from './bus.js';
import type { Ground } from './ground.js';
import type { FindRecord, InboxRecord, ReviewRecord, Topics } from './messages.js';
import { receiptKey } from './scene.js';

/** Admission and routing in one: their record is done once the session's owner has made it durable. */
export class FrontDoor extends Member<InboxRecord> {
  constructor(
    name: string,
    ground: Ground,
    private readonly topics: () => Topics,
  ) {
    super(name, ground, true);
  }

  handle(start: InboxRecord, _partition: number, finish: (ok: boolean) => void): void {
    const until = this.ground.has('takenIsDone') ? 'taken' : 'finished';
    this.topics().inbox.send(this, start, { sent: () => finish(true), until });
  }

  assigned(): void {}
  revoked(): void {}
  protected forget(): void {}
}

/** Approves, denies or never answers. A decision is stored, so a repeated review meets the same one. */
export class ReviewDesk extends Member<ReviewRecord> {
  readonly #decided = new Map<string, { approved: boolean; deadlineAtMs: number } | undefined>();

  constructor(
    ground: Ground,
    private readonly topics: () => Topics,
  ) {
    super('policy', ground, false);
  }

  handle(review: ReviewRecord, _partition: number, finish: (ok: boolean) => void): void {
    const { callId, deadlineAtMs } = review.call;
    finish(true);
    if (this.#decided.has(callId)) return this.#tell(review);
    this.#decided.set(callId, undefined);
    if (this.ground.random.chance(0.2)) return;
    this.later(this.ground.random.between(100, 60_000), () => {
      const approved = this.ground.random.chance(0.7) && this.now() < deadlineAtMs;
      this.#decided.set(callId, { approved, deadlineAtMs: this.now() + 2_000 });
      this.#tell(review);
    });
  }

  assigned(): void {}
  revoked(): void {}
  protected forget(): void {}

  #tell({ tenant, key, call, policyRevision, rule }: ReviewRecord): void {
    const decided = this.#decided.get(call.callId);
    if (!decided) return;
    const { inbox, calls } = this.topics();
    const { callId } = call;
    if (!decided.approved) {
      const observation = refused(callId, denied('NOT_APPROVED', 'Somebody said no.'));
      return inbox.send(this, { tenant, key, input: { type: 'observed', observation } });
    }
    const { deadlineAtMs } = decided;
    const authorised = authorise({ ...call, deadlineAtMs }, { issuer: 'policy', policyRevision, rule }, receiptKey);
    calls.send(this, { tenant, key: call.conflictKey, call: authorised });
    const decision = { ...decided, callId, decidedBy: 'boss' };
    inbox.send(this, { tenant, key, input: { type: 'approvalDecided', decision } });
  }
}

export class FindDesk extends Member<FindRecord> {
  constructor(
    ground: Ground,
    private readonly topics: () => Topics,
  ) {
    super('router', ground, false);
  }

  handle({ tenant, key, callId }: FindRecord, _partition: number, finish: (ok: boolean) => void): void {
    const input = { type: 'toolsFound', callId, tools: ['hidden'] } as const;
    this.topics().inbox.send(this, { tenant, key, input }, { sent: () => finish(true) });
  }

  assigned(): void {}
  revoked(): void {}
  protected forget(): void {}
}
