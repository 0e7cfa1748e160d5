/**
 * What an event does to a session. Total: every event is a fact, so nothing here refuses or throws.
 */
import { assertNever } from '../assert.js';
import { limits } from '../limits.js';
import { textForModel } from '../toolcall/observation.js';
import { hintOf } from './claims.js';
import { noHistory, withEnd, withLateEnd, withProposed, withTurn } from './history.js';
import type { Message, ModelUsage, ToolMessage } from './message.js';
import type { JudgedCall, Session, SessionEvent } from './session.js';
import { currentWave } from './waves.js';

type EventOf<T extends SessionEvent['type']> = Extract<SessionEvent, { type: T }>;

export function evolve(session: Session | undefined, event: SessionEvent): Session {
  if (event.type === 'started') return session ? { ...session, seq: event.seq } : started(event);
  if (!session) throw new TypeError(`A session's first event is 'started', not '${event.type}'.`);
  return { ...applied(session, event), seq: event.seq, updatedAtMs: event.atMs };
}

export function replay(events: Iterable<SessionEvent>): Session | undefined {
  let session: Session | undefined;
  for (const event of events) session = evolve(session, event);
  return session;
}

function started(event: EventOf<'started'>): Session {
  return {
    id: event.sessionId,
    request: event.request,
    phase: 'model',
    status: 'active',
    seq: event.seq,
    turn: 0,
    run: 1,
    runFirstTurn: 0,
    runFirstTokens: 0,
    runFirstCostMicros: 0,
    messages: [{ role: 'user', text: event.request.input }],
    calls: [],
    done: [],
    history: noHistory,
    unheard: [],
    artifacts: [],
    flags: [],
    askedAgainRun: 0,
    pending: [],
    messageIds: [],
    tools: event.tools,
    toolVersions: event.toolVersions,
    ...(event.toolsKeptBack && { toolsKeptBack: event.toolsKeptBack }),
    limits: event.limits,
    modelRoute: event.modelRoute,
    usage: { inputTokens: 0, outputTokens: 0 },
    startedAtMs: event.atMs,
    deadlineAtMs: event.deadlineAtMs,
    waveAtMs: event.atMs,
    updatedAtMs: event.atMs,
    answer: '',
  };
}

function applied(session: Session, event: Exclude<SessionEvent, { type: 'started' }>): Session {
  switch (event.type) {
    case 'modelAnswered':
      return answered(session, event);
    case 'claimsFlagged':
      return flagged(session, event);
    case 'toolCallSettled':
      return settled(session, event);
    case 'toolCallEndedLate':
      return endedLate(session, event);
    case 'approvalDecided':
      return approved(session, event);
    case 'toolsOffered':
      return offered(session, event);
    case 'userMessageReceived':
      return messageReceived(session, event);
    case 'cancelRequested':
      return session;
    case 'limitReached':
      return { ...session, reached: { reason: event.reason, message: event.message } };
    case 'finished':
      return {
        ...session,
        phase: 'finished',
        status: event.status,
        answer: event.answer,
        refusal: event.refusal,
        reached: undefined,
        calls: [],
        // What nobody answered stays in the conversation, before whatever the user writes next.
        messages: [...session.messages, ...session.pending.map((text): Message => ({ role: 'user', text }))],
        pending: [],
      };
    default:
      return assertNever(event);
  }
}

function answered(session: Session, event: EventOf<'modelAnswered'>): Session {
  const toolCalls = event.calls.map((call) => ({
    id: call.providerCallId,
    name: call.tool,
    arguments: call.arguments,
  }));
  const answer: Message = { role: 'assistant', text: event.text, toolCalls };
  const final = event.calls.length === 0;
  const pending = final ? session.pending.map((text): Message => ({ role: 'user', text })) : [];
  return {
    ...session,
    turn: event.turn,
    phase: final ? 'model' : 'tools',
    messages: [...session.messages, answer, ...pending],
    pending: final ? [] : session.pending,
    calls: event.calls.map((call) => ({ call })),
    history: event.calls.reduce((told, call) => withProposed(told, call, session.tools), session.history),
    waveAtMs: event.atMs,
    usage: withUsage(session.usage, event.usage),
  };
}

function withUsage(before: ModelUsage, more: ModelUsage): ModelUsage {
  const costMicros = (before.costMicros ?? 0) + (more.costMicros ?? 0);
  return {
    inputTokens: before.inputTokens + more.inputTokens,
    outputTokens: before.outputTokens + more.outputTokens,
    ...(costMicros > 0 && { costMicros }),
  };
}

function offered(session: Session, { tools, toolVersions }: EventOf<'toolsOffered'>): Session {
  const next = { ...session, tools: [...session.tools, ...tools] };
  if (!toolVersions && !session.toolVersions) return next;
  const { toolVersions: before = session.tools.map(() => '') } = session;
  return { ...next, toolVersions: [...before, ...(toolVersions ?? tools.map(() => ''))] };
}

/** The hint stands where a user's message would: whatever the model claimed, no tool said it. */
function flagged(session: Session, { flags, askedAgain }: EventOf<'claimsFlagged'>): Session {
  const kept = [...session.flags, ...flags].slice(-limits.claimFlagsKept);
  if (!askedAgain) return { ...session, flags: kept };
  const hint: Message = { role: 'user', text: hintOf(flags), byFleet: true };
  return { ...session, flags: kept, askedAgainRun: session.run, messages: [...session.messages, hint] };
}

function settled(session: Session, event: EventOf<'toolCallSettled'>): Session {
  const { observation } = event;
  const waveBefore = currentWave(session.calls);
  const calls = session.calls.map((state) =>
    state.call.callId === observation.callId && !state.observation ? { ...state, observation } : state,
  );
  const state = calls.find((candidate) => candidate.call.callId === observation.callId);
  if (!state) return session;
  const { callId, tool, effect } = state.call;
  const { outcome, refusal, artifact, wouldHaveDone } = observation;
  const end = {
    ...(refusal && { reason: refusal.reason }),
    ...(artifact !== undefined && { artifact }),
    ...(wouldHaveDone && { wouldHaveDone }),
  };
  const done = [...session.done, { callId, tool, effect, outcome, ...end }];
  const waveMoved = !currentWave(calls).some((open) => waveBefore.some((was) => was.call.callId === open.call.callId));
  // Its end may be found out later.
  const mayBeHeardOf = event.presumed || outcome === 'indeterminate';
  const unheard = mayBeHeardOf ? [...session.unheard, state.call].slice(-limits.unheardCallsMax) : session.unheard;
  const artifacts = withArtifact(session.artifacts, artifact, state.call.toolClass);
  const history = withEnd(session.history, state.call, observation, event.atMs, event.presumed ?? false, session.tools);
  const waveAtMs = waveMoved ? event.atMs : session.waveAtMs;
  const next = { ...session, calls, done, history, unheard, artifacts, waveAtMs };
  return calls.every((candidate) => candidate.observation) ? turnEnded(next) : next;
}

/** A handle that is already known stays where it is: a part that was read is kept under the handle of the whole. */
function withArtifact(
  known: Session['artifacts'],
  handle: string | undefined,
  toolClass: string,
): Session['artifacts'] {
  if (handle === undefined || known.some((one) => one.handle === handle)) return known;
  return [...known, { handle, toolClass }].slice(-limits.artifactsKnownMax);
}

/** Only what is told of the call: the model went on with the end that was presumed. */
function endedLate(session: Session, { observation, atMs }: EventOf<'toolCallEndedLate'>): Session {
  const { callId, outcome } = observation;
  const was = session.done.find((call) => call.callId === callId);
  const call = session.unheard.find((one) => one.callId === callId);
  const done = session.done.map((one) => (one.callId === callId ? { ...one, outcome } : one));
  const history =
    was && call ? withLateEnd(session.history, call, was.outcome, observation, atMs, session.tools) : session.history;
  const heard = outcome !== 'indeterminate';
  const unheard = session.unheard.filter((one) => one.callId !== callId || !heard);
  return { ...session, done, history, unheard };
}

/** All calls of the turn are settled: their results and the messages that waited go into the conversation. */
function turnEnded(session: Session): Session {
  const results = session.calls.map(({ call, observation }): ToolMessage => ({
    role: 'tool',
    toolCallId: call.providerCallId,
    text: (observation ? textForModel(observation) : '') + warningsOf(call),
  }));
  const texts = results.map(({ text }) => text);
  const pending = session.pending.map((text): Message => ({ role: 'user', text }));
  return {
    ...session,
    phase: 'model',
    calls: [],
    history: withTurn(session.history, session.calls, texts),
    pending: [],
    messages: [...session.messages, ...results, ...pending],
  };
}

/** What a rule on its way to be enforced would have said: the call ran, and the next one like it may not. */
function warningsOf({ notes = [] }: JudgedCall): string {
  const warned = notes.filter(({ mode, effect }) => mode === 'warn' && effect !== 'allow');
  return warned
    .map(({ rule, effect, reason }) => `\n[policy: ${reason || `${rule} is going to ${effect} this`}]`)
    .join('');
}

function approved(session: Session, event: EventOf<'approvalDecided'>): Session {
  const { decision } = event;
  const calls = session.calls.map((state) =>
    state.call.callId === decision.callId ? { ...state, approvedUntilMs: decision.deadlineAtMs } : state,
  );
  return { ...session, calls };
}

/** In the middle of a run a message waits for the next turn; after the end it opens the next run. */
function messageReceived(session: Session, event: EventOf<'userMessageReceived'>): Session {
  const messageIds = [...session.messageIds, event.message.messageId].slice(-2 * limits.pendingMessagesMax);
  if (session.phase !== 'finished') {
    return { ...session, messageIds, pending: [...session.pending, event.message.text] };
  }
  const message: Message = { role: 'user', text: event.message.text };
  return {
    ...session,
    messageIds,
    messages: [...session.messages, message],
    phase: 'model',
    status: 'active',
    run: session.run + 1,
    runFirstTurn: session.turn,
    runFirstTokens: session.usage.inputTokens + session.usage.outputTokens,
    runFirstCostMicros: session.usage.costMicros ?? 0,
    deadlineAtMs: event.atMs + session.limits.wallTimeMs,
    answer: '',
    refusal: undefined,
  };
}
