/**
 * What the user of a session said, in the user's own messages: what rules take the arguments of a call back to. Nothing that a
 * tool, a model or the fleet wrote counts, so a planted instruction cannot vouch for itself.
 */
import { limits } from '../limits.js';
import { keptPattern } from '../linear-pattern.js';
import type { Message, UserMessage } from './message.js';

/** Blanks, quotes, brackets and what separates items of a list; the same on both sides, so nothing is lost by it. */
const between = /[\s"'`‘’“”<>()[\]{},;|]+/u;
/** Of a sentence, not of a word. */
const outside = /^[.:!?…]+|[.:!?…]+$/gu;

const wordsOf = (text: string): string[] =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .split(between)
    .map((word) => word.replaceAll(outside, ''))
    .filter((word) => word !== '');

/** A message never changes, so its words are found once, and each pattern is asked of it once. */
const known = new WeakMap<UserMessage, { words?: ReadonlySet<string>; readonly asked: Map<string, boolean> }>();

function knownOf(message: UserMessage) {
  let entry = known.get(message);
  if (!entry) known.set(message, (entry = { asked: new Map() }));
  return entry;
}

export class UserWords {
  readonly #messages: readonly UserMessage[];

  constructor(messages: readonly Message[]) {
    this.#messages = messages.filter(isOfUser);
  }

  /** Whether every word of the text stands in what the user said, whole: no address is found within another. */
  said(text: string): boolean {
    const words = wordsOf(text);
    return words.length > 0 && words.every((word) => this.#messages.some((message) => wordSetOf(message).has(word)));
  }

  /** Whether a pattern in RE2's syntax is found in one message. Throws the library's error where it is none. */
  asked(pattern: string): boolean {
    return this.#messages.some((message) => {
      const { asked } = knownOf(message);
      let found = asked.get(pattern);
      if (found === undefined) {
        found = keptPattern(pattern).test(message.text.slice(0, limits.userPatternChars));
        // Patterns come from rules, and those change now and then.
        if (asked.size < limits.userPatternsKept) asked.set(pattern, found);
      }
      return found;
    });
  }
}

const isOfUser = (message: Message): message is UserMessage => message.role === 'user' && message.byFleet !== true;

function wordSetOf(message: UserMessage): ReadonlySet<string> {
  const entry = knownOf(message);
  return (entry.words ??= new Set(wordsOf(message.text)));
}
