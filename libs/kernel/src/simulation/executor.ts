/**
 * A process that runs tool calls under the effect ledger: reserved → executing → settled, with one holder at a time. A write
 * found executing by another is run again only when its tool promises idempotency; otherwise nobody can know, and it is told so.
 */
import { expired, unreachable } from '../fault.js';
import type { Observation, Outcome } from '../toolcall/observation.js';
import { refused } from '../toolcall/observation.js';
import type { AuthorisedCall } from '../toolcall/tool-call.js';
import { callDigestOf, receiptFault } from '../toolcall/tool-call.js';
import { Member } from './bus.js';
import type { Ground } from './ground.js';
import type { CallRecord, Topics } from './messages.js';
import { isIdempotent, receiptKey } from './scene.js';
import type { Tools } from './tools.js';

interface LedgerEntry {
  holder: string;
  observation: Observation | undefined;
}

type Begun = 'reserved' | 'executing' | Observation;

/** The database's side: each step is atomic, its answer may never arrive. */
export class EffectLedger {
  readonly #entries = new Map<string, LedgerEntry>();

  /** `executing` makes the asker the new holder. */
  begin(callId: string, holder: string): Begun {
    const entry = this.#entries.get(callId);
    if (entry?.observation) return entry.observation;
    this.#entries.set(callId, { holder, observation: undefined });
    return entry ? 'executing' : 'reserved';
  }

  /** False when a newer holder has taken over. */
  settle(callId: string, holder: string, observation: Observation): boolean {
    const entry = this.#entries.get(callId);
    if (entry?.holder !== holder || entry.observation) return false;
    entry.observation = observation;
    return true;
  }

  get unsettled(): string[] {
    return [...this.#entries].filter(([, entry]) => !entry.observation).map(([callId]) => callId);
  }
}

export class Executor extends Member<CallRecord> {
  /** Calls in hand here, and the records that wait for their end. */
  readonly #running = new Map<string, ((ok: boolean) => void)[]>();
  #attempts = 0;

  constructor(
    name: string,
    ground: Ground,
    private readonly ledger: EffectLedger,
    private readonly tools: Tools,
    private readonly topics: () => Topics,
  ) {
    super(name, ground, true);
  }

  handle({ call }: CallRecord, _partition: number, finish: (ok: boolean) => void): void {
    const joined = this.#running.get(contentOf(call));
    if (joined) return void joined.push(finish);
    this.#running.set(contentOf(call), [finish]);
    const fault = receiptFault(call, [receiptKey], this.now());
    if (fault && fault.kind !== 'expired') return this.#answer(call, refused(call.callId, fault));
    const late = this.now() > call.deadlineAtMs;
    if (late && (call.effect === 'read' || this.ground.has('lateBeforeLedger'))) {
      return this.#answer(call, notRun(call.callId));
    }
    if (call.effect === 'read') this.#run(call, (observation) => this.#answer(call, observation));
    else this.later(this.ground.delay(), () => this.#write(call, late));
  }

  assigned(): void {}

  /** What runs goes on to its end; its record belongs to another now. */
  revoked(): void {}

  protected forget(): void {
    this.#running.clear();
  }

  #write(call: AuthorisedCall, late: boolean): void {
    const holder = `${this.name}#${++this.#attempts}`;
    const begun = this.ledger.begin(call.callId, holder);
    this.ground.trace(`${this.name} begins ${call.callId}: ${typeof begun === 'string' ? begun : begun.outcome}`);
    if (typeof begun !== 'string') return this.#answer(call, begun);
    const settle = (observation: Observation): void => this.#settle(call, holder, observation);
    const mayRun = begun === 'reserved' || isIdempotent(call.tool) || this.ground.has('rerunWrites');
    // Found executing: it may have happened, also when it is too late to try again.
    if (begun === 'executing' && (late || !mayRun)) return settle(unknownEnd(call.callId));
    if (late) return settle(notRun(call.callId));
    this.later(this.ground.delay(), () => this.#run(call, settle));
  }

  /** Done is done, whoever answers for the call in the end: that is told beside the ledger. Any other end waits for it. */
  #settle(call: AuthorisedCall, holder: string, observation: Observation): void {
    const beside = observation.outcome === 'ok' || this.ground.has('anyEndBeside');
    let awaited = 2;
    let kept = false;
    const done = (): void => {
      awaited -= 1;
      // A newer holder answered for the call, or died over it: a record that is still ours asks the ledger again.
      if (awaited === 0) this.#finish(call, kept || this.ground.has('takenOverIsDone'));
    };
    const tell = (): void => this.later(this.ground.delay(), () => this.#tell(call, observation, done));
    if (beside) tell();
    this.later(this.ground.delay(), () => {
      kept = this.ledger.settle(call.callId, holder, observation);
      if (!beside && kept) tell();
      else if (!beside) awaited -= 1;
      done();
    });
  }

  #run(call: AuthorisedCall, ended: (observation: Observation) => void): void {
    const key = this.ground.has('freshKey')
      ? `${call.idempotencyKey}/${this.name}/${this.#attempts}`
      : call.idempotencyKey;
    const patienceMs = Math.max(0, call.deadlineAtMs - this.now());
    let over = false;
    const end = (observation: Observation): void => {
      if (!over) ended(observation);
      over = true;
    };
    this.later(patienceMs, () => end(call.effect === 'write' ? unknownEnd(call.callId) : notRun(call.callId)));
    const takesMs = this.ground.random.chance(0.15) ? this.ground.random.between(1_000, 6_000) : this.ground.delay();
    this.tools.request(call, key, isIdempotent(call.tool), takesMs);
    this.later(takesMs + 1, () => end(this.tools.answer(call)));
  }

  #answer(call: AuthorisedCall, observation: Observation): void {
    this.#tell(call, observation, () => this.#finish(call));
  }

  #tell(call: AuthorisedCall, observation: Observation, sent: () => void): void {
    const { inbox } = this.topics();
    const stated = call.effect === 'read' && !this.ground.has('idAlone');
    const answer = stated ? { ...observation, callDigest: callDigestOf(call) } : observation;
    const body = {
      tenant: call.tenant,
      key: call.sessionId,
      input: { type: 'observed', observation: answer } as const,
    };
    const partition = this.ground.has('misplaced') ? this.ground.random.between(0, 7) : undefined;
    inbox.send(this, body, { sent, partition, until: 'taken' });
  }

  #finish(call: AuthorisedCall, ok = true): void {
    const waiting = this.#running.get(contentOf(call)) ?? [];
    this.#running.delete(contentOf(call));
    for (const finish of waiting) finish(ok);
  }
}

/** A read sent ahead of its decision may share its id with the write that was decided. */
const contentOf = (call: AuthorisedCall): string =>
  `${call.callId}/${Buffer.from(callDigestOf(call)).toString('base64')}`;

const unknownEnd = (callId: string): Observation => {
  const fault = unreachable('OUTCOME_UNKNOWN', 'Nobody can say whether this call took effect.');
  return refused(callId, fault, 'indeterminate' satisfies Outcome);
};

const notRun = (callId: string): Observation =>
  refused(callId, expired('TOO_LATE', 'The call came too late to be run.'));
