/**
 * Which turns of a conversation are shown whole when all of it would be longer than a model's context may be. The cut
 * follows from the messages alone: it is what an owner would have chosen at each turn so far, so a session that comes back
 * from its events is shown the same bytes. It moves seldom and far, to half of the budget, because every move changes
 * the beginning that a provider has cached.
 */
import { limits } from '../limits.js';
import type { Message } from './message.js';

/** One answer of the model and the results of its calls: they are shown together or not at all. */
export interface Turn {
  readonly from: number;
  /** After the last result. */
  readonly to: number;
}

export interface Weights {
  /** Of each message. */
  readonly tokens: readonly number[];
  readonly budget: number;
}

export interface Cut {
  readonly turns: readonly Turn[];
  /** So many turns are told as a summary, none: all is shown. */
  readonly told: number;
}

/** Tokens that one call takes in a summary: name, short arguments, end, ids. */
const tokensPerCall = 60;
/** What else a summary says: its head, the tools not called. */
const tokensPerSummary = 300;

export function turnsOf(messages: readonly Message[]): Turn[] {
  const turns: Turn[] = [];
  for (let from = 0; from < messages.length; from += 1) {
    if (messages[from]!.role !== 'assistant') continue;
    let to = from + 1;
    while (messages[to]?.role === 'tool') to += 1;
    turns.push({ from, to });
    from = to - 1;
  }
  return turns;
}

/** Linear in the messages. */
export function cutOf(messages: readonly Message[], { tokens, budget }: Weights): Cut {
  const turns = turnsOf(messages);
  const sums = runningSums(messages, tokens, turns);
  const cost = (told: number, end: number): number => {
    if (told === 0) return sums.all[end]!;
    const start = turns[told - 1]!.to;
    const texts = Math.min(sums.texts[start]!, sums.first + textsShareOf(budget));
    const summary = tokensPerSummary + tokensPerCall * Math.min(sums.calls[start]!, limits.summaryCallsMax);
    return texts + Math.min(summary, budget / 4) + sums.all[end]! - sums.all[start]!;
  };
  let told = 0;
  for (let turn = 1; turn <= turns.length; turn += 1) {
    const end = turns[turn]?.from ?? messages.length;
    if (cost(told, end) <= budget) continue;
    const whole = turn - limits.contextTurnsWhole;
    while (told < whole && cost(told, end) > budget / 2) told += 1;
    // Turns that are too long even so: what the model has not read yet is shown at any price.
    while (told < turn - 1 && cost(told, end) > budget) told += 1;
  }
  return { turns, told };
}

/** Texts of the user and answers to them keep a quarter of the budget beside the turns. */
export const textsShareOf = (budget: number): number => budget / 4;

export const isText = (message: Message): boolean =>
  message.role === 'user' || (message.role === 'assistant' && message.toolCalls.length === 0);

function runningSums(messages: readonly Message[], tokens: readonly number[], turns: readonly Turn[]) {
  const [all, texts, calls] = [[0], [0], [0]];
  for (const [at, message] of messages.entries()) {
    all.push(all[at]! + tokens[at]!);
    texts.push(texts[at]! + (isText(message) ? tokens[at]! : 0));
    calls.push(calls[at]! + (message.role === 'assistant' ? message.toolCalls.length : 0));
  }
  const first = turns.length > 0 ? (tokens[0] ?? 0) : 0;
  return { all, texts, calls, first };
}
