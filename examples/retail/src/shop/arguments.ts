/**
 * From an HTTP request to an operation's arguments: path, query and body put together and checked against the tool's
 * published parameters, so that an operation only ever sees strings and lists of strings of bounded size.
 */
import { invalid } from '@toolfleet/kernel';
import type { ToolParameter, ToolParameters } from '../data.js';
import type { Arguments } from './operations.js';

/** The longest recorded argument, a transfer summary, has 239 characters. */
const textLengthMax = 4_000;
/** The largest recorded order has five items. */
const listLengthMax = 100;

export interface ArgumentSources {
  readonly path: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: unknown;
}

export function argumentsOf(sources: ArgumentSources, parameters: ToolParameters): Arguments {
  const body = objectOf(sources.body);
  for (const [name, value] of Object.entries(sources.path)) {
    // A caller may send all arguments in the body as well; they must then agree with the address.
    if (body[name] !== undefined && body[name] !== value) {
      throw invalid('ARGUMENT_INVALID', `${name} in the body differs from the one in the path`);
    }
  }
  const given: Record<string, unknown> = { ...Object.fromEntries(sources.query), ...body, ...sources.path };
  const unknownName = Object.keys(given).find((name) => !Object.hasOwn(parameters.properties, name));
  if (unknownName !== undefined) throw invalid('ARGUMENT_UNKNOWN', `There is no argument ${unknownName.slice(0, 100)}`);
  const missingName = (parameters.required ?? []).find((name) => given[name] === undefined);
  if (missingName !== undefined) throw invalid('ARGUMENT_MISSING', `${missingName} is required`);
  const checked = Object.entries(parameters.properties)
    .filter(([name]) => given[name] !== undefined)
    .map(([name, parameter]) => [name, checkedValue(name, given[name], parameter)] as const);
  return Object.fromEntries(checked);
}

function objectOf(body: unknown): Readonly<Record<string, unknown>> {
  if (body === undefined) return {};
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw invalid('BODY_INVALID', 'The body must be a JSON object');
  }
  return body as Readonly<Record<string, unknown>>;
}

function checkedValue(name: string, value: unknown, parameter: ToolParameter): string | readonly string[] {
  if (parameter.type === 'string') return checkedText(name, value);
  if (!Array.isArray(value) || value.length > listLengthMax) {
    throw invalid('ARGUMENT_INVALID', `${name} must be a list of at most ${listLengthMax} strings`);
  }
  return value.map((entry) => checkedText(name, entry));
}

function checkedText(name: string, value: unknown): string {
  // Postgres stores neither NUL nor half a surrogate pair.
  const storable = typeof value === 'string' && !value.includes('\0') && value.isWellFormed();
  if (!storable || value.length > textLengthMax) {
    throw invalid('ARGUMENT_INVALID', `${name} must be a string of at most ${textLengthMax} characters of valid text`);
  }
  return value;
}
