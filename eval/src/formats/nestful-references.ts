/**
 * References of one call to the answer of an earlier one: `$label$` is all of it, `$label.field.more$` a part. The sets
 * record no answers, so the answers are made here, such that each part that a later call takes fits where it goes.
 */
import { isList, isObject } from '../folder.js';
import type { JsonObject } from '../plan.js';
import { sampleOf } from '../tool-document.js';

export interface LabelledCall {
  readonly name: string;
  readonly arguments: JsonObject;
  readonly label: string;
}

export interface CallSchemas {
  readonly parameters: JsonObject;
  /** Of the answer's fields. */
  readonly answer: Readonly<Record<string, JsonObject>>;
}

export interface ResolvedCalls {
  /** Arguments of each call, with values in place of references. */
  readonly arguments: readonly JsonObject[];
  readonly answers: readonly JsonObject[];
  /** References whose label no earlier call has. */
  readonly unresolved: number;
}

const reference = /\$([A-Za-z_]\w*)((?:[.[][^$]*)?)\$/g;

export function resolveReferences(
  calls: readonly LabelledCall[],
  schemasOf: (name: string) => CallSchemas | undefined,
): ResolvedCalls {
  const answers = new Map<string, Record<string, unknown>>();
  let unresolved = 0;
  for (const { name, label, arguments: args } of calls) {
    const schemas = schemasOf(name);
    for (const [parameter, value] of Object.entries(args)) {
      const part = referenceIn(value);
      if (part === undefined) continue;
      const answer = answers.get(part.label);
      if (answer === undefined) unresolved += 1;
      else if (part.path.length > 0) place(answer, part.path, sampleOf(propertyOf(schemas, parameter)));
    }
    if (label !== '') answers.set(label, answerOf(schemas));
  }
  const resolved = calls.map(({ name, arguments: args }) =>
    Object.fromEntries(
      Object.entries(args).map(([parameter, value]) => {
        return [parameter, resolve(value, answers, propertyOf(schemasOf(name), parameter))];
      }),
    ),
  );
  return { arguments: resolved, answers: calls.map(({ label }) => answers.get(label) ?? {}), unresolved };
}

interface Reference {
  readonly label: string;
  readonly path: readonly string[];
}

/** Only where it is the whole value: in the midst of a text its type does not matter. */
function referenceIn(value: unknown): Reference | undefined {
  if (typeof value !== 'string') return undefined;
  const [found, label = '', path = ''] = [...value.matchAll(reference)][0] ?? [];
  return found === value ? { label, path: stepsOf(path) } : undefined;
}

const stepsOf = (path: string): string[] => path.split(/[.[\]]/).filter((step) => step !== '');

function propertyOf(schemas: CallSchemas | undefined, parameter: string): JsonObject {
  const properties = schemas?.parameters['properties'];
  const property = isObject(properties) ? properties[parameter] : undefined;
  return isObject(property) ? property : {};
}

function answerOf(schemas: CallSchemas | undefined): Record<string, unknown> {
  return Object.fromEntries(Object.entries(schemas?.answer ?? {}).map(([name, schema]) => [name, sampleOf(schema)]));
}

/** The first that needs a part decides what it is; parts on the way to it become objects or lists. */
function place(root: Record<string, unknown>, path: readonly string[], value: unknown): void {
  let at: Record<string, unknown> = root;
  for (const [index, step] of path.entries()) {
    const isLast = index === path.length - 1;
    const next = at[step];
    if (isLast) {
      if (placed.get(at)?.has(step) !== true) at[step] = value;
      remember(at, step);
      return;
    }
    const isIndex = /^\d+$/.test(path[index + 1]!);
    const fits = isIndex ? isList(next) : isObject(next);
    if (!fits) at[step] = isIndex ? [] : {};
    at = at[step] as Record<string, unknown>;
  }
}

const placed = new WeakMap<object, Set<string>>();

function remember(at: object, step: string): void {
  placed.set(at, (placed.get(at) ?? new Set()).add(step));
}

function resolve(value: unknown, answers: ReadonlyMap<string, JsonObject>, schema: JsonObject): unknown {
  if (typeof value === 'string') return resolveText(value, answers, schema);
  if (isList(value)) return value.map((item) => resolve(item, answers, {}));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, resolve(item, answers, {})]));
}

function resolveText(text: string, answers: ReadonlyMap<string, JsonObject>, schema: JsonObject): unknown {
  const whole = referenceIn(text);
  if (whole !== undefined && answers.has(whole.label)) {
    return asked(lookUp(answers.get(whole.label), whole.path), schema);
  }
  return text.replaceAll(reference, (found, label: string, path: string) => {
    const answer = answers.get(label);
    if (answer === undefined) return found;
    const part = lookUp(answer, stepsOf(path));
    return typeof part === 'string' ? part : JSON.stringify(part ?? null);
  });
}

/** Two calls may take one part as different types: each is given what it takes. A whole answer is also its text. */
function asked(value: unknown, schema: JsonObject): unknown {
  const { type } = schema;
  if (typeof type !== 'string' || type === typeOfValue(value)) return value;
  if (type === 'number' && typeOfValue(value) === 'integer') return value;
  return type === 'string' && typeof value === 'object' ? JSON.stringify(value) : sampleOf(schema);
}

function typeOfValue(value: unknown): string {
  if (isList(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return value === null ? 'null' : typeof value;
}

function lookUp(root: unknown, path: readonly string[]): unknown {
  let at = root;
  for (const step of path) {
    if (typeof at !== 'object' || at === null) return undefined;
    at = (at as Record<string, unknown>)[step];
  }
  return at;
}
