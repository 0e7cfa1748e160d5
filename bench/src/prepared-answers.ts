/** The stub model's answers, written once as chat completions, whole and streamed, with a gap where the order belongs. */
import { orderIdChars, toolNameOf, type Plan, type PlanName, type ToolName } from './plans.js';

/** Stands for the session's order in what is written beforehand; as long as one, so lengths are known too. */
const orderMark = '@'.repeat(orderIdChars);

/** Text with the order left out at each place where it belongs. */
export interface Prepared {
  readonly pieces: readonly string[];
  readonly bytes: number;
}

export interface PreparedTurn {
  readonly whole: Prepared;
  readonly streamed: Prepared;
}

const finalText =
  `I have looked at order ${orderMark} and at your account, and noted that the parcel may be left with a neighbour. ` +
  'Nothing else has changed; you will get a message when it is on its way.';

/** One entry for each model turn of the plan, the final answer last; its calls go to the tools of the shop. */
export function prepare(plan: Plan, shop = ''): readonly PreparedTurn[] {
  const turns = [...plan.toolTurns, []];
  return turns.map((tools, turn) => {
    const calls = tools.map((tool, index) => callOf(tool, shop, { turn, index }));
    const text = tools.length === 0 ? finalText : null;
    const reason = tools.length === 0 ? 'stop' : 'tool_calls';
    // About what a provider counts: instructions and tools, then some 250 tokens for each call and its result.
    const before = plan.toolTurns.slice(0, turn).flat().length;
    const promptTokens = 420 + 250 * before;
    const completionTokens = tools.length === 0 ? 52 : 28 * tools.length;
    const usage = {
      prompt_tokens: promptTokens,
      completion_tokens: completionTokens,
      total_tokens: promptTokens + completionTokens,
    };
    return {
      whole: wholeOf(plan.name, { text, calls, reason, usage }),
      streamed: streamOf(plan.name, { text, calls, reason, usage }),
    };
  });
}

interface PreparedCall {
  readonly id: string;
  readonly type: 'function';
  readonly function: { readonly name: string; readonly arguments: string };
}

interface TurnParts {
  readonly text: string | null;
  readonly calls: readonly PreparedCall[];
  readonly reason: string;
  readonly usage: object;
}

function callOf(
  tool: ToolName,
  shop: string,
  { turn, index }: { readonly turn: number; readonly index: number },
): PreparedCall {
  const note = 'The customer asks to leave the parcel with a neighbour when nobody is at home.';
  // Whoever asks the same a dozen times is stopped as a storm, and rightly: each turn asks for something else.
  const args = {
    get_customer: { order_id: orderMark, fields: `name,address,payment,${turn}` },
    get_order: { order_id: orderMark, part: `${turn}.${index}` },
    update_order: { order_id: orderMark, note },
  }[tool];
  return {
    id: `call_${turn}_${index}`,
    type: 'function',
    function: { name: toolNameOf(tool, shop), arguments: JSON.stringify(args) },
  };
}

function wholeOf(plan: PlanName, { text, calls, reason, usage }: TurnParts): Prepared {
  const message = { role: 'assistant', content: text, ...(calls.length === 0 ? {} : { tool_calls: calls }) };
  return split(
    JSON.stringify({
      ...headOf(plan, 'chat.completion'),
      choices: [{ index: 0, message, logprobs: null, finish_reason: reason }],
      usage,
    }),
  );
}

function streamOf(plan: PlanName, { text, calls, reason, usage }: TurnParts): Prepared {
  const chunk = (delta: object, finish_reason: string | null = null): object => ({
    ...headOf(plan, 'chat.completion.chunk'),
    choices: [{ index: 0, delta, finish_reason }],
  });
  const chunks = [
    chunk({ role: 'assistant', content: text === null ? null : '' }),
    ...(text === null ? [] : [chunk({ content: text })]),
    ...calls.map((call, index) => chunk({ tool_calls: [{ index, ...call }] })),
    chunk({}, reason),
    { ...headOf(plan, 'chat.completion.chunk'), choices: [], usage },
  ];
  return split(`${chunks.map((each) => `data: ${JSON.stringify(each)}\n\n`).join('')}data: [DONE]\n\n`);
}

function headOf(plan: PlanName, object: string): object {
  return { id: `chatcmpl-${plan}`, object, created: 1_700_000_000, model: 'bench' };
}

function split(text: string): Prepared {
  return { pieces: text.split(orderMark), bytes: text.length };
}
