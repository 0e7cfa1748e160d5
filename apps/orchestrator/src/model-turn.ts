/**
 * One model turn of one session: builds the request, asks again while the model is away, judges what it proposes, and
 * hands the result back as an input. Runs beside the session's lane, so a cancel or a message never waits for a model.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type {
  AgentSpec,
  Catalogue,
  Context,
  JudgedCall,
  ModelAnswer,
  ModelUsage,
  ProposedCall,
  Session,
  SessionInput,
  SessionRequest,
} from '@toolfleet/kernel';
import {
  ContextAssembly,
  budgetExhausted,
  costMicrosOf,
  degraded,
  expired,
  faultOf,
  invalid,
  isFault,
  judge,
  limitNoteOf,
  limits,
  missing,
} from '@toolfleet/kernel';
import type { ArgumentValidators, CompiledPolicy, Fault, KillableCall, ModelRouteSpec } from '@toolfleet/kernel';
import { Secret, environmentVariable } from '@toolfleet/platform/config';
import type { ModelClient, ModelRoute } from '@toolfleet/platform/model';
import { retriesSpent } from '@toolfleet/platform/model';
import type { SessionBudgets } from './session-budgets.js';
import type { TokenQuotas } from './token-quotas.js';
import { isOutOfQuota } from './token-quotas.js';

export interface ModelTurnsOptions {
  readonly client: ModelClient;
  readonly catalogue: Catalogue;
  readonly validators: ArgumentValidators;
  readonly policy: () => CompiledPolicy;
  readonly quotas: TokenQuotas;
  /** What a call ends in that a kill switch stops. */
  readonly killed?: (call: KillableCall, nowMs: number) => Fault | undefined;
  readonly budgets: SessionBudgets;
  readonly attemptsMax: number;
  /** A turn of this session is asked for with older turns told as a summary. */
  readonly onCompacted?: (session: Session) => void;
}

const backoffFirstMs = 200;
const backoffMaxMs = 10_000;
/** A timer may fire a little before the clock says so. */
const timerSlackMs = 20;
/** What a call costs beside its texts: ids, judgement, a refusal with its hint. Without it, empty calls would be free. */
const bytesPerCall = 1_024;

export class ModelTurns {
  readonly #routes = new WeakMap<ModelRouteSpec, ModelRoute>();
  readonly #contexts: ContextAssembly;
  /** First turns under way, by the request that their session begins with. */
  readonly #ahead = new WeakMap<SessionRequest, { answer: Promise<SessionInput | undefined>; call: AbortController }>();

  constructor(private readonly options: ModelTurnsOptions) {
    this.#contexts = new ContextAssembly(options.catalogue);
  }

  /** Asks for a session's first turn before `run` is called for it, with the same request object. Returns how to stop. */
  askAhead({ request, ...rest }: Session): () => void {
    const call = new AbortController();
    this.#ahead.set(request, { answer: this.#run({ request, ...rest }, call.signal), call });
    return () => {
      this.#ahead.delete(request);
      call.abort();
    };
  }

  /** The input that the turn ends in, or nothing when it was aborted. Never throws. */
  run(session: Session, signal: AbortSignal): Promise<SessionInput | undefined> {
    const ahead = session.turn === 0 ? this.#ahead.get(session.request) : undefined;
    if (!ahead) return this.#run(session, signal);
    this.#ahead.delete(session.request);
    if (signal.aborted) ahead.call.abort();
    else signal.addEventListener('abort', () => ahead.call.abort(), { once: true });
    return ahead.answer;
  }

  async #run(session: Session, signal: AbortSignal): Promise<SessionInput | undefined> {
    const turn = session.turn + 1;
    try {
      const answer = await this.#ask(session, signal);
      const { catalogue, policy, validators } = this.options;
      const nowMs = Date.now();
      const killed = (call: KillableCall) => this.options.killed?.(call, nowMs);
      const calls = judge(session, answer.toolCalls, { catalogue, policy: policy(), validators, nowMs, killed });
      if (calls.some(isSlowed)) await sleep(limits.stormSlowMs, undefined, { signal });
      return { type: 'modelAnswered', turn, answer, calls };
    } catch (error) {
      if (signal.aborted) return undefined;
      if (isFault(error) && error.reason === budgetExhausted) return { type: 'budgetExhausted', turn, fault: error };
      // The session's own end of time is a limit and no failure of the model: the kernel says what it means.
      if (Date.now() + timerSlackMs >= session.deadlineAtMs) return { type: 'tick' };
      return { type: 'modelFailed', turn, fault: faultOf(error) };
    }
  }

  /**
   * An attempt for which the provider has no budget of retries was none: it is made later, within a bound of its own. What
   * the turn fails with in the end is what the provider did, not that nobody may ask it again.
   */
  async #ask(session: Session, signal: AbortSignal): Promise<ModelAnswer> {
    let failure: Fault | undefined;
    let budgetWaitLeftMs: number = limits.retryWaitMs;
    for (let attempt = 1; ;) {
      try {
        // oxlint-disable-next-line no-await-in-loop -- attempts follow one another
        return await this.#askOnce(session, attempt > 1, signal);
      } catch (error) {
        if (signal.aborted || !isFault(error) || isOutOfQuota(error)) throw error;
        const waitMs = waitBefore(attempt + 1, error);
        const spent = error.reason === retriesSpent && failure !== undefined;
        if (spent) budgetWaitLeftMs -= waitMs;
        else failure = error;
        const again = spent ? budgetWaitLeftMs >= 0 : error.retryable && attempt < this.options.attemptsMax;
        if (!again || Date.now() + waitMs >= session.deadlineAtMs) throw degraded('model', failure ?? error);
        if (!spent) attempt += 1;
        // oxlint-disable-next-line no-await-in-loop
        await sleep(waitMs, undefined, { signal });
      }
    }
  }

  async #askOnce(session: Session, isRetry: boolean, signal: AbortSignal): Promise<ModelAnswer> {
    const { catalogue, client, quotas, budgets } = this.options;
    const route = catalogue.get('ModelRoute', session.modelRoute);
    const agent = catalogue.get('Agent', session.request.agent);
    if (!route || !agent)
      throw missing('MODEL_ROUTE_UNKNOWN', 'The agent or its model route is no longer in the catalogue.');
    if (Date.now() >= session.deadlineAtMs) throw expired('WALL_TIME_MAX', 'The session ran out of time.');
    const { messages, tools } = await this.#contextOf(session, agent, route);
    const note = limitNoteOf(session, budgets.left(session), Date.now());
    const request = {
      route: this.#routeOf(route),
      messages: note ? [...messages, note] : messages,
      tools,
      noCalls: session.reached !== undefined,
      deadlineAtMs: session.deadlineAtMs,
      sessionId: session.id,
      isRetry,
    };
    const room = await budgets.enter(session, route, request);
    try {
      const told = await quotas.within(session, route, request, () => client.answer(request, signal), signal);
      const answer = bounded({ ...told, usage: pricedUsage(route, told.usage) });
      room.settle(answer);
      return answer;
    } catch (error) {
      room.release();
      throw error;
    }
  }

  /** The tokeniser is loaded (0.3 s, 80 MB: measured) when a session is long for the first time; most processes never see one. */
  async #contextOf(session: Session, agent: AgentSpec, route: ModelRouteSpec): Promise<Context> {
    if (!this.#contexts.isLong(session, agent, route)) return this.#contexts.of(session, agent, route);
    const { tokensOf } = await import('@toolfleet/platform/tokens');
    const context = this.#contexts.of(session, agent, route, tokensOf);
    if (context.turnsTold > 0) this.options.onCompacted?.(session);
    return context;
  }

  #routeOf(spec: ModelRouteSpec): ModelRoute {
    let route = this.#routes.get(spec);
    if (!route) {
      const key = spec.apiKeyEnv ? environmentVariable(spec.apiKeyEnv) : undefined;
      this.#routes.set(spec, (route = { ...spec, apiKey: key ? new Secret(key) : undefined }));
    }
    return route;
  }
}

function pricedUsage(route: ModelRouteSpec, usage: ModelUsage): ModelUsage {
  const costMicros = costMicrosOf(route, usage);
  return costMicros > 0 ? { ...usage, costMicros } : usage;
}

/** An answer is one event and one record: what does not fit is refused before anything is made of it. */
function bounded(answer: ModelAnswer): ModelAnswer {
  const bytes = answer.toolCalls.reduce((sum, call) => sum + bytesOf(call), Buffer.byteLength(answer.text));
  if (bytes <= limits.modelAnswerBytesMax) return answer;
  throw invalid('MODEL_ANSWER_TOO_LARGE', `The model wrote more than ${limits.modelAnswerBytesMax} bytes in one turn.`);
}

const isSlowed = ({ storms = [] }: JudgedCall): boolean => storms.some(({ action }) => action === 'slow');

const bytesOf = ({ id, name, arguments: text }: ProposedCall): number =>
  bytesPerCall + Buffer.byteLength(id) + Buffer.byteLength(name) + Buffer.byteLength(text);

/** Exponential with jitter, never sooner than the provider asked for. */
function waitBefore(attempt: number, fault: Fault): number {
  const backoff = Math.min(backoffMaxMs, backoffFirstMs * 2 ** (attempt - 2));
  return Math.max(fault.retryAfterMs ?? 0, backoff * (0.5 + Math.random() / 2));
}
