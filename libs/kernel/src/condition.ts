/**
 * Conditions of manifests, in CEL: linear-time patterns, no loops, no effects. Compiled once, then asked with the values of
 * a call; JSON objects are maps there, because CEL has no other form for them.
 */
import type { CelInput } from '@bufbuild/cel';
import { celEnv, isCelError, parse, plan } from '@bufbuild/cel';

/** Undefined when it cannot be evaluated for these values, or is neither true nor false. */
export type Condition = (values: Readonly<Record<string, unknown>>) => boolean | undefined;

const environment = celEnv();

/** Throws the library's error, which says what is wrong with the text. */
export function compileCondition(text: string): Condition {
  const evaluate = plan(environment, parse(text)) as (bindings: Record<string, CelInput>) => unknown;
  return (values) => {
    const bindings = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, celValue(value)]));
    const result = evaluate(bindings);
    return isCelError(result) || typeof result !== 'boolean' ? undefined : result;
  };
}

function celValue(value: unknown): CelInput {
  if (Array.isArray(value)) return value.map(celValue);
  if (value !== null && typeof value === 'object') {
    return new Map(Object.entries(value).map(([key, inner]) => [key, celValue(inner)])) as CelInput;
  }
  return value as CelInput;
}
