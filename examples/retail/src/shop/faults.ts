/**
 * Misbehaviour on order, for tests of those who call the shop. Off unless the shop was started with it; each rule ends
 * by itself after `times` requests, and none holds a request for longer than `holdMsMax`.
 */
import { invalid } from '@toolfleet/kernel';

/**
 * - `latency`: answers after `ms`. - `error`: 500, nothing done. - `hang`: no answer, the connection closes after `ms`.
 * - `huge`: an answer of 10 MB, nothing done. - `lose`: does its work, then breaks the connection without an answer.
 */
export const faultEffects = ['latency', 'error', 'hang', 'huge', 'lose'] as const;
export type FaultEffect = (typeof faultEffects)[number];

export interface FaultRule {
  /** An operation's name, or `*`. */
  readonly operation: string;
  readonly effect: FaultEffect;
  readonly ms: number;
  /** How many requests it spoils. */
  readonly times: number;
}

const rulesMax = 100;
const timesMax = 1_000_000;
export const holdMsMax = 60_000;
export const hugeBodyBytes = 10 * 1024 * 1024;

export class FaultPlan {
  private rules: { rule: FaultRule; left: number }[] = [];

  /** The rule that spoils this request, if any; counts it as used. */
  take(operation: string): FaultRule | undefined {
    const at = this.rules.findIndex(({ rule }) => rule.operation === '*' || rule.operation === operation);
    const entry = this.rules[at];
    if (entry === undefined) return undefined;
    entry.left -= 1;
    if (entry.left === 0) this.rules.splice(at, 1);
    return entry.rule;
  }

  add(value: unknown): FaultRule {
    const rule = ruleOf(value);
    if (this.rules.length >= rulesMax) throw invalid('TOO_MANY_FAULTS', `At most ${rulesMax} rules at a time`);
    this.rules.push({ rule, left: rule.times });
    return rule;
  }

  clear(): void {
    this.rules = [];
  }

  list(): readonly FaultRule[] {
    return this.rules.map(({ rule, left }) => ({ ...rule, times: left }));
  }
}

function ruleOf(value: unknown): FaultRule {
  const { operation = '*', effect, ms = 1_000, times = 1 } = (value ?? {}) as Record<string, unknown>;
  const known = faultEffects.find((candidate) => candidate === effect);
  if (known === undefined) throw invalid('FAULT_INVALID', `effect must be one of ${faultEffects.join(', ')}`);
  if (typeof operation !== 'string') throw invalid('FAULT_INVALID', 'operation must be a name or *');
  return { operation, effect: known, ms: whole('ms', ms, holdMsMax), times: whole('times', times, timesMax) };
}

function whole(name: string, value: unknown, max: number): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 1 || value > max) {
    throw invalid('FAULT_INVALID', `${name} must be a whole number from 1 to ${max}`);
  }
  return value;
}
