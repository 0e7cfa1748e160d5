/**
 * One run of the demo: every task published at once as a session request, its outcome awaited up to one deadline, and
 * every final state compared. What did not come by the deadline counts as lost.
 */
import type { SessionOutcome } from '@toolfleet/contracts';
import { sessionIdOf } from '@toolfleet/kernel';
import type { RecordedConversation } from '../conversations.js';
import type { RecordedTask } from '../data.js';
import type { ShopClient } from '../shop/client.js';
import type { DemoRequest, SessionBus } from './fleet.js';
import { verdictOf, type FinishedSession, type Verdict } from './verdict.js';

export interface DemoRun {
  readonly tasks: readonly RecordedTask[];
  readonly conversations: readonly RecordedConversation[];
  readonly bus: SessionBus;
  readonly shop: ShopClient;
  /** Begins every request id: the sessions of this run and no other. */
  readonly runId: string;
  /** For all sessions together, from the first request. */
  readonly deadlineMs: number;
  readonly onProgress: (progress: DemoProgress) => void;
  readonly signal: AbortSignal;
}

export interface DemoProgress {
  readonly sessions: number;
  readonly ended: number;
  readonly toolCalls: number;
  readonly seconds: number;
}

export interface DemoFindings {
  readonly verdicts: readonly Verdict[];
  /** From the first request to the last outcome. */
  readonly seconds: number;
}

interface Pending {
  readonly task: RecordedTask;
  readonly request: DemoRequest;
  readonly sessionId: string;
  publishedAtMs: number;
  endedAtMs: number | undefined;
  outcome: SessionOutcome | undefined;
}

export const demoTenant = 'acme';
/** Comparing costs two requests to the shop a session: a few at a time keep its pool busy and no more. */
const comparedAtOnce = 8;

export async function runDemo(run: DemoRun): Promise<DemoFindings> {
  const pending = pendingOf(run);
  const startedAtMs = performance.now();
  const all = Promise.withResolvers<void>();
  const stop = AbortSignal.any([run.signal, AbortSignal.timeout(run.deadlineMs)]);
  stop.addEventListener('abort', () => all.resolve(), { once: true });
  let ended = 0;
  let toolCalls = 0;
  await run.bus.listen((outcome) => {
    const session = pending.get(outcome.requestId);
    // Outcomes come at least once, and other sessions' come too.
    if (session === undefined || session.outcome !== undefined) return;
    session.outcome = outcome;
    session.endedAtMs = performance.now();
    ended += 1;
    toolCalls += outcome.calls.length;
    const seconds = (session.endedAtMs - startedAtMs) / 1_000;
    run.onProgress({ sessions: pending.size, ended, toolCalls, seconds });
    if (ended === pending.size) all.resolve();
  });
  await Promise.all([...pending.values()].map((session) => publish(session, run.bus)));
  await all.promise;
  const sessions = [...pending.values()];
  const lastMs = Math.max(startedAtMs, ...sessions.map((session) => session.endedAtMs ?? 0));
  return { verdicts: await compare(sessions, run.shop), seconds: (lastMs - startedAtMs) / 1_000 };
}

function pendingOf({ tasks, conversations, runId }: DemoRun): Map<string, Pending> {
  const inputOf = new Map(conversations.map(({ id, input }) => [id, input] as const));
  return new Map(
    tasks.map((task) => {
      const requestId = `${runId}-${task.id}`;
      const input = inputOf.get(`retail-${task.id}`) ?? '';
      const request = { tenant: demoTenant, user: `customer-${task.id}`, requestId, agent: 'retail', input };
      const sessionId = sessionIdOf(demoTenant, requestId);
      return [requestId, { task, request, sessionId, publishedAtMs: 0, endedAtMs: undefined, outcome: undefined }];
    }),
  );
}

async function publish(session: Pending, bus: SessionBus): Promise<void> {
  session.publishedAtMs = performance.now();
  await bus.publish(session.request);
}

async function compare(sessions: readonly Pending[], shop: ShopClient): Promise<readonly Verdict[]> {
  const verdicts: Verdict[] = [];
  const waiting = sessions.values();
  await Promise.all(
    Array.from({ length: comparedAtOnce }, async () => {
      for (const { task, sessionId, outcome, publishedAtMs, endedAtMs } of waiting) {
        const tookMs = endedAtMs === undefined ? undefined : endedAtMs - publishedAtMs;
        const finished: FinishedSession = { task, sessionId, outcome, tookMs };
        // Each worker takes one session after another.
        // oxlint-disable-next-line no-await-in-loop
        verdicts.push(await verdictOf(finished, shop));
      }
    }),
  );
  return verdicts.toSorted((left, right) => Number(left.task) - Number(right.task));
}
