/**
 * The one handler behind every way in. A request is answered once the bus has its admission, and a request id that was
 * seen before gives the same session back without admitting it again. One that is repeated while the first is under way
 * ends with it: nobody is told sooner than something durable answers for the session.
 */
import type { Catalogue, Fault, SessionRequest } from '@toolfleet/kernel';
import { TransientMap, requestFault, sessionIdOf, unreachable } from '@toolfleet/kernel';
import type { AdmissionOwner, Outlet } from '@toolfleet/platform/bus';
import type { AcceptedSessions } from './accepted-sessions.js';
import type { SessionView } from './session-view.js';
import { viewOfRequest } from './session-view.js';
import type { Sessions } from './sessions.js';
import type { CallerToken, UserTokens } from './user-tokens.js';

export interface StartedSession {
  readonly session: SessionView;
  /** Whether this request id was seen before. */
  readonly existing: boolean;
}

export interface StartSessionOptions {
  readonly catalogue: Catalogue;
  readonly sessions: Sessions;
  readonly accepted: AcceptedSessions;
  /** Asked for before an admission: from then on its refusal is heard of. Undefined: now already. */
  readonly listening: () => Promise<void> | undefined;
  /** For whoever waits for the answer. */
  readonly interactive: Pick<Outlet, 'admission'>;
  /** For publishers, whose record waits on the bus. */
  readonly patient: Pick<Outlet, 'admission'>;
  /** Of publishers' requests those that have no chance may be refused here. */
  readonly atHand: AdmissionOwner;
  /** Absent: no token of a user is kept. */
  readonly tokens?: Pick<UserTokens, 'keep'> | undefined;
  readonly now: () => number;
}

export class StartSession {
  /** Two requests with one id at the same time are one admission. */
  readonly #underWay = new TransientMap<string, Promise<StartedSession>>();

  constructor(private readonly options: StartSessionOptions) {}

  /**
   * The same for a publisher, who waits for no answer: without the two look-ups that an answer takes, and without a note of what
   * he was answered. A request that is repeated after the first meets its session in its tenant's share, or in the orchestrator,
   * which tells its outcome again.
   */
  async admit(request: SessionRequest, from?: CallerToken): Promise<void> {
    this.#check(request);
    const { tenant, requestId } = request;
    const sessionId = sessionIdOf(tenant, requestId);
    const first = this.#underWay.get(sessionId);
    if (first) return void (await first);
    await this.#keep(sessionId, this.#admit(sessionId, request, from));
  }

  /** Of a publisher's request that has no chance: resolves when that is told. Undefined: `admit` is for it. */
  refuse(request: SessionRequest): Promise<void> | undefined {
    const { atHand, catalogue, now } = this.options;
    if (requestFault(request, catalogue, now())) return undefined;
    const sessionId = sessionIdOf(request.tenant, request.requestId);
    return this.#underWay.has(sessionId) ? undefined : atHand.refuse(sessionId, request);
  }

  /** `from`: with what token it was asked for. */
  async start(request: SessionRequest, from?: CallerToken): Promise<StartedSession> {
    this.#check(request);
    const sessionId = sessionIdOf(request.tenant, request.requestId);
    const first = this.#underWay.get(sessionId);
    if (first) return { session: this.#noted((await first).session), existing: true };
    return this.#keep(sessionId, this.#start(sessionId, request, from));
  }

  /** Who is answered finds the session when he asks for it next. */
  #noted(session: SessionView): SessionView {
    const { accepted } = this.options;
    if (!accepted.has(session.sessionId)) accepted.add(session);
    return session;
  }

  #keep(sessionId: string, starting: Promise<StartedSession>): Promise<StartedSession> {
    const started = starting.finally(() => this.#underWay.delete(sessionId));
    this.#underWay.set(sessionId, started);
    return started;
  }

  #check(request: SessionRequest): void {
    const { catalogue, now } = this.options;
    const fault = requestFault(request, catalogue, now());
    if (fault) throw this.#catalogueIsThere(request, fault) ? fault : catalogueMissing(fault);
  }

  async #admit(sessionId: string, requested: SessionRequest, from?: CallerToken): Promise<StartedSession> {
    const { accepted, patient, tokens, now } = this.options;
    const session = viewOfRequest(sessionId, requested, now());
    accepted.begun(session);
    try {
      if (tokens) await tokens.keep({ ...requested, sessionId }, from);
      // The publisher's record comes again after a crash, so the admission may be handed over.
      await patient.admission({ tenant: requested.tenant, sessionId, requested }, 'finished');
      return fresh(session);
    } finally {
      accepted.settled(sessionId);
    }
  }

  async #start(sessionId: string, requested: SessionRequest, from?: CallerToken): Promise<StartedSession> {
    const { sessions, accepted, listening, interactive, tokens, now } = this.options;
    const [known] = await Promise.all([sessions.find(requested.tenant, sessionId), listening()]);
    // What admission refused may be asked for again: the refusal said when.
    if (known && known.status !== 'rejected') return { session: known, existing: true };
    // Its first call may come sooner than this answer.
    if (tokens) await tokens.keep({ ...requested, sessionId }, from);
    const session = viewOfRequest(sessionId, requested, now());
    // Before the bus has it, so that its first events, which may be here sooner than the answer, find the entry to drop.
    accepted.add(session);
    try {
      await interactive.admission({ tenant: requested.tenant, sessionId, requested });
      return fresh(session);
    } catch (error) {
      accepted.forget(sessionId);
      throw error;
    }
  }

  /** A fleet that starts for the first time has no catalogue for a moment; nobody is told that he is unknown then. */
  #catalogueIsThere({ tenant }: SessionRequest, fault: Fault): boolean {
    if (fault.kind !== 'missing') return true;
    const { catalogue } = this.options;
    const agents = catalogue.get('Tenant', tenant)?.agents;
    if (!agents) return catalogue.all('Tenant').length > 0;
    return agents.length === 0 || agents.some((agent) => catalogue.get('Agent', agent) !== undefined);
  }
}

const fresh = (session: SessionView): StartedSession => ({ session, existing: false });

const catalogueMissing = (cause: Fault): Fault =>
  unreachable('CATALOGUE_MISSING', 'The catalogue is not published yet.', {
    cause,
    retryAfterMs: 1_000,
    hint: 'Try again in a moment; if it lasts, look at the router.',
  });
