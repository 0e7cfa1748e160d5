/**
 * Makes a person unreadable in a tenant: their data keys are destroyed, so that what the audit holds of them stays in its
 * place and says nothing, and the history of their ended sessions is deleted. That it was done is an entry itself.
 */
import { decodeObservation, decodeToolCall, encodeObservation } from '@toolfleet/contracts';
import { auditRecordOf, invalid, limits } from '@toolfleet/kernel';
import type { Outlet } from '@toolfleet/platform/bus';
import type { SessionEraser } from '@toolfleet/platform/postgres';
import type { SubjectKeys } from './subject-keys.js';

export interface EraseRequest {
  readonly tenant: string;
  readonly subject: string;
  readonly actor: string;
  readonly reason: string;
}

export interface Erased {
  readonly keys: number;
  readonly sessions: number;
  readonly running: number;
}

/** How long a tool call may come again over the bus: the retention of its topic, and a day. */
const callsKeptMs = 4 * 86_400_000;

export class Erasure {
  constructor(
    private readonly keys: Pick<SubjectKeys, 'destroy'>,
    private readonly eraser: Pick<SessionEraser, 'erase'>,
    private readonly outlet: Pick<Outlet, 'audit'>,
    private readonly now: () => number = Date.now,
  ) {}

  /** May be asked again, also after it was cut short. */
  async erase({ tenant, subject, actor, reason }: EraseRequest): Promise<Erased> {
    for (const [field, value] of Object.entries({ tenant, subject, actor, reason })) {
      const isGiven = value.trim() !== '' && value.length <= limits.auditCommentCharsMax;
      if (!isGiven) throw invalid('FIELD_MISSING', `An erasure states ${field}.`, { details: { field } });
    }
    const options = { effectsBeforeMs: this.now() - callsKeptMs, bare: bareObservation, userOf };
    const { erased, running } = await this.eraser.erase(tenant, subject, options);
    // Last: who is interrupted before this still finds the person.
    const keys = await this.keys.destroy({ tenant, name: subject });
    const done = { keys, sessions: erased.length, running: running.length };
    await this.#record(tenant, actor, reason, done);
    return done;
  }

  /** Whom it was about is what must not be told any more. */
  #record(tenant: string, actor: string, reason: string, { keys, sessions, running }: Erased): Promise<void> {
    const atMs = this.now();
    const outcome = `${keys} keys, ${sessions} sessions, ${running} still run`;
    const facts = { tenant, actor, atMs, action: 'SUBJECT_ERASED', outcome, comment: reason, recordedBy: 'policy' };
    return this.outlet.audit(auditRecordOf(facts));
  }
}

const userOf = (call: Uint8Array): string => decodeToolCall(call).user;

/** How it ended, and when: that nobody runs it again, and nothing that it answered. */
function bareObservation(bytes: Uint8Array): Uint8Array {
  const { callId, outcome, startedAtMs, finishedAtMs } = decodeObservation(bytes);
  return encodeObservation({ callId, outcome, startedAtMs, finishedAtMs, resultBytes: 0 });
}
