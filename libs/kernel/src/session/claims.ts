/**
 * What a model's text claims of tools, held against what the session was really told: a call that was never made, a result
 * written as text, an id that looks like those of the session's records and that nobody told. Deterministic, in time linear
 * in the conversation, without a second model. It is made to be right when it speaks: a sentence that denies, plans or asks
 * is no claim, and a claim in other words than these goes unseen.
 */
import { limits } from '../limits.js';
import { fleetToolNames } from '../toolcall/fleet-tools.js';
import type { Message } from './message.js';
import type { JudgedCall, Session } from './session.js';

export const claimKinds = ['claimWithoutObservation', 'resultInText', 'unknownReference'] as const;

/**
 * - `claimWithoutObservation`: says that a tool was called or what it answered; the session has no observation of it.
 * - `resultInText`: a call or a result of a tool, written out as text. - `unknownReference`: an id that no message has.
 */
export type ClaimKind = (typeof claimKinds)[number];

export interface ClaimFlag {
  readonly kind: ClaimKind;
  /** Absent where none is named. */
  readonly tool?: string | undefined;
  /** The model's words, cut and in one line. */
  readonly quote: string;
}

type Known = Pick<Session, 'messages' | 'tools' | 'done' | 'artifacts' | 'id' | 'request'>;

/** Of the text of one answer, whose own proposals are no claims. At most `claimFlagsMax`. */
export function claimsIn(session: Known, text: string, calls: readonly Pick<JudgedCall, 'tool'>[]): ClaimFlag[] {
  if (text.trim() === '') return [];
  const prose = text.replaceAll(fence, '\n');
  const flags = [...claimedCalls(session, prose, calls), ...writtenResults(session, text, prose)];
  return [...flags, ...unknownReferences(session, prose)].slice(0, limits.claimFlagsMax);
}

const fence = /```[^]*?(?:```|$)/g;
const sentenceEnd = /(?<=[.!?])\s+|\n+/;
/** Around a name: as far as a claim's verb may be from it. */
const reachChars = 80;

const saysCalled =
  /\b(?:i|we)(?:['’]ve| have)?(?: (?:\w+ly|just|already|also|then|first|now)){0,3} (?:called|used|ran|run|invoked|executed|queried|consulted)(?: the| your| our)?[ `"'*]*$/i;
const saysFrom =
  /\b(?:according to|based on|returned by|(?:results?|output|response|data|information|answer)s? (?:of|from|returned by|provided by|given by)|(?:checked|verified|confirmed|updated|cancelled|canceled|processed|looked up|completed|retrieved|obtained|fetched|found)(?: [\w#'’-]+){0,6} (?:using|via|with|through|by calling|by))(?: the| a)?[ `"'*]*$/i;
const saysAnswered =
  /^[`"'*]*(?:\([^)]{0,60}\))?[`"'*]*(?: (?:tool|function|call|lookup|api|results?|output|response)){0,2}[`"'*]*(?: has| have)? (?:returned|responded|reported|confirmed|confirms|showed|shows|reports|says|said|indicates|indicated|succeeded|was (?:successful|executed|called|run|invoked)|completed)\b/i;
const saysEquals = /^[`"'*]*(?:\([^)]{0,60}\))?[`"'*]* ?(?:→|=>|->|(?:returned|result|output|response):)/i;
/** Of a sentence that tells nothing that has happened. */
const noAssertion =
  /\b(?:not|never|no|none|cannot|can|could|would|should|will|shall|may|might|must|if|once|when|whenever|unless|whether|please|let me|let us|need|needs|want|going to|yet|instead|without|unable|which|example|e\.g|provides?|available)\b|n['’]t\b|['’](?:ll|d)\b|\?["'”)]*$/i;
/** `search` is a word of the language, `search_orders` is not. */
const plainWord = /^[a-z]+$/;

function* claimedCalls(session: Known, prose: string, calls: readonly Pick<JudgedCall, 'tool'>[]): Iterable<ClaimFlag> {
  const heardOf = new Set([...session.done, ...calls].map(({ tool }) => tool));
  const unheard = [...session.tools, ...fleetToolNames].filter((name) => !heardOf.has(name) && prose.includes(name));
  if (unheard.length === 0) return;
  for (const sentence of prose.split(sentenceEnd)) {
    for (const tool of unheard) {
      if (isClaimOf(tool, sentence)) yield { kind: 'claimWithoutObservation', tool, quote: quoteOf(sentence) };
    }
  }
}

function isClaimOf(tool: string, sentence: string): boolean {
  for (let at = sentence.indexOf(tool); at >= 0; at = sentence.indexOf(tool, at + tool.length)) {
    const before = sentence.slice(Math.max(0, at - reachChars), at);
    const after = sentence.slice(at + tool.length, at + tool.length + reachChars);
    if (/[\w-]$/.test(before) || /^(?:[\w]|-\w)/.test(after)) continue;
    const named = !plainWord.test(tool) || /[`"'*]$/.test(before) || /^[`"'*]* (?:tool|function)\b/.test(after);
    const claims =
      saysCalled.test(before) || saysFrom.test(before) || saysAnswered.test(after) || saysEquals.test(after);
    if (named && claims && !noAssertion.test(sentence.replaceAll(tool, ''))) return true;
  }
  return false;
}

const markup =
  /<(?:tool_calls?|function_calls?|tool_response|tool_results?|function_results?|function_response|invoke)\b|\[TOOL_(?:CALLS|RESULTS?)\]|<\|(?:tool|python_tag)/i;
const inBackticks = /`[^`\n]*`/g;
const labelled =
  /^[ *_#>-]*(?:tool|function) (?:result|output|response|call)s?[^:\n]{0,64}:[ *_]*\n?(?:```\w*\n)?[ ]*([{[][^]{8})/im;

function* writtenResults(session: Known, text: string, prose: string): Iterable<ClaimFlag> {
  const plain = prose.replaceAll(inBackticks, '');
  const found = markup.exec(plain);
  if (found) yield { kind: 'resultInText', quote: quoteOf(plain.slice(found.index)) };
  const result = labelled.exec(text);
  // What a tool did answer may be shown.
  if (!result || wasTold(session, result[1]!)) return;
  yield { kind: 'resultInText', quote: quoteOf(text.slice(result.index)) };
}

const referencesMax = 32;
const word = /#?[A-Za-z0-9][A-Za-z0-9_-]{5,63}/g;
const digitsMin = 4;
const dateLike = /^(?:19|20)\d\d(?:[-_]?\d\d){0,2}$|(?:^|[_-])(?:19|20)\d\d(?:[_-]|$)/;

/** Letters stand for letters, whatever their number; digits count. Ids of one sort of record share it. */
function shapeOf(reference: string): string {
  return reference.replaceAll(/[A-Za-z]+/g, 'a').replaceAll(/\d/g, '9');
}

/** Digits that a person would not have counted on their fingers, in few groups: hashes look like nothing but themselves. */
function isReference(text: string): boolean {
  const digits = text.replaceAll(/\D/g, '').length;
  if (digits < digitsMin || dateLike.test(text)) return false;
  if (/^\d+$/.test(text)) return digits >= 8;
  return (shapeOf(text).match(/a/g) ?? []).length <= 3;
}

function* unknownReferences(session: Known, prose: string): Iterable<ClaimFlag> {
  const cited = [...new Set(prose.match(word) ?? [])].filter(isReference).slice(0, referencesMax);
  const unknown = cited.filter((reference) => !wasTold(session, reference.replace('#', '')));
  if (unknown.length === 0) return;
  const shapes = new Set<string>();
  for (const told of toldTexts(session)) for (const [text] of told.matchAll(word)) shapes.add(shapeOf(text));
  for (const reference of unknown) {
    // An id of a kind that the session has never seen is the model's own business: a standard, a phone number.
    if (!shapes.has(shapeOf(reference))) continue;
    const at = prose.indexOf(reference);
    yield { kind: 'unknownReference', quote: quoteOf(prose.slice(Math.max(0, at - reachChars / 2), at + reachChars)) };
  }
}

/** All that the model was told, and what it asked for: an id that no tool knows is still one that was looked for. */
function* toldTexts({ messages, artifacts, done, id }: Known): Iterable<string> {
  for (const message of messages) {
    if (message.role === 'assistant') yield* argumentsOf(message);
    else yield message.text;
  }
  for (const { handle } of artifacts) yield handle;
  if (done.length > 0) yield id;
}

const argumentsOf = ({ toolCalls }: Extract<Message, { role: 'assistant' }>): string[] =>
  toolCalls.flatMap((call) => [call.arguments, call.id]);

function wasTold(session: Known, text: string): boolean {
  for (const told of toldTexts(session)) if (told.includes(text)) return true;
  const lower = text.toLowerCase();
  for (const told of toldTexts(session)) if (told.toLowerCase().includes(lower)) return true;
  return false;
}

const quoteCharsMax = 160;

function quoteOf(text: string): string {
  const line = text.replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim();
  return line.length > quoteCharsMax ? `${line.slice(0, quoteCharsMax).replace(/[\uD800-\uDBFF]$/, '')}…` : line;
}

/** The one message to the model when its agent asks it again. */
export function hintOf(flags: readonly ClaimFlag[]): string {
  const tools = [...new Set(flags.flatMap(({ tool }) => tool ?? []))];
  const about = tools.length > 0 ? ` There is no result of ${tools.join(', ')} in this session.` : '';
  const quotes = flags.map(({ quote }) => JSON.stringify(quote)).join(', ');
  return (
    `[From the fleet; the user did not write this.] Your answer claims what no tool has answered: ${quotes}.${about} ` +
    'Call the tool now if you need its result; otherwise answer again with what was really observed, and say what was not done.'
  );
}
