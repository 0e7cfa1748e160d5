/**
 * A part of a kept answer, as a model asks for it. Expressions are the model's own, so their costs are bounded by whoever
 * calls this: a few JMESPath projections on a list of lists take longer than anybody lives.
 */
import jmespath from 'jmespath';
import { RE2JS } from 're2js';
import { invalid } from '../fault.js';

export interface PartQuery {
  readonly kind: 'jmespath' | 'grep';
  readonly expression: string;
}

const linesMax = 200;
const lineCharactersMax = 500;

/** Faults: `invalid` ARTIFACT_NOT_JSON, EXPRESSION_INVALID. */
export function partOf(text: string, { kind, expression }: PartQuery): string {
  return kind === 'grep' ? matchingLines(text, expression) : selection(text, expression);
}

function selection(text: string, expression: string): string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalid('ARTIFACT_NOT_JSON', 'The answer is no JSON.', { hint: 'Use grep or range in place of jmespath.' });
  }
  try {
    return JSON.stringify(jmespath.search(value, expression) ?? null);
  } catch (cause) {
    throw expressionInvalid('JMESPath', cause);
  }
}

function matchingLines(text: string, pattern: string): string {
  let compiled: RE2JS;
  try {
    compiled = RE2JS.compile(pattern);
  } catch (cause) {
    throw expressionInvalid('RE2', cause);
  }
  const lines: string[] = [];
  let matches = 0;
  for (const [index, line] of text.split('\n').entries()) {
    if (!compiled.matcher(line).find()) continue;
    matches += 1;
    if (lines.length < linesMax) lines.push(`${index + 1}: ${line.slice(0, lineCharactersMax).toWellFormed()}`);
  }
  const shown = matches > lines.length ? `, the first ${lines.length} are shown` : '';
  return [`[${matches} ${matches === 1 ? 'line matches' : 'lines match'}${shown}]`, ...lines].join('\n');
}

function expressionInvalid(language: string, cause: unknown) {
  const why = cause instanceof Error ? cause.message.slice(0, 200) : '';
  return invalid('EXPRESSION_INVALID', `The expression cannot be used: ${why}`, { hint: `Write it in ${language}.` });
}
