/**
 * The conversation a model would lead that knows the expected actions of a task: what the customer says first, then one
 * answer per step. Reads that do not need each other's results stand in one answer, so a fleet may run them together;
 * writes stand alone, in order.
 */
import type { CustomerScenario, RecordedAction, RecordedTask } from './data.js';
import { operations } from './shop/operations.js';

export interface RecordedConversation {
  readonly id: string;
  /** The customer's first message, different for every task: a replay finds its conversation by it. */
  readonly input: string;
  /** The model's answers, in order; the last is text. */
  readonly answers: readonly RecordedAnswer[];
}

export type RecordedAnswer =
  | { readonly toolCalls: readonly { readonly name: string; readonly arguments: Readonly<Record<string, unknown>> }[] }
  | { readonly text: string };

const effectOf = new Map(operations.map((operation) => [operation.name, operation.effect] as const));

/** Shorter words (`2`, `+`, `TX`) turn up in any result and say nothing about where they come from. */
const tellingWordLength = 4;

export function conversationOf(task: RecordedTask, scenario: CustomerScenario): RecordedConversation {
  const input = firstMessage(scenario);
  const calls = turnsOf(task.actions, input).map((turn) => ({
    toolCalls: turn.map((action) => ({ name: action.name, arguments: action.arguments })),
  }));
  return { id: `retail-${task.id}`, input, answers: [...calls, { text: finalMessage(task) }] };
}

/** What the model was told to do, from the customer's side: one message with all that is known. */
export function firstMessage(scenario: CustomerScenario): string {
  const parts = [
    `Task ${scenario.id}.`,
    scenario.reason_for_call,
    scenario.known_info,
    scenario.unknown_info,
    scenario.task_instructions,
  ];
  return parts.filter((part) => part !== null && part !== '').join('\n');
}

/** Groups the actions into the model's turns. */
export function turnsOf(actions: readonly RecordedAction[], input: string): readonly (readonly RecordedAction[])[] {
  const turns: RecordedAction[][] = [];
  let reads: RecordedAction[] | undefined;
  for (const action of actions) {
    if (effectOf.get(action.name) === 'write') {
      turns.push([action]);
      reads = undefined;
    } else if (reads !== undefined && !follows(action, reads, input)) {
      reads.push(action);
    } else {
      reads = [action];
      turns.push(reads);
    }
  }
  return turns;
}

/**
 * Whether a read comes after those of the turn: one of them failed, so it is the next attempt; or it uses a word that
 * one of them returned and that the customer has not said.
 */
function follows(action: RecordedAction, earlier: readonly RecordedAction[], input: string): boolean {
  if (earlier.some((read) => read.error)) return true;
  const words = Object.values(action.arguments)
    .flatMap((value) => String(value).split(/\s+/))
    .filter((word) => word.length >= tellingWordLength && !input.includes(word));
  return words.some((word) => earlier.some((read) => read.result.includes(word)));
}

function finalMessage(task: RecordedTask): string {
  const isTransferred = task.actions.some((action) => action.name === 'transfer_to_human_agents');
  const closing = isTransferred
    ? 'YOU ARE BEING TRANSFERRED TO A HUMAN AGENT. PLEASE HOLD ON.'
    : 'Your request has been taken care of.';
  if (task.communicate_info.length === 0) return closing;
  return `${closing} For your information: ${task.communicate_info.join('; ')}.`;
}
