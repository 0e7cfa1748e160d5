/** What a condition is made of: how it is bounded before it runs, and how it is told to people. */
import type { parse } from '@bufbuild/cel';
import { unparse } from '@bufbuild/cel';

export type Expr = NonNullable<ReturnType<typeof parse>['expr']>;

/** What conditions may ask a session for, as `session.count("refund_order")`. */
export const historyFunctions = [
  ...(['count', 'count_class', 'count_effect', 'within', 'ms_since_ok'] as const),
  ...(['user_said', 'user_asked'] as const),
] as const;
export type HistoryFunction = (typeof historyFunctions)[number];

const historyName = 'session';
/** Steps that a pattern takes for a character, against one member that a loop looks at. */
const stepsPerChar = 0.25;

function childrenOf({ exprKind: { case: kind, value } }: Expr): readonly Expr[] {
  switch (kind) {
    case 'selectExpr':
      return value.operand ? [value.operand] : [];
    case 'callExpr':
      return value.target ? [value.target, ...value.args] : value.args;
    case 'listExpr':
      return value.elements;
    case 'structExpr':
      return value.entries.flatMap(({ keyKind, value: entry }) =>
        [keyKind.case === 'mapKey' ? keyKind.value : undefined, entry].filter((expr) => expr !== undefined),
      );
    case 'comprehensionExpr':
      return [value.iterRange, value.accuInit, value.loopCondition, value.loopStep, value.result].filter(
        (expr) => expr !== undefined,
      );
    default:
      return [];
  }
}

function* everyExpr(expr: Expr): Generator<Expr> {
  yield expr;
  for (const child of childrenOf(expr)) yield* everyExpr(child);
}

/** Which function of `session` it calls; undefined when it is no such call. */
export function historyCallOf({ exprKind: { case: kind, value } }: Expr): string | undefined {
  if (kind !== 'callExpr') return undefined;
  const target = value.target?.exprKind;
  return target?.case === 'identExpr' && target.value.name === historyName ? value.function : undefined;
}

/** The functions of `session` that it calls, in no order. */
export const historyCallsIn = (expr: Expr): string[] =>
  [...everyExpr(expr)].map(historyCallOf).filter((name) => name !== undefined);

/** How deep loops (`all`, `exists`, `map` …) stand within each other; what one goes over stands beside it. */
function loopDepthOf(expr: Expr): number {
  const { case: kind, value } = expr.exprKind;
  const deepest = (parts: readonly (Expr | undefined)[]) =>
    Math.max(0, ...parts.map((part) => (part ? loopDepthOf(part) : 0)));
  if (kind !== 'comprehensionExpr') return deepest(childrenOf(expr));
  return Math.max(
    deepest([value.iterRange, value.accuInit]),
    1 + deepest([value.loopCondition, value.loopStep, value.result]),
  );
}

/** Steps at most, of what a call's values have in members and characters. Undefined: no loop and no pattern in it. */
export function costOf(expr: Expr): ((members: number, chars: number) => number) | undefined {
  const depth = loopDepthOf(expr);
  const patterns = [...everyExpr(expr)].filter(
    ({ exprKind }) => exprKind.case === 'callExpr' && exprKind.value.function === 'matches',
  ).length;
  if (depth === 0 && patterns === 0) return undefined;
  return (members, chars) => (depth === 0 ? 0 : members ** depth) + Math.ceil(patterns * chars * stepsPerChar);
}

/** The conditions that stand joined by `&&` on top. */
export function clausesOf(expr: Expr): Expr[] {
  const { case: kind, value } = expr.exprKind;
  return kind === 'callExpr' && value.function === '_&&_' ? value.args.flatMap(clausesOf) : [expr];
}

/** Paths such as `args.amount`, and questions to the session. Names of a loop are its own and no values of the call. */
export function readsOf(expr: Expr, own: readonly string[] = []): Expr[] {
  if (historyCallOf(expr) !== undefined) return [expr];
  const { case: kind, value } = expr.exprKind;
  if (kind === 'comprehensionExpr') {
    const inner = [...own, value.iterVar, value.accuVar];
    return childrenOf(expr).flatMap((child) => readsOf(child, child === value.iterRange ? own : inner));
  }
  // `has(args.amount)` is a question of its own: the path alone would have no value.
  const path = kind === 'selectExpr' && value.testOnly ? value.operand : expr;
  const root = path && rootOf(path);
  if (root !== undefined) return own.includes(root) ? [] : [expr];
  return childrenOf(expr).flatMap((child) => readsOf(child, own));
}

/** Of a name, or a path that begins with one. */
function rootOf({ exprKind: { case: kind, value } }: Expr): string | undefined {
  if (kind === 'identExpr') return value.name;
  return kind === 'selectExpr' && value.operand && !value.testOnly ? rootOf(value.operand) : undefined;
}

export const textOf = (expr: Expr): string => unparse(expr);
