/**
 * The statement of a manifest as the server takes it: `:name` becomes a numbered parameter with its type, everything else
 * stays as it is. What is inside of quotes, dollar quotes and comments is no placeholder, and `::` is a cast. Values never
 * become text of the statement.
 */
import type { SqlBinding } from '../catalog/database.js';
import { invalid } from '../fault.js';

/** Filled in by the fleet, as text: a model cannot choose them. */
export const callPlaceholders = [
  'toolfleet_tenant',
  'toolfleet_user',
  'toolfleet_session',
  'toolfleet_idempotency_key',
  'toolfleet_epoch',
] as const;

export type CallPlaceholder = (typeof callPlaceholders)[number];

export interface PreparedStatement {
  readonly text: string;
  /** What stands for $1, $2 and so on. */
  readonly names: readonly string[];
  /** In capitals; parentheses before it do not count. */
  readonly firstKeyword: string;
}

/** Quoted things and comments are one token each, so that nothing in them is looked at; nested comments are scanned below. */
const tokens = new RegExp(
  [
    String.raw`(?<line>--[^\n]*)`,
    String.raw`(?<block>/\*)`,
    String.raw`(?<quoted>[eE]'(?:[^'\\]|\\[\s\S]|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*")`,
    String.raw`(?<open>[eE]?'|")`,
    String.raw`(?<dollar>\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$)`,
    String.raw`(?<position>\$\d+)`,
    String.raw`(?<word>[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)`,
    String.raw`(?<colons>::|:=)`,
    String.raw`:(?<name>[A-Za-z_]\w*)`,
    String.raw`(?<end>;)`,
    String.raw`(?<space>\s+)`,
    String.raw`(?<other>[\s\S])`,
  ].join('|'),
  'y',
);

/** Throws `invalid` SQL_STATEMENT_INVALID for more than one statement, and for a placeholder without a type. */
export function preparedStatementOf({ statement, types }: Pick<SqlBinding, 'statement' | 'types'>): PreparedStatement {
  const names: string[] = [];
  let text = '';
  let firstKeyword = '';
  let ended = false;
  for (const { kind, text: token, name } of tokensOf(statement)) {
    const silent = kind === 'space' || kind === 'comment';
    if (ended && !silent) throw flaw('has more than one statement');
    if (kind === 'end') ended = true;
    if (kind === 'position') throw flaw(`names its parameters: write a name in place of ${token}`);
    if (kind === 'word') firstKeyword ||= token.toUpperCase();
    else if (firstKeyword === '' && !silent && token !== '(') throw flaw('does not begin with a keyword');
    text += kind === 'name' ? parameterOf(name, types, names) : kind === 'end' ? '' : token;
  }
  if (firstKeyword === '') throw flaw('is empty');
  return { text: text.trim(), names, firstKeyword };
}

/** In parentheses: what follows, a subscript perhaps, must not become part of the type. */
function parameterOf(name: string, types: SqlBinding['types'], names: string[]): string {
  const ofCall = (callPlaceholders as readonly string[]).includes(name);
  const type = ofCall ? 'text' : Object.hasOwn(types, name) ? types[name] : undefined;
  if (type === undefined) throw flaw(`has a placeholder :${name} without a type`);
  if (!names.includes(name)) names.push(name);
  return `($${names.indexOf(name) + 1}::${type})`;
}

interface Token {
  readonly kind: string;
  readonly text: string;
  readonly name: string;
}

function* tokensOf(statement: string): Generator<Token> {
  for (let at = 0; at < statement.length;) {
    tokens.lastIndex = at;
    const groups = tokens.exec(statement)!.groups!;
    const [kind, head] = Object.entries(groups).find(([, found]) => found !== undefined)!;
    const end =
      kind === 'block' ? endOfComment(statement, at) : kind === 'dollar' ? endOfDollar(statement, at, head) : 0;
    if (kind === 'open') throw flaw('has a quote that does not end');
    const text = end > 0 ? statement.slice(at, end) : kind === 'name' ? `:${head}` : head;
    yield { kind: kind === 'line' || kind === 'block' ? 'comment' : kind, text, name: head };
    at += text.length;
  }
}

/** They nest. */
function endOfComment(statement: string, from: number): number {
  let depth = 0;
  for (const { 0: mark, index } of statement.slice(from).matchAll(/\/\*|\*\//g)) {
    depth += mark === '/*' ? 1 : -1;
    if (depth === 0) return from + index + 2;
  }
  throw flaw('has a comment that does not end');
}

function endOfDollar(statement: string, from: number, tag: string): number {
  const end = statement.indexOf(tag, from + tag.length);
  if (end < 0) throw flaw('has a quote that does not end');
  return end + tag.length;
}

const flaw = (what: string) => invalid('SQL_STATEMENT_INVALID', `The statement ${what}.`);
