/**
 * LangGraph in one process with its Postgres checkpointer: the model is a node, each tool call a task of its own (`Send`),
 * so that the calls of a turn run at once and each one's result is kept. Durability is the default, `async`: a checkpoint
 * is written while the next step runs. Messages are plain objects, cheaper than LangChain's classes.
 */
import { Annotation, END, Send, START, StateGraph } from '@langchain/langgraph';
import { PostgresSaver } from '@langchain/langgraph-checkpoint-postgres';
import { turnsMax } from './agent.js';
import { askModel, callTool, firstMessages } from './http-client.js';
import { serveSessions } from './serve.js';

/** @template T @returns {import('@langchain/langgraph').BaseChannel<T[]>} */
const listOf = () => Annotation({ reducer: (left, right) => left.concat(right), default: () => [] });

const State = Annotation.Root({ messages: listOf(), calls: listOf() });

const checkpointer = PostgresSaver.fromConnString(process.env['PEER_DATABASE_URL'] ?? '');
await checkpointer.setup();
const graph = new StateGraph(State)
  .addNode('model', async ({ messages }) => ({ messages: [await askModel(messages)] }))
  .addNode('tool', async (/** @type {any} */ call) => ({
    messages: [{ role: 'tool', tool_call_id: call.id, content: await callTool(call) }],
    calls: [{ callId: call.id, tool: call.function.name, outcome: 'ok' }],
  }))
  .addEdge(START, 'model')
  .addConditionalEdges('model', nextOf, ['tool', END])
  .addEdge('tool', 'model')
  .compile({ checkpointer });

await serveSessions(async ({ sessionId, input }) => {
  // A turn is two steps of the graph: the model's and its tools'.
  const config = { configurable: { thread_id: sessionId }, recursionLimit: 2 * turnsMax };
  const { messages, calls } = await graph.invoke({ messages: firstMessages(input), calls: [] }, config);
  const turns = messages.filter(({ role }) => role === 'assistant').length;
  return { status: 'completed', turns, calls, answer: messages.at(-1)?.content ?? null };
});

/** @param {{ messages: import('./http-client.js').Message[] }} state */
function nextOf({ messages }) {
  const asked = messages.at(-1)?.tool_calls ?? [];
  return asked.length === 0 ? END : asked.map((call) => new Send('tool', call));
}
