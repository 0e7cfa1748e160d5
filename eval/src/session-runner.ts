/**
 * Runs staged sessions a few at a time: each asked for on the public topic, each later message of its user sent over HTTP
 * when the run before has ended. Every wait has an end: a session whose outcome does not come counts as stuck.
 */
import type { SessionOutcome } from '@toolfleet/contracts';
import type { SessionBus } from '@toolfleet/example-retail/demo';
import { chainOf, type SessionStatus } from '@toolfleet/kernel';
import type { RecordedTools } from './recorded-tools.js';
import type { StagedSession } from './staging.js';

export interface RunnerOptions {
  readonly bus: SessionBus;
  readonly gatewayUrl: string;
  /** The header by which the fleet knows a client of the tenant. */
  readonly authorization: (tenant: string) => Promise<string>;
  readonly tools: Pick<RecordedTools, 'expect'>;
  readonly signal: AbortSignal;
  readonly onEnded: (ended: number) => void;
  /** How long the outcome of a run may take. */
  readonly runDeadlineMs?: number;
}

export interface RanSession {
  readonly session: StagedSession;
  readonly status: SessionStatus | 'stuck';
  /** Of each run that ended, in order. */
  readonly outcomes: readonly SessionOutcome[];
  readonly problem?: string;
}

/** Twice what the orchestrator's slowest call may take, for a session that waits for nothing but this machine. */
const runDeadlineMs = 120_000;
const atOnce = 32;
/** Above the gateway's own bounds. */
const messageWithinMs = 30_000;

export class SessionRunner {
  readonly #waits = new Map<string, (outcome: SessionOutcome) => void>();
  #ended = 0;

  constructor(private readonly options: RunnerOptions) {}

  async open(): Promise<void> {
    await this.options.bus.listen((outcome) => {
      const key = keyOf(outcome.requestId, outcome.run);
      // Outcomes come at least once.
      this.#waits.get(key)?.(outcome);
      this.#waits.delete(key);
    });
  }

  /** In the order given. */
  async run(sessions: readonly StagedSession[]): Promise<RanSession[]> {
    const ran: RanSession[] = [];
    const left = sessions.entries();
    const worker = async (): Promise<void> => {
      for (const [index, session] of left) {
        this.options.signal.throwIfAborted();
        // Each worker takes one session after another.
        // oxlint-disable-next-line no-await-in-loop
        ran[index] = await this.#session(session);
        this.options.onEnded((this.#ended += 1));
      }
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
    return ran;
  }

  async #session(session: StagedSession): Promise<RanSession> {
    const outcomes: SessionOutcome[] = [];
    this.options.tools.expect(session);
    try {
      for (const [index, input] of session.inputs.entries()) {
        // The user speaks again when the run before has ended.
        // oxlint-disable-next-line no-await-in-loop
        const outcome = await this.#oneRun(session, index, input);
        if (outcome === undefined) return { session, status: 'stuck', outcomes };
        outcomes.push(outcome);
        if (outcome.status !== 'completed') break;
      }
    } catch (error) {
      return { session, status: 'failed', outcomes, problem: chainOf(error).join(' <- ') };
    }
    const last = outcomes.at(-1);
    const refusal = last?.refusal;
    const problem = refusal === undefined ? {} : { problem: `${refusal.reason}: ${refusal.message}` };
    return { session, status: last?.status ?? 'failed', outcomes, ...problem };
  }

  async #oneRun(session: StagedSession, index: number, input: string): Promise<SessionOutcome | undefined> {
    const { tenant, agent, requestId } = session;
    const key = keyOf(requestId, index + 1);
    const { promise, resolve } = Promise.withResolvers<SessionOutcome | undefined>();
    this.#waits.set(key, resolve);
    const timer = setTimeout(() => resolve(undefined), this.options.runDeadlineMs ?? runDeadlineMs);
    const stop = (): void => resolve(undefined);
    this.options.signal.addEventListener('abort', stop, { once: true });
    try {
      if (index === 0) await this.options.bus.publish({ tenant, user: 'eval', requestId, agent, input });
      else await this.#say(session, `${requestId}-${index + 1}`, input);
      return await promise;
    } finally {
      clearTimeout(timer);
      this.options.signal.removeEventListener('abort', stop);
      this.#waits.delete(key);
    }
  }

  async #say({ sessionId, tenant }: StagedSession, messageId: string, text: string): Promise<void> {
    const url = `${this.options.gatewayUrl}/v1/sessions/${sessionId}/messages?tenant=${tenant}`;
    const signal = AbortSignal.any([this.options.signal, AbortSignal.timeout(messageWithinMs)]);
    const authorization = await this.options.authorization(tenant);
    const headers = { 'content-type': 'application/json', authorization };
    const body = JSON.stringify({ messageId, text });
    const response = await fetch(url, { method: 'POST', headers, body, signal });
    const answer = await response.text();
    if (!response.ok) throw new Error(`The gateway answered ${response.status}: ${answer.slice(0, 300)}`);
  }
}

const keyOf = (requestId: string, run: number): string => `${requestId} ${run}`;
