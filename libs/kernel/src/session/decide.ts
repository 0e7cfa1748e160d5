/**
 * The whole of what a session may do next. Pure: the same state and input give the same decision.
 *
 * `decide` never looks at what was sent before: the effects of a decision are what is outstanding after it less what was
 * outstanding before it, so a session that comes back from the database knows what to send again (`outstanding`).
 */
import { assertNever } from '../assert.js';
import type { Fault } from '../fault.js';
import { expired, overloaded } from '../fault.js';
import { limits } from '../limits.js';
import type { Observation } from '../toolcall/observation.js';
import { refusalOf, refused } from '../toolcall/observation.js';
import { callDigestOf } from '../toolcall/tool-call.js';
import { claimsIn } from './claims.js';
import { evolve } from './evolve.js';
import type { ModelUsage } from './message.js';
import type {
  CallState,
  Decision,
  JudgedCall,
  ReachedLimit,
  Session,
  SessionEffect,
  SessionEvent,
  SessionEventBody,
  SessionInput,
  SessionStatus,
} from './session.js';
import { currentWave, deadlineOf } from './waves.js';
import type { StormNote } from '../storms/storms.js';

const nothing: Decision = { events: [], effects: [] };

type InputOf<T extends SessionInput['type']> = Extract<SessionInput, { type: T }>;
type Settled = Extract<SessionEventBody, { type: 'toolCallSettled' }>;

export function decide(session: Session | undefined, input: SessionInput, now: number): Decision {
  if (input.type === 'start') return session ? nothing : start(input, now);
  // Anything else for a session that never started is late news of one that was never admitted.
  if (!session) return nothing;
  if (session.phase === 'finished') return afterEnd(session, input, now);
  switch (input.type) {
    case 'modelAnswered':
      return modelAnswered(session, input, now);
    case 'modelFailed':
      return modelFailed(session, input, now);
    case 'budgetExhausted':
      return outOfBudget(session, input, now);
    case 'observed':
      return observed(session, input, now);
    case 'approvalDecided':
      return approvalDecided(session, input, now);
    case 'toolsFound':
      return toolsFound(session, input, now);
    case 'userMessage':
      return userMessage(session, input, now);
    case 'cancel':
      return cancel(session, input, now);
    case 'tick':
      return tick(session, now);
    default:
      return assertNever(input);
  }
}

function afterEnd(session: Session, input: SessionInput, now: number): Decision {
  if (input.type === 'userMessage') return userMessage(session, input, now);
  return input.type === 'observed' ? endedLate(session, input.observation, now) : nothing;
}

/** Everything the session waits for, as the effects that would bring it about. */
export function outstanding(session: Session): SessionEffect[] {
  switch (session.phase) {
    case 'model':
      return [{ type: 'callModel', turn: session.turn + 1 }];
    case 'tools':
      return currentWave(session.calls).map((state) => effectOf(state, session));
    case 'finished':
      return [{ type: 'publishOutcome' }];
    default:
      return assertNever(session.phase);
  }
}

function effectOf(state: CallState, session: Session): SessionEffect {
  const { call } = state;
  const deadlineAtMs = deadlineOf(state, session);
  if (call.disposition === 'findTools') return { type: 'findTools', call };
  // A decided approval means that policy has sent the call on its way already.
  return { type: call.disposition === 'review' ? 'review' : 'dispatch', call, deadlineAtMs };
}

function start({ sessionId, start: { request, ...plan } }: InputOf<'start'>, now: number): Decision {
  const deadlineAtMs = Math.min(now + plan.limits.wallTimeMs, request.deadlineAtMs ?? Infinity);
  const { tools, toolVersions, toolsLeftOut, toolsKeptBack, limits: sessionLimits, modelRoute } = plan;
  const shown = { tools, ...(toolVersions && { toolVersions }) };
  const notShown = { ...(toolsLeftOut && { toolsLeftOut }), ...(toolsKeptBack && { toolsKeptBack }) };
  const body = { request, ...shown, ...notShown, limits: sessionLimits, modelRoute, deadlineAtMs };
  return new Draft(undefined, now).add({ type: 'started', sessionId, ...body }).decision();
}

function modelAnswered(session: Session, input: InputOf<'modelAnswered'>, now: number): Decision {
  // A second answer to the same turn (a redelivery called the model again) loses against the first.
  if (session.phase !== 'model' || input.turn !== session.turn + 1) return nothing;
  const { answer, calls } = input;
  const draft = new Draft(session, now);
  draft.add({ type: 'modelAnswered', turn: input.turn, text: answer.text, calls, usage: answer.usage });
  const flags = claimsIn(session, answer.text, calls);
  const { reached } = session;
  const final = !reached && calls.length === 0 && draft.session.messages.at(-1)?.role === 'assistant';
  const askedAgain = final && flags.length > 0 && mayAskAgain(draft.session);
  if (flags.length > 0) draft.add({ type: 'claimsFlagged', turn: input.turn, flags, askedAgain });
  if (askedAgain) return nextTurn(draft);
  if (reached) return stopAtLimit(draft, faultOfLimit(reached), answer.text);
  // An answer that is in hand is delivered, whatever it cost; nothing more is asked for beyond the limit.
  if (final) {
    return draft.add({ type: 'finished', status: 'completed', answer: answer.text }).decision();
  }
  const storm = stopOf(calls);
  const spent = spentOf(draft.session);
  if (spent && !storm && hasReserve(draft.session, answer.usage)) return lastTurn(draft, spent);
  if (spent?.reason === 'TOKENS_MAX') return stopAtLimit(draft, faultOfLimit(spent));
  if (storm) {
    const message = `The session was stopped: ${storm.storm}, ${storm.calls} calls.`;
    return stopAtLimit(draft, overloaded('TOOL_STORM', message));
  }
  if (spent) return stopAtLimit(draft, faultOfLimit(spent));
  for (const call of calls) {
    if (call.refusal) draft.add({ type: 'toolCallSettled', observation: refused(call.callId, call.refusal) });
  }
  return nextTurn(draft);
}

const stopOf = (calls: readonly JudgedCall[]): StormNote | undefined =>
  calls.flatMap(({ storms = [] }) => storms).find(({ action }) => action === 'stop');

const tokensOfRun = ({ usage, runFirstTokens }: Session): number =>
  usage.inputTokens + usage.outputTokens - runFirstTokens;

const costOfRun = ({ usage, runFirstCostMicros }: Session): number => (usage.costMicros ?? 0) - runFirstCostMicros;

/** The limit of tokens or money that the run has passed. */
function spentOf(session: Session): ReachedLimit | undefined {
  const { tokensMax, costMicrosMax = Infinity } = session.limits;
  if (tokensOfRun(session) > tokensMax) {
    return { reason: 'TOKENS_MAX', message: `The session used more than ${tokensMax} tokens.` };
  }
  if (costOfRun(session) <= costMicrosMax) return undefined;
  return { reason: 'COST_MAX', message: `The session cost more than ${costMicrosMax} millionths.` };
}

/** Whether one more turn like the last fits into what a limit may be exceeded by, for an answer. */
function hasReserve(session: Session, last: ModelUsage): boolean {
  const { tokensMax, costMicrosMax = Infinity } = session.limits;
  const most = 1 + limits.lastWordReserveShare;
  const tokens = tokensOfRun(session) + last.inputTokens + last.outputTokens;
  const cost = costOfRun(session) + (last.costMicros ?? 0);
  return tokens <= tokensMax * most && cost <= costMicrosMax * most;
}

/** Once a run, and only while there is room for one more turn: an answer in hand is worth more than none. */
function mayAskAgain(session: Session): boolean {
  const { limits: bounds, run, askedAgainRun, turn, runFirstTurn } = session;
  const room = !session.reached && turn - runFirstTurn < bounds.stepsMax && tokensOfRun(session) <= bounds.tokensMax;
  return bounds.askAgainOnClaim === true && askedAgainRun !== run && room;
}

function modelFailed(session: Session, input: InputOf<'modelFailed'>, now: number): Decision {
  if (session.phase !== 'model' || input.turn !== session.turn + 1) return nothing;
  // The run was over; only its last word is missing.
  if (session.reached) return stopAtLimit(new Draft(session, now), faultOfLimit(session.reached));
  return new Draft(session, now)
    .add({ type: 'finished', status: 'failed', answer: '', refusal: refusalOf(input.fault) })
    .decision();
}

function outOfBudget(session: Session, { turn, fault }: InputOf<'budgetExhausted'>, now: number): Decision {
  if (session.phase !== 'model' || turn !== session.turn + 1) return nothing;
  return stopAtLimit(new Draft(session, now), session.reached ? faultOfLimit(session.reached) : fault);
}

function observed(session: Session, { observation }: InputOf<'observed'>, now: number): Decision {
  const settled = settle(session, [{ observation }], now);
  return settled === nothing ? endedLate(session, observation, now) : settled;
}

/**
 * The report of a call that the session had given up: a cancelled write that was done after all, or never left. The outcome
 * of an ended run is told again, because it lists what was done; the conversation stays as the model knows it.
 */
function endedLate(session: Session, observation: Observation, now: number): Decision {
  const call = session.unheard.find(({ callId }) => callId === observation.callId);
  const told = session.done.find(({ callId }) => callId === observation.callId);
  if (!call || told?.outcome === observation.outcome || !isOf(observation, { call })) return nothing;
  const { events, effects } = new Draft(session, now).add({ type: 'toolCallEndedLate', observation }).decision();
  if (session.phase !== 'finished') return { events, effects };
  return { events, effects: [...effects, { type: 'publishOutcome', corrected: true }] };
}

/** An observation for a call that is settled, that was never proposed, or that asks for something else changes nothing. */
function settle(session: Session, ends: readonly Omit<Settled, 'type'>[], now: number): Decision {
  const draft = new Draft(session, now);
  for (const end of ends) {
    const { observation } = end;
    const open = draft.session.calls.find((state) => state.call.callId === observation.callId && !state.observation);
    if (open && isOf(observation, open)) draft.add({ type: 'toolCallSettled', ...end });
  }
  return draft.unchanged ? nothing : nextTurn(draft);
}

const isOf = ({ callDigest }: Observation, { call }: Pick<CallState, 'call'>): boolean =>
  !callDigest || Buffer.compare(callDigest, callDigestOf(call)) === 0;

function approvalDecided(session: Session, { decision }: InputOf<'approvalDecided'>, now: number): Decision {
  const state = session.calls.find((candidate) => candidate.call.callId === decision.callId);
  const waits = state?.call.disposition === 'review' && !state.observation && state.approvedUntilMs === undefined;
  if (!waits || !decision.approved) return nothing;
  return new Draft(session, now).add({ type: 'approvalDecided', decision }).decision();
}

function toolsFound(session: Session, input: InputOf<'toolsFound'>, now: number): Decision {
  const open = session.calls.find((state) => state.call.callId === input.callId && !state.observation);
  if (!open) return nothing;
  const room = limits.toolsFoundMax - session.tools.length;
  const isFresh = (name: string) => !session.tools.includes(name);
  const fresh = input.tools.filter(isFresh).slice(0, Math.max(0, room));
  const toolVersions = input.toolVersions?.filter((_, at) => isFresh(input.tools[at]!)).slice(0, fresh.length);
  const text = JSON.stringify({ found: fresh, note: fresh.length ? 'You can call these tools now.' : 'Nothing new.' });
  const result = Buffer.from(text);
  const draft = new Draft(session, now);
  if (fresh.length) draft.add({ type: 'toolsOffered', tools: fresh, ...(toolVersions && { toolVersions }) });
  const observation: Observation = {
    callId: input.callId,
    outcome: 'ok',
    result,
    contentType: 'application/json',
    startedAtMs: now,
    finishedAtMs: now,
    resultBytes: result.byteLength,
  };
  return nextTurn(draft.add({ type: 'toolCallSettled', observation }));
}

function userMessage(session: Session, { message }: InputOf<'userMessage'>, now: number): Decision {
  const known = session.messageIds.includes(message.messageId);
  if (known || session.status === 'cancelled' || session.pending.length >= limits.pendingMessagesMax) return nothing;
  return new Draft(session, now).add({ type: 'userMessageReceived', message }).decision();
}

function cancel(session: Session, input: InputOf<'cancel'>, now: number): Decision {
  const { reason, requestedBy } = input;
  const draft = new Draft(session, now).add({ type: 'cancelRequested', reason, requestedBy });
  return stop(draft, 'cancelled', expired('CANCELLED', reason || 'The session was cancelled.'));
}

function tick(session: Session, now: number): Decision {
  const draft = new Draft(session, now);
  if (now >= session.deadlineAtMs) {
    return stopAtLimit(draft, overloaded('WALL_TIME_MAX', 'The session ran out of time.'));
  }
  const late = currentWave(session.calls).filter(
    (state) => now >= deadlineOf(state, session) + limits.observationGraceMs,
  );
  const ends = late.map((state) => ({ observation: lost(state), presumed: true as const }));
  return ends.length > 0 ? settle(session, ends, now) : nothing;
}

/** A call whose observation never came. A write may have happened, so it is never reported as a plain timeout. */
function lost({ call, approvedUntilMs }: CallState): Observation {
  if (call.disposition === 'review' && approvedUntilMs === undefined) {
    return refused(call.callId, expired('APPROVAL_EXPIRED', 'Nobody approved this call in time.'), 'denied');
  }
  const fault = expired('NO_OBSERVATION', 'No answer came before the deadline.');
  return refused(call.callId, fault, call.effect === 'write' ? 'indeterminate' : 'timedOut');
}

/** Goes on to the model once every call is settled, unless the run has used up its steps. */
function nextTurn(draft: Draft): Decision {
  const { session } = draft;
  const isOver = session.phase === 'model' && session.turn - session.runFirstTurn >= session.limits.stepsMax;
  if (!isOver) return draft.decision();
  const message = `The session took all of its ${session.limits.stepsMax} steps.`;
  return lastTurn(draft, { reason: 'STEPS_MAX', message });
}

/** One turn without tools, in which the model can say what it found; the calls that it has just proposed do not run. */
function lastTurn(draft: Draft, reached: ReachedLimit): Decision {
  const fault = faultOfLimit(reached);
  if (draft.session.limits.lastWord !== true) return stopAtLimit(draft, fault);
  for (const { call, observation } of draft.session.calls) {
    if (!observation) draft.add({ type: 'toolCallSettled', observation: refused(call.callId, fault, 'cancelled') });
  }
  return draft.add({ type: 'limitReached', ...reached }).decision();
}

const faultOfLimit = ({ reason, message }: ReachedLimit): Fault => overloaded(reason, message);

function stopAtLimit(draft: Draft, fault: Fault, answer = ''): Decision {
  return stop(draft, draft.session.limits.escalate ? 'escalated' : 'gaveUp', fault, answer);
}

/** Settles what is open, then finishes: every proposed call ends in exactly one observation, also here. */
function stop(draft: Draft, status: SessionStatus, fault: Fault, answer = ''): Decision {
  const running = new Set(currentWave(draft.session.calls).map((state) => state.call.callId));
  const wasSent = draft.before?.phase === 'tools';
  const open = draft.session.calls.filter((state) => !state.observation);
  const sent = wasSent ? open.filter((state) => running.has(state.call.callId)) : [];
  for (const state of open) {
    const inFlight = sent.includes(state);
    const outcome = inFlight && state.call.effect === 'write' ? 'indeterminate' : 'cancelled';
    const observation = refused(state.call.callId, fault, outcome);
    draft.add({ type: 'toolCallSettled', observation, ...(inFlight && { presumed: true as const }) });
  }
  draft.add({ type: 'finished', status, answer, refusal: refusalOf(fault) });
  const { events, effects } = draft.decision();
  if (sent.length === 0) return { events, effects };
  const callIds = sent.map((state) => state.call.callId);
  const asked = status === 'cancelled';
  return { events, effects: [{ type: 'cancelCalls', callIds, reason: fault.reason, asked }, ...effects] };
}

/** Events in the making: each is applied at once, so the next step of the decision sees its result. */
class Draft {
  readonly #events: SessionEvent[] = [];
  #session: Session | undefined;

  constructor(
    readonly before: Session | undefined,
    readonly now: number,
  ) {
    this.#session = before;
  }

  get session(): Session {
    return this.#session!;
  }

  get unchanged(): boolean {
    return this.#events.length === 0;
  }

  add(body: SessionEventBody): this {
    const event: SessionEvent = { ...body, seq: (this.#session?.seq ?? 0) + 1, atMs: this.now };
    this.#session = evolve(this.#session, event);
    this.#events.push(event);
    return this;
  }

  decision(): Decision {
    const before = this.before ? new Set(outstanding(this.before).map(keyOf)) : new Set<string>();
    const effects = outstanding(this.session).filter((effect) => !before.has(keyOf(effect)));
    return { events: this.#events, effects };
  }
}

/** Two effects with one key ask for the same thing. */
function keyOf(effect: SessionEffect): string {
  switch (effect.type) {
    case 'callModel':
      return `model/${effect.turn}`;
    case 'dispatch':
    case 'review':
    case 'findTools':
      return `call/${effect.call.callId}`;
    case 'cancelCalls':
    case 'publishOutcome':
      return effect.type;
    default:
      return assertNever(effect);
  }
}
