/**
 * The arguments of a tool call, from the text that the model wrote to a JSON object, or to a fault that tells the model
 * what to write instead. Nothing is repaired: what a value would silently become (a rounded number, `Infinity`, a
 * prototype) is refused.
 */
import { invalid, type Fault } from '../fault.js';
import { limits as fleetLimits } from '../limits.js';

export type ParsedArguments =
  { readonly ok: true; readonly value: Record<string, unknown> } | { readonly ok: false; readonly fault: Fault };

export interface ArgumentLimits {
  readonly bytesMax: number;
  /** 32: tool schemas nest a handful of levels; deeper is an attack on whoever walks the value. */
  readonly depthMax: number;
  /** Members of objects and arrays together. 10,000 walks in about a millisecond. */
  readonly membersMax: number;
}

export const argumentLimits: ArgumentLimits = {
  bytesMax: fleetLimits.argumentsBytesMax,
  depthMax: 32,
  membersMax: 10_000,
};

/** Keys that reach a prototype in careless code further on. */
const forbiddenKeys = new Set(['__proto__', 'constructor', 'prototype']);

/** Only a run of 16 digits can be an integer that a double rounds (2^53 has 16). */
const longDigits = /\d{16}/;

export function parseArguments(text: string, limits: ArgumentLimits = argumentLimits): ParsedArguments {
  // Several providers write no text at all for a tool without parameters.
  if (text === '') return { ok: true, value: {} };
  if (Buffer.byteLength(text) > limits.bytesMax) {
    return refuse('ARGUMENTS_TOO_LARGE', `The arguments are longer than ${limits.bytesMax} bytes.`, 'Send less.');
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return refuse('ARGUMENTS_NOT_JSON', 'The arguments are not valid JSON.', 'Write one complete JSON object.');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return refuse('ARGUMENTS_NOT_AN_OBJECT', 'The arguments are not a JSON object.', 'Put them into one JSON object.');
  }
  const fault = (longDigits.test(text) ? roundedInteger(text) : undefined) ?? flawOf(value, limits);
  return fault === undefined ? { ok: true, value: value as Record<string, unknown> } : { ok: false, fault };
}

/** Iterative, so that depth costs no stack. */
function flawOf(root: object, limits: ArgumentLimits): Fault | undefined {
  const pending: { value: object; depth: number }[] = [{ value: root, depth: 1 }];
  let members = 0;
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    if (at.depth > limits.depthMax) {
      return flaw('ARGUMENTS_TOO_DEEP', `The arguments nest deeper than ${limits.depthMax} levels.`, 'Flatten them.');
    }
    for (const [key, value] of Object.entries(at.value)) {
      members += 1;
      if (members > limits.membersMax) {
        return flaw('ARGUMENTS_TOO_MANY', `The arguments have more than ${limits.membersMax} members.`, 'Send less.');
      }
      if (forbiddenKeys.has(key)) {
        return flaw('ARGUMENTS_KEY_FORBIDDEN', 'The arguments use a reserved key.', `Leave the key "${key}" out.`);
      }
      if (typeof value === 'number' && !Number.isFinite(value)) {
        return flaw('ARGUMENTS_NUMBER_RANGE', 'A number in the arguments is too large.', 'Write it as a string.');
      }
      if (typeof value === 'object' && value !== null) pending.push({ value, depth: at.depth + 1 });
    }
  }
  return undefined;
}

type Reviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown;
const parseWithSource = JSON.parse as (text: string, reviver: Reviver) => unknown;

/** An order number that is off by one is worse than a refused call. Runs only when the text has such a long number. */
function roundedInteger(text: string): Fault | undefined {
  let rounded = false;
  parseWithSource(text, (_key, value, context) => {
    rounded ||= typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(context.source ?? '');
    return value;
  });
  return rounded
    ? flaw('ARGUMENTS_NUMBER_RANGE', 'A whole number in the arguments would be rounded.', 'Write it as a string.')
    : undefined;
}

function flaw(reason: string, message: string, hint: string): Fault {
  return invalid(reason, message, { hint });
}

function refuse(reason: string, message: string, hint: string): ParsedArguments {
  return { ok: false, fault: flaw(reason, message, hint) };
}
