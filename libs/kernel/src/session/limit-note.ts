/**
 * What a model is told before it reaches a limit, so that it can come to an end by itself: a line for each limit of which no
 * more than a fifth is left. It stands behind the conversation of one request and is no part of it.
 */
import type { BudgetUnit, BudgetWindow } from '../policy/quota/budgets.js';
import { durationOf } from '../policy/quota/budgets.js';
import type { UserMessage } from './message.js';
import type { Session } from './session.js';

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
  const lines = [...ofSession(session, now), ...budgets.map(ofBudget)].filter(isNear).map(textOf);
  if (lines.length === 0) return undefined;
  const text = `[Note of the fleet, not of the user: limits are near. ${lines.join(' ')} Come to an end with what you have.]`;
  return { role: 'user', text };
}

function ofSession({ limits, turn, runFirstTurn, usage, ...session }: Session, now: number): Line[] {
  const { runFirstTokens, runFirstCostMicros, deadlineAtMs } = session;
  const of = 'this session';
  const { stepsMax, tokensMax, wallTimeMs, costMicrosMax } = limits;
  const tokens = usage.inputTokens + usage.outputTokens - runFirstTokens;
  const cost = (usage.costMicros ?? 0) - runFirstCostMicros;
  return [
    { unit: 'steps', of, limit: stepsMax, left: stepsMax - (turn - runFirstTurn) },
    { unit: 'tokens', of, limit: tokensMax, left: tokensMax - tokens },
    { unit: 'wallTimeMs', of, limit: wallTimeMs, left: deadlineAtMs - now },
    ...(costMicrosMax === undefined
      ? []
      : [{ unit: 'costMicros' as const, of, limit: costMicrosMax, left: costMicrosMax - cost }]),
  ];
}

const ofBudget = ({ per, window, ...rest }: BudgetLeft): Line => ({ ...rest, of: `the ${per}'s ${window}` });

/** The last step is always told: a limit of three has no fifth. */
const isNear = ({ unit, limit, left }: Line): boolean => left <= Math.max(limit * nearShare, unit === 'steps' ? 1 : 0);

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
