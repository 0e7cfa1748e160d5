/**
 * Questions to the history of a session that need no CEL: a count held against a number, and `within`. They are what most
 * rules about a session ask, of every call: with 50 rules conditions take half of the time (27 instead of 64 µs a session in
 * the CPU profile of `npm run bench -- --scenarios governance --profile DIR`). What is not exactly of such a form is left to CEL.
 */
import type { HistoryReader } from './condition.js';
import type { Expr } from './condition-parts.js';
import { historyCallOf } from './condition-parts.js';

/** What CEL says to the same, when it has a history to ask. */
export type Shortcut = (history: HistoryReader) => boolean;

type Compare = (one: number, other: number) => boolean;

const comparisons: Readonly<Record<string, Compare>> = {
  '_>_': (one, other) => one > other,
  '_>=_': (one, other) => one >= other,
  '_<_': (one, other) => one < other,
  '_<=_': (one, other) => one <= other,
  '_==_': (one, other) => one === other,
  '_!=_': (one, other) => one !== other,
};

/** `msOf`: of an expression that is a duration; undefined when it is none. */
export function shortcutOf(expr: Expr, msOf: (expr: Expr) => number | undefined): Shortcut | undefined {
  const { case: kind, value } = expr.exprKind;
  if (kind !== 'callExpr') return undefined;
  if (historyCallOf(expr) === 'within') return withinOf(value.args, msOf);
  const compare = comparisons[value.function];
  const [counted, bound] = value.args;
  if (!compare || value.target || !counted || !bound) return undefined;
  const count = countOf(counted);
  const most = numberOf(bound);
  if (!count || most === undefined) return undefined;
  return (history) => compare(count(history), most);
}

function withinOf(args: readonly Expr[], msOf: (expr: Expr) => number | undefined): Shortcut | undefined {
  const [toolExpr, durationExpr] = args;
  if (!toolExpr || !durationExpr || args.length !== 2) return undefined;
  const tool = stringOf(toolExpr);
  const mostMs = isConstantDuration(durationExpr) ? msOf(durationExpr) : undefined;
  if (tool === undefined || mostMs === undefined) return undefined;
  return (history) => succeededWithin(history, tool, mostMs);
}

export function succeededWithin(history: HistoryReader, tool: string, mostMs: number): boolean {
  const ms = history.msSinceOk(tool);
  return ms !== undefined && ms <= mostMs;
}

function countOf(expr: Expr): ((history: HistoryReader) => number) | undefined {
  if (expr.exprKind.case !== 'callExpr') return undefined;
  const texts = expr.exprKind.value.args.map(stringOf);
  const [name, outcome] = texts;
  if (name === undefined || texts.includes(undefined)) return undefined;
  switch (`${historyCallOf(expr)}/${texts.length}`) {
    case 'count/1':
      return (history) => history.count(name);
    case 'count/2':
      return (history) => history.count(name, outcome);
    case 'count_class/1':
      return (history) => history.countClass(name);
    case 'count_effect/1':
      return (history) => history.countEffect(name);
    default:
      return undefined;
  }
}

function isConstantDuration({ exprKind: { case: kind, value } }: Expr): boolean {
  if (kind !== 'callExpr' || value.function !== 'duration' || value.target) return false;
  const [text] = value.args;
  return text !== undefined && value.args.length === 1 && stringOf(text) !== undefined;
}

function constantOf({ exprKind: { case: kind, value } }: Expr) {
  return kind === 'constExpr' ? value.constantKind : undefined;
}

function stringOf(expr: Expr): string | undefined {
  const constant = constantOf(expr);
  return constant?.case === 'stringValue' ? constant.value : undefined;
}

function numberOf(expr: Expr): number | undefined {
  const constant = constantOf(expr);
  if (constant?.case !== 'int64Value') return undefined;
  const number = Number(constant.value);
  return Number.isSafeInteger(number) ? number : undefined;
}
