/**
 * Conditions of manifests, in CEL: linear-time patterns, no effects. Compiled once, then asked with the values of a call;
 * JSON objects are maps there, because CEL has no other form for them. What a condition may cost is bounded for all that are
 * asked about one call together: beyond it a condition cannot be evaluated, which never allows anything.
 */
import type { CelInput, CelResult } from '@bufbuild/cel';
import { CelScalar, celEnv, celFunc, isCelError, objectType, parse, plan } from '@bufbuild/cel';
import { DurationSchema } from '@bufbuild/protobuf/wkt';
import { clausesOf, costOf, historyFunctions, historyCallsIn, readsOf, textOf } from './condition-parts.js';
import type { Expr, HistoryFunction } from './condition-parts.js';
import { msOf, shortcutOf, succeededWithin, unsure, type Shortcut } from './condition-shortcut.js';
import { invalid } from './fault.js';
import { limits } from './limits.js';
import { keptPattern } from './linear-pattern.js';

/** Undefined when it cannot be evaluated for these values, or is neither true nor false. */
export type Condition = (values: Readonly<Record<string, unknown>>) => boolean | undefined;

/** What a session did so far, as conditions ask for it. Names of tools may be globs. */
export interface HistoryReader {
  /** Calls that were done, may have been, or may yet be; `outcome`: those that ended so, `open` or `any`. */
  count(tool: string, outcome?: string): number;
  countClass(toolClass: string): number;
  countEffect(effect: string): number;
  /** Since the newest success. Undefined: there was none. */
  msSinceOk(tool: string): number | undefined;
  /** Whether every word of the text stands in what the user said. */
  userSaid(text: string): boolean;
  /** Whether a pattern in RE2's syntax is found in a message of the user. */
  userAsked(pattern: string): boolean;
}

/** A part of a condition and what it is worth for one call. */
export interface ConditionPart {
  readonly text: string;
  /** JSON, or what CEL says instead of a value. */
  readonly value: string;
}

/** The history of the call that is being asked about: evaluation never waits, so nothing comes between. */
let asked: HistoryReader | undefined;

function history(): HistoryReader {
  if (!asked) throw new TypeError('There is no session here.');
  return asked;
}

const { BOOL, INT, STRING } = CelScalar;
const DURATION = objectType(DurationSchema);

function msSinceOk(tool: string): bigint {
  const ms = history().msSinceOk(tool);
  if (ms === undefined) throw new TypeError(`${tool} has not succeeded in this session.`);
  return BigInt(Math.floor(ms));
}

const functions: Record<HistoryFunction, ReturnType<typeof celFunc>[]> = {
  count: [
    celFunc('session.count', [STRING], INT, (tool) => BigInt(history().count(tool))),
    celFunc('session.count', [STRING, STRING], INT, (tool, outcome) => BigInt(history().count(tool, outcome))),
  ],
  count_class: [celFunc('session.count_class', [STRING], INT, (name) => BigInt(history().countClass(name)))],
  count_effect: [celFunc('session.count_effect', [STRING], INT, (name) => BigInt(history().countEffect(name)))],
  within: [
    celFunc('session.within', [STRING, DURATION], BOOL, (tool, duration) =>
      succeededWithin(history(), tool, msOf(duration)),
    ),
  ],
  ms_since_ok: [celFunc('session.ms_since_ok', [STRING], INT, msSinceOk)],
  user_said: [celFunc('session.user_said', [STRING], BOOL, (text) => history().userSaid(text))],
  user_asked: [celFunc('session.user_asked', [STRING], BOOL, (pattern) => history().userAsked(pattern))],
};

const environment = celEnv({ funcs: Object.values(functions).flat(), re2: { compile: keptPattern } });

type Evaluate = (bindings: Record<string, CelInput>) => CelResult;
const planned = (expr: Expr): Evaluate => plan(environment, expr) as Evaluate;

/** What the conditions about one call are asked with. Made once a call: they share what it costs, and its bound. */
export class ConditionInput {
  #bindings: Readonly<Record<string, CelInput>> | undefined;
  #size: { readonly members: number; readonly chars: number } | undefined;
  #stepsLeft: number = limits.conditionStepsMax;
  #aside: ConditionInput | undefined;

  constructor(
    readonly values: Readonly<Record<string, unknown>>,
    readonly history?: HistoryReader,
    private readonly besides?: ConditionInput,
  ) {}

  /** The values in the form of CEL, made when it is asked first: most conditions need none. */
  get bindings(): Readonly<Record<string, CelInput>> {
    this.#bindings ??= this.besides?.bindings ?? bindingsOf(this.values);
    return this.#bindings;
  }

  /** The same values with a bound of their own, for what may not change what is decided. */
  get aside(): ConditionInput {
    return (this.#aside ??= new ConditionInput(this.values, this.history, this));
  }

  /** False when there is no room for so much: nothing is taken then. */
  take(cost: (members: number, chars: number) => number): boolean {
    this.#size ??= sizeOf(this.values);
    const steps = cost(this.#size.members, this.#size.chars);
    if (!(steps <= this.#stepsLeft)) return false;
    this.#stepsLeft -= steps;
    return true;
  }
}

export class CompiledCondition {
  readonly #expr: Expr;
  readonly #evaluate: Evaluate;
  readonly #shortcut: Shortcut | undefined;
  /** Absent: it costs about what its text is long. */
  readonly #cost: ((members: number, chars: number) => number) | undefined;
  /** Whether it asks what the session did before. */
  readonly readsHistory: boolean;

  /** Throws the library's error, which says what is wrong with the text, or `invalid` for an unknown function of `session`. */
  constructor(readonly text: string) {
    this.#expr = parse(text).expr!;
    const calls = historyCallsIn(this.#expr);
    for (const name of calls) {
      if (!(historyFunctions as readonly string[]).includes(name))
        throw invalid('CONDITION_INVALID', `session has no ${name}.`, { alternatives: historyFunctions });
    }
    this.readsHistory = calls.length > 0;
    this.#evaluate = planned(this.#expr);
    this.#shortcut = shortcutOf(this.#expr);
    this.#cost = costOf(this.#expr);
  }

  /** Undefined when it cannot be evaluated, or not within its bounds. */
  holds(input: ConditionInput): boolean | undefined {
    if (this.#cost && !input.take(this.#cost)) return undefined;
    const answer = this.#shortcut ? this.#shortcut(input) : unsure;
    if (answer !== unsure) return answer;
    const result = evaluated(this.#evaluate, input);
    return isCelError(result) || typeof result !== 'boolean' ? undefined : result;
  }

  /** The conditions that it joins by `and` which are not true, and what they read. For people, so each is compiled anew. */
  failing(input: ConditionInput): { readonly text: string; readonly reads: readonly ConditionPart[] }[] {
    return clausesOf(this.#expr)
      .filter((clause) => evaluated(planned(clause), input) !== true)
      .map((clause) => ({ text: textOf(clause), reads: valuesOf(clause, input) }));
  }

  /** The values it reads, as paths and questions to the session. For people, as above. */
  reads(input: ConditionInput): ConditionPart[] {
    return valuesOf(this.#expr, input);
  }
}

function valuesOf(expr: Expr, input: ConditionInput): ConditionPart[] {
  const parts = readsOf(expr).map((read) => ({ text: textOf(read), value: shown(evaluated(planned(read), input)) }));
  return [...new Map(parts.map((part) => [part.text, part])).values()];
}

/** Throws the library's error, which says what is wrong with the text. */
export function compileCondition(text: string): Condition {
  const condition = new CompiledCondition(text);
  return (values) => condition.holds(new ConditionInput(values));
}

function evaluated(evaluate: Evaluate, input: ConditionInput): CelResult {
  const before = asked;
  asked = input.history;
  try {
    return evaluate(input.bindings);
  } finally {
    asked = before;
  }
}

const shownCharsMax = 200;

function shown(result: CelResult): string {
  if (isCelError(result)) return `no value: ${result.message}`.slice(0, shownCharsMax);
  return JSON.stringify(plainOf(result)).slice(0, shownCharsMax);
}

function plainOf(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (typeof value !== 'object' || value === null) return value;
  const entries = value as Iterable<unknown> & { readonly size?: number; keys?(): Iterable<unknown> };
  if (typeof entries[Symbol.iterator] !== 'function') return String(value);
  if (typeof entries.keys !== 'function') return [...entries].map(plainOf);
  return Object.fromEntries(
    [...(entries as Iterable<[unknown, unknown]>)].map(([key, inner]) => [String(key), plainOf(inner)]),
  );
}

function sizeOf(root: unknown): { members: number; chars: number } {
  const pending = [root];
  let [members, chars] = [0, 0];
  for (let value = pending.pop(); value !== undefined; value = pending.pop()) {
    members += 1;
    if (typeof value === 'string') chars += value.length;
    else if (value !== null && typeof value === 'object') {
      for (const inner of Object.values(value)) if (inner !== undefined) pending.push(inner);
    }
  }
  return { members, chars };
}

function bindingsOf(values: Readonly<Record<string, unknown>>): Record<string, CelInput> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, celValue(value)]));
}

function celValue(value: unknown): CelInput {
  if (Array.isArray(value)) return value.map(celValue);
  if (value !== null && typeof value === 'object') {
    return new Map(Object.entries(value).map(([key, inner]) => [key, celValue(inner)])) as CelInput;
  }
  return value as CelInput;
}
