/**
 * The shop's calculator: numbers, `+ - * /`, parentheses and spaces, evaluated left to right in binary floating point
 * and rounded to cents. A recursive descent parser, so a model's text is never run as code; length and depth are
 * bounded, so it always ends.
 */
import { invalid } from '@toolfleet/kernel';

/** Far above the longest recorded expression (44 characters). */
const expressionLengthMax = 1_000;
/** Parentheses and signs nest; each level is one stack frame or two. */
const depthMax = 50;

/** The result as text, the way the recorded shop writes it: `26.48`, `4.0`. */
export function calculate(expression: string): string {
  if (expression.length > expressionLengthMax) {
    throw invalid('EXPRESSION_TOO_LONG', `Expression longer than ${expressionLengthMax} characters`);
  }
  if (!/^[0-9+\-*/(). ]*$/.test(expression)) {
    throw invalid('INVALID_CHARACTERS', 'Invalid characters in expression');
  }
  return textOf(roundToCents(new Parser(expression).result()));
}

/** Rounds to two decimals by the exact binary value; a tie goes to the even cent. */
export function roundToCents(value: number): number {
  const eighths = value * 8;
  // Only odd eighths (.125, .375, ...) can lie exactly between two cents.
  if (Number.isInteger(eighths) && eighths % 2 !== 0 && Math.abs(value) < 2 ** 40) {
    const lower = Math.floor(value * 100);
    return (lower % 2 === 0 ? lower : lower + 1) / 100;
  }
  return Math.abs(value) < 1e20 ? Number(value.toFixed(2)) : value;
}

function textOf(value: number): string {
  if (!Number.isFinite(value)) throw invalid('RESULT_OUT_OF_RANGE', 'Result out of range');
  if (Math.abs(value) >= 1e16) return value.toExponential();
  return Number.isInteger(value) ? `${value}.0` : String(value);
}

class Parser {
  private at = 0;
  private depth = 0;

  constructor(private readonly text: string) {}

  result(): number {
    const value = this.sum();
    if (this.peek() !== '') throw this.malformed();
    return value;
  }

  private sum(): number {
    let value = this.product();
    for (;;) {
      if (this.take('+')) value += this.product();
      else if (this.take('-')) value -= this.product();
      else return value;
    }
  }

  private product(): number {
    let value = this.signed();
    for (;;) {
      if (this.take('*')) value *= this.signed();
      else if (this.take('/')) value = divide(value, this.signed());
      else return value;
    }
  }

  private signed(): number {
    this.depth += 1;
    if (this.depth > depthMax) throw invalid('EXPRESSION_TOO_DEEP', `Expression nested deeper than ${depthMax}`);
    const value = this.signedUnbounded();
    this.depth -= 1;
    return value;
  }

  private signedUnbounded(): number {
    if (this.take('-')) return -this.signed();
    if (this.take('+')) return this.signed();
    if (this.take('(')) {
      const value = this.sum();
      if (!this.take(')')) throw this.malformed();
      return value;
    }
    return this.number();
  }

  private number(): number {
    this.peek();
    const found = /^(?:\d+\.?\d*|\.\d+)/.exec(this.text.slice(this.at));
    if (found === null) throw this.malformed();
    this.at += found[0].length;
    return Number(found[0]);
  }

  /** The next character that is not a space, or '' at the end. */
  private peek(): string {
    while (this.text[this.at] === ' ') this.at += 1;
    return this.text[this.at] ?? '';
  }

  private take(character: string): boolean {
    if (this.peek() !== character) return false;
    this.at += 1;
    return true;
  }

  private malformed() {
    return invalid('MALFORMED_EXPRESSION', `Malformed expression at character ${this.at + 1}`);
  }
}

function divide(dividend: number, divisor: number): number {
  if (divisor === 0) throw invalid('DIVISION_BY_ZERO', 'Division by zero');
  return dividend / divisor;
}
