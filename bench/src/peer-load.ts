/**
 * The load on a peer: each session one HTTP request, answered when the session has ended. An answer is held to the same
 * plan as an outcome of our own; the first session that did not do all of its plan ends the run with its fault.
 */
import { randomUUID } from 'node:crypto';
import { broken, isFault } from '@toolfleet/kernel';
import { Pool } from 'undici';
import { problemOf, type EndedSession, type SessionSource } from './load.js';
import { inputOf, orderIdOf, type Plan } from './plans.js';

/** A peer may be slow without being wrong: of 256 long sessions at one a second the last one takes four minutes. */
const sessionDeadlineMs = 600_000;
const refusalCharsMax = 500;

export class PeerLoad implements SessionSource {
  readonly #failed = Promise.withResolvers<never>();
  readonly #pool: Pool;
  readonly #path: string;
  #count = 0;

  constructor(sessionsUrl: string) {
    const { origin, pathname } = new URL(sessionsUrl);
    this.#path = pathname;
    this.#pool = new Pool(origin, {
      ...{ pipelining: 1, keepAliveTimeout: 60_000 },
      ...{ headersTimeout: sessionDeadlineMs, bodyTimeout: sessionDeadlineMs },
    });
    this.#failed.promise.catch(() => undefined);
  }

  get failed(): Promise<never> {
    return this.#failed.promise;
  }

  fail(fault: Error): void {
    this.#failed.reject(fault);
  }

  async close(): Promise<void> {
    await this.#pool.destroy();
  }

  session(plan: Plan): Promise<number> {
    const count = (this.#count += 1);
    const sessionId = randomUUID();
    const body = JSON.stringify({ sessionId, input: inputOf(plan.name, orderIdOf(count)) });
    return new Promise((finished) => {
      this.#run(plan, sessionId, body).then(finished, (cause: unknown) =>
        this.fail(isFault(cause) ? cause : broken('SESSION_LOST', `No answer for session ${sessionId}.`, { cause })),
      );
    });
  }

  async #run(plan: Plan, sessionId: string, body: string): Promise<number> {
    const atMs = performance.now();
    const headers = { 'content-type': 'application/json' };
    const response = await this.#pool.request({ method: 'POST', path: this.#path, headers, body });
    const text = await response.body.text();
    const tookMs = performance.now() - atMs;
    const problem =
      response.statusCode === 200
        ? problemOf(JSON.parse(text) as EndedSession, plan)
        : `it was answered ${response.statusCode}: ${text.slice(0, refusalCharsMax)}`;
    if (problem === undefined) return tookMs;
    throw broken('SESSION_WRONG', `Session ${sessionId} did not do its plan: ${problem}`);
  }
}
