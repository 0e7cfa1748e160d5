/**
 * A process that runs tool calls under the effect ledger: reserved → executing → settled, with one holder at a time. A write
 * found executing by another is run again only when its tool promises idempotency; otherwise nobody can know, and it is told so.
 * A call holds its resource while it executes. What stays unknown is asked about later, where its tool can be asked.
 */
import { expired, unreachable } from '../fault.js';
import type { Observation, Outcome } from '../toolcall/observation.js';
import { refused } from '../toolcall/observation.js';
import type { AuthorisedCall } from '../toolcall/tool-call.js';
import { callDigestOf, receiptFault } from '../toolcall/tool-call.js';
import { Member } from './bus.js';
import type { Ground } from './ground.js';
import type { CallRecord, Topics } from './messages.js';
import { isIdempotent, isReconcilable, receiptKey } from './scene.js';
import type { Tools } from './tools.js';

interface LedgerEntry {
  readonly call: AuthorisedCall;
  /** Came too late to be run: it is in the ledger only to be settled. */
  readonly barred: boolean;
  holder: string;
  observation: Observation | undefined;
}

type Begun = 'reserved' | 'executing' | 'held' | Observation;

const resourceOf = ({ tenant, conflictKey }: AuthorisedCall): string => `${tenant}/${conflictKey}`;

/** The database's side: each step is atomic, its answer may never arrive. */
export class EffectLedger {
  readonly #entries = new Map<string, LedgerEntry>();

  /** Writes of unknown end that can be asked about. */
  readonly #open = new Map<string, AuthorisedCall>();
  /** Those whose end was found out. */
  readonly found = new Map<string, AuthorisedCall>();

  /** `executing` makes the asker the new holder. `holds`: not while another call of the same resource executes. */
  begin(call: AuthorisedCall, holder: string, { holds, barred }: { holds: boolean; barred: boolean }): Begun {
    const entry = this.#entries.get(call.callId);
    if (entry?.observation) return entry.observation;
    if (!entry && holds && this.othersExecuting(call)) return 'held';
    this.#entries.set(call.callId, { call, holder, barred: !entry && barred, observation: undefined });
    return entry ? 'executing' : 'reserved';
  }

  othersExecuting(call: AuthorisedCall): boolean {
    const resource = resourceOf(call);
    const isOther = (entry: LedgerEntry): boolean =>
      !entry.observation && !entry.barred && entry.call.callId !== call.callId && resourceOf(entry.call) === resource;
    return [...this.#entries.values()].some(isOther);
  }

  get open(): readonly AuthorisedCall[] {
    return [...this.#open.values()];
  }

  /** What was found, whoever found it. */
  resolve(call: AuthorisedCall, observation: Observation): Observation {
    const entry = this.#entries.get(call.callId)!;
    if (entry.observation?.outcome === 'indeterminate') entry.observation = observation;
    this.found.set(call.callId, call);
    return entry.observation ?? observation;
  }

  close({ callId }: AuthorisedCall): void {
    this.#open.delete(callId);
  }

  /** False when a newer holder has taken over. */
  settle(callId: string, holder: string, observation: Observation): boolean {
    const entry = this.#entries.get(callId);
    if (entry?.holder !== holder || entry.observation) return false;
    entry.observation = observation;
    if (observation.outcome === 'indeterminate' && isReconcilable(entry.call.tool)) this.#open.set(callId, entry.call);
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
    const holds = !late && !this.ground.has('holdsNothing');
    const begun = this.ledger.begin(call, holder, { holds, barred: late });
    this.ground.trace(`${this.name} begins ${call.callId}: ${typeof begun === 'string' ? begun : begun.outcome}`);
    if (typeof begun !== 'string') return this.#answer(call, begun);
    // What comes too late holds nothing, so the wait ends.
    if (begun === 'held') {
      return this.later(lookAgainMs, () => this.#write(call, this.now() > call.deadlineAtMs));
    }
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

  /** Asks about one write of unknown end; until its end is told it is asked about again. */
  reconcile(call: AuthorisedCall): void {
    this.later(this.ground.delay(), () => {
      if (!this.tools.happened(call.callId)) return;
      const observation = this.ledger.resolve(call, this.tools.answer(call));
      this.ground.trace(`${this.name} found that ${call.callId} was done`);
      if (this.ground.has('resolvedIsTold')) this.ledger.close(call);
      const told = (): void => this.ledger.close(call);
      // Over the bus: no session sends a call again that it takes for settled.
      const handedOver = this.ground.has('foundHandedOver');
      this.later(this.ground.delay(), () => this.#tell(call, observation, told, handedOver));
    });
  }

  #run(call: AuthorisedCall, ended: (observation: Observation) => void): void {
    const key = this.ground.has('freshKey')
      ? `${call.idempotencyKey}/${this.name}/${this.#attempts}`
      : call.idempotencyKey;
    if (call.effect === 'write' && this.ledger.othersExecuting(call)) {
      this.ground.violated('no two writes of one resource are under way', `${resourceOf(call)} ${call.callId}`);
    }
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

  #tell(call: AuthorisedCall, observation: Observation, sent: () => void, handedOver = true): void {
    const { inbox } = this.topics();
    const stated = call.effect === 'read' && !this.ground.has('idAlone');
    const answer = stated ? { ...observation, callDigest: callDigestOf(call) } : observation;
    const body = {
      tenant: call.tenant,
      key: call.sessionId,
      input: { type: 'observed', observation: answer } as const,
    };
    const partition = this.ground.has('misplaced') ? this.ground.random.between(0, 7) : undefined;
    inbox.send(this, body, { sent, partition, ...(handedOver && { until: 'taken' as const }) });
  }

  #finish(call: AuthorisedCall, ok = true): void {
    const waiting = this.#running.get(contentOf(call)) ?? [];
    this.#running.delete(contentOf(call));
    for (const finish of waiting) finish(ok);
  }
}

const lookAgainMs = 250;

/** A read sent ahead of its decision may share its id with the write that was decided. */
const contentOf = (call: AuthorisedCall): string =>
  `${call.callId}/${Buffer.from(callDigestOf(call)).toString('base64')}`;

const unknownEnd = (callId: string): Observation => {
  const fault = unreachable('OUTCOME_UNKNOWN', 'Nobody can say whether this call took effect.');
  return refused(callId, fault, 'indeterminate' satisfies Outcome);
};

const notRun = (callId: string): Observation =>
  refused(callId, expired('TOO_LATE', 'The call came too late to be run.'));
