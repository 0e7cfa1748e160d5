/**
 * One session as the plain loop that all peers but LangGraph share: ask the model, run the calls of its answer at once,
 * ask again. What makes a step durable is the peer's; which steps there are, and what is told of them, is the same for all.
 */
import { askModel, callTool, firstMessages } from './http-client.js';

/** As in `bench/catalog`: room above the 20 turns of the long plan. */
export const turnsMax = 24;

/**
 * @typedef {{ callId: string, tool: string, outcome: 'ok' }} Call
 * @typedef {{ status: 'completed' | 'gaveUp', turns: number, calls: Call[], answer: string | null }} Outcome
 *
 * @typedef {object} Steps How a peer runs steps; steps of one turn are begun in order and awaited together.
 * @property {<T>(name: string, work: () => Promise<T>) => Promise<T>} step
 * @property {<T>(steps: Promise<T>[]) => Promise<T[]>} [all]
 */

/** @param {string} input @param {Steps} steps @returns {Promise<Outcome>} */
export async function runSession(input, { step, all = (steps) => Promise.all(steps) }) {
  const messages = firstMessages(input);
  /** @type {Call[]} */
  const calls = [];
  for (let turns = 1; turns <= turnsMax; turns += 1) {
    // Each turn reads what the last one has brought.
    // oxlint-disable-next-line no-await-in-loop
    const answer = await step(`model-${turns}`, () => askModel(messages));
    messages.push(answer);
    const asked = answer.tool_calls ?? [];
    if (asked.length === 0) return { status: 'completed', turns, calls, answer: answer.content };
    const begun = asked.map((call, index) => step(`${call.function.name}-${turns}-${index}`, () => callTool(call)));
    // oxlint-disable-next-line no-await-in-loop
    const results = await all(begun);
    asked.forEach(({ id, function: { name } }, index) => {
      messages.push({ role: 'tool', tool_call_id: id, content: results[index] ?? '' });
      calls.push({ callId: id, tool: name, outcome: 'ok' });
    });
  }
  return { status: 'gaveUp', turns: turnsMax, calls, answer: null };
}
