/**
 * What a model reads of a tool's answer: all of it when the budget allows, else what helps most for its kind. Whatever is
 * left out is said in the text itself, and ids of records stay as they are.
 */
import jmespath from 'jmespath';
import type { ObservationSpec } from '../catalog/manifest.js';
import { invalid } from '../fault.js';
import { fits, type Budget } from './budget.js';
import { prunedJson } from './shape-json.js';
import { tableOf, tableText } from './shape-table.js';
import { headAndTail, tailOf } from './shape-text.js';

export type ShapingPolicy = Pick<ObservationSpec, 'shape' | 'select' | 'recordId'>;

export interface Answer {
  readonly body: Uint8Array;
  readonly contentType: string;
}

/** Its types leave out how an expression is only parsed. */
const parser = jmespath as typeof jmespath & { compile(expression: string): unknown };
/** Parsing more would hold up every other call of the process for longer than 20 ms. */
const parsedBytesMax = 2 * 1024 * 1024;

/** Throws `invalid` SELECT_INVALID; called when a tool enters the catalogue. */
export function checkSelect(select: string): void {
  try {
    parser.compile(select);
  } catch (cause) {
    throw invalid('SELECT_INVALID', 'The expression is not JMESPath.', { cause });
  }
}

/** What the manifest lets through: of an answer that it cannot be applied to, only that there was one. */
export function selected(answer: Answer, { select }: ShapingPolicy): Answer {
  if (select === undefined) return answer;
  return { body: Buffer.from(JSON.stringify(selection(answer.body, select))), contentType: 'application/json' };
}

function selection(body: Uint8Array, select: string): unknown {
  const value = parsed(body);
  if (value === undefined) return withheld(body, 'is no JSON of up to 2 MiB');
  try {
    return jmespath.search(value, select) ?? null;
  } catch {
    return withheld(body, 'does not have the form that is let through');
  }
}

const withheld = ({ byteLength }: Uint8Array, why: string): object => ({
  note: `The tool answered with ${byteLength} bytes; they are withheld, because the answer ${why}.`,
});

/** Undefined when the answer fits as it is. */
export function shaped({ body }: Answer, policy: ShapingPolicy, budget: Budget): string | undefined {
  const whole = textOf(body);
  if (body.byteLength <= budget.bytesMax && fits(whole, budget)) return undefined;
  const { shape = 'auto', recordId } = policy;
  const value = shape === 'log' || shape === 'text' ? undefined : parsed(body, whole);
  if (value !== undefined) {
    const table = shape === 'json' ? undefined : tableOf(value);
    const text = (table && tableText(table, budget, recordId)) ?? prunedJson(value, budget, recordId);
    if (text !== undefined) return text;
  }
  return shape === 'log' ? tailOf(whole, budget) : headAndTail(whole, budget);
}

/** Undefined when it is no JSON, or too much to be looked into. */
function parsed(body: Uint8Array, text = textOf(body)): unknown {
  if (body.byteLength > parsedBytesMax) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const textOf = (body: Uint8Array): string =>
  Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8');
