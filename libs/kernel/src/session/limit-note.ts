/**
 * What a model is told before it reaches a limit, so that it can come to an end by itself: a line for each limit of which no
 * more than a fifth is left; and at the limit, that this turn is the last one and has no tools. It stands behind the
 * conversation of one request and is no part of it.
 */
import type { BudgetUnit, BudgetWindow } from '../policy/quota/budgets.js';
import { durationOf } from '../policy/quota/budgets.js';
import type { UserMessage } from './message.js';
import type { ReachedLimit, Session } from './session.js';

/** As the process that asks knows it. */
export interface BudgetLeft {
  readonly per: 'user' | 'tenant';
  readonly window: BudgetWindow;
  readonly unit: BudgetUnit;
  readonly limit: number;
  readonly left: number;
}

interface Line {
  readonly unit: BudgetUnit;
  readonly of: string;
  readonly limit: number;
  readonly left: number;
}

const nearShare = 0.2;

/** Undefined while nothing is near. The same object for the same text is not promised. */
export function limitNoteOf(session: Session, budgets: readonly BudgetLeft[], now: number): UserMessage | undefined {
  if (session.reached) return { role: 'user', text: lastNoteOf(session.reached) };
  const { limits, usage } = session;
  const { stepsMax, tokensMax, wallTimeMs, costMicrosMax } = limits;
  const near: Line[] = [];
  // Asked before every turn, and hardly ever is anything near: a line is made only then.
  const look = (unit: BudgetUnit, of: string, limit: number, left: number): void => {
    if (isNear(unit, limit, left)) near.push({ unit, of, limit, left });
  };
  look('steps', own, stepsMax, stepsMax - (session.turn - session.runFirstTurn));
  look('tokens', own, tokensMax, tokensMax - (usage.inputTokens + usage.outputTokens - session.runFirstTokens));
  look('wallTimeMs', own, wallTimeMs, session.deadlineAtMs - now);
  if (costMicrosMax !== undefined) {
    const cost = (usage.costMicros ?? 0) - session.runFirstCostMicros;
    look('costMicros', own, costMicrosMax, costMicrosMax - cost);
  }
  for (const { per, window, unit, limit, left } of budgets) look(unit, `the ${per}'s ${window}`, limit, left);
  if (near.length === 0) return undefined;
  const lines = near.map(textOf).join(' ');
  const text = `[Note of the fleet, not of the user: limits are near. ${lines} Come to an end with what you have.]`;
  return { role: 'user', text };
}

const own = 'this session';

const lastNoteOf = ({ message }: ReachedLimit): string =>
  `[Note of the fleet, not of the user: ${message} This is your last turn, and no tool can be called any more. ` +
  'Answer now: what you found, what was done, what is left open.]';

/** The last step is always told: a limit of three has no fifth. */
const isNear = (unit: BudgetUnit, limit: number, left: number): boolean =>
  left <= Math.max(limit * nearShare, unit === 'steps' ? 1 : 0);

function textOf({ unit, of, limit, left }: Line): string {
  const rest = Math.max(0, left);
  switch (unit) {
    case 'steps':
      return `${rest} of ${limit} steps of ${of} are left, this one included.`;
    case 'tokens':
      return `${rest} of ${limit} tokens of ${of} are left.`;
    case 'costMicros':
      return `${Math.floor((rest / limit) * 100)} % of the money of ${of} is left.`;
    case 'wallTimeMs':
      return `${durationOf(rest)} of the time of ${of} are left.`;
  }
}
