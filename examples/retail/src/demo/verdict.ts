/**
 * Whether a session did what was recorded: it completed, it said all that had to be said, and the shop is left in the
 * recorded state, each write having run once.
 */
import type { SessionOutcome } from '@toolfleet/contracts';
import { isDeepStrictEqual } from 'node:util';
import type { RecordedTask } from '../data.js';
import type { ShopClient } from '../shop/client.js';

export interface Verdict {
  readonly task: string;
  /** `lost` when no outcome came. */
  readonly status: SessionOutcome['status'] | 'lost';
  /** Completed, with everything said. */
  readonly completed: boolean;
  readonly stateMatches: boolean;
  readonly toolCalls: number;
  readonly duplicateEffects: number;
  /** From publishing to the outcome; absent when lost. */
  readonly tookMs: number | undefined;
  readonly problems: readonly string[];
}

export interface FinishedSession {
  readonly task: RecordedTask;
  /** Also the name of the session's copy of the shop. */
  readonly sessionId: string;
  readonly outcome: SessionOutcome | undefined;
  readonly tookMs: number | undefined;
}

export async function verdictOf(session: FinishedSession, shop: ShopClient): Promise<Verdict> {
  const { task, sessionId, outcome, tookMs } = session;
  const [changes, effects] = await Promise.all([shop.changes(sessionId), shop.effects(sessionId)]);
  const stateMatches = isDeepStrictEqual(changes, task.db_changes);
  const unsaid = task.communicate_info.filter((text) => !(outcome?.answer ?? '').includes(text));
  const problems = [
    ...(outcome === undefined ? ['no outcome came'] : []),
    ...(outcome !== undefined && outcome.status !== 'completed' ? [endedAs(outcome)] : []),
    ...(outcome === undefined || unsaid.length === 0 ? [] : [`not said: ${unsaid.join('; ')}`]),
    ...(stateMatches ? [] : [`the shop differs: ${differenceOf(changes, task.db_changes)}`]),
    ...(effects.duplicates === 0 ? [] : [`${effects.duplicates} writes ran again`]),
  ];
  return {
    task: task.id,
    status: outcome?.status ?? 'lost',
    completed: outcome?.status === 'completed' && unsaid.length === 0,
    stateMatches,
    toolCalls: outcome?.calls.length ?? 0,
    duplicateEffects: effects.duplicates,
    tookMs,
    problems,
  };
}

function endedAs({ status, refusal }: SessionOutcome): string {
  return refusal === undefined ? status : `${status}: ${refusal.reason}, ${refusal.message}`;
}

type Changes = RecordedTask['db_changes'];

function differenceOf(actual: Changes, expected: Changes): string {
  const missing = without(expected, actual).map((name) => `${name} is not as recorded`);
  const unexpected = without(actual, expected).map((name) => `${name} should be untouched`);
  return [...missing, ...unexpected.filter((text) => !missing.some((other) => sameRecord(text, other)))].join(', ');
}

const sameRecord = (left: string, right: string): boolean => left.split(' ')[0] === right.split(' ')[0];

/** Names of the records of `changes` that `others` does not hold in the same state. */
function without(changes: Changes, others: Changes): string[] {
  return changes
    .filter((change) => !others.some((other) => isDeepStrictEqual(change, other)))
    .map(([table, id]) => `${table}/${id}`);
}
