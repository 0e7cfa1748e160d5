/**
 * The model and the tools as every peer reaches them: undici with connections kept open, as in Toolfleet's own services.
 * A request has the instructions, tools and messages that Toolfleet sends of `bench/catalog`.
 */
import { Agent } from 'undici';

/**
 * @typedef {{ id: string, type: 'function', function: { name: string, arguments: string } }} ToolCall
 * @typedef {{ role: string, content: string | null, tool_calls?: ToolCall[], tool_call_id?: string }} Message
 */

const agent = new Agent({ connections: 256, keepAliveTimeout: 30_000, keepAliveMaxTimeout: 60_000, pipelining: 1 });
const model = new URL(`${required('PEER_MODEL_URL')}/chat/completions`);
const tools = required('PEER_TOOLS_URL');
const modelHeaders = {
  'content-type': 'application/json',
  authorization: `Bearer ${process.env['PEER_MODEL_API_KEY'] ?? 'none-needed'}`,
};

const instructions =
  'You help customers of a shop with their orders.\n' +
  'Look at the order and at the customer before you change anything, and say at the end what you have done.\n';
const orderId = { type: 'string', description: 'The order, such as o00000000001.' };
const fields = { type: 'string', description: 'Comma-separated names of the parts to return.' };
const part = { type: 'string', description: 'Which part to return; all of it when absent.' };
const note = { type: 'string', description: 'What the people who ship it should know.', maxLength: 500 };

/** @param {string} name @param {string} description @param {Record<string, object>} properties @param {string[]} needed */
function toolOf(name, description, properties, needed) {
  const parameters = { type: 'object', additionalProperties: false, required: needed, properties };
  return { type: 'function', function: { name, description, parameters } };
}

const offered = JSON.stringify([
  toolOf(
    'get_customer',
    'Get the customer of an order, with their addresses and payment methods.',
    { order_id: orderId, fields },
    ['order_id'],
  ),
  toolOf('get_order', 'Get an order with its lines, its payment and its shipment.', { order_id: orderId, part }, [
    'order_id',
  ]),
  toolOf('update_order', 'Add a note to an order.', { order_id: orderId, note }, ['order_id', 'note']),
]);

/** @param {string} input @returns {Message[]} */
export function firstMessages(input) {
  return [
    { role: 'system', content: instructions },
    { role: 'user', content: input },
  ];
}

/** The conversation is written out when this is called, so it may grow afterwards. @param {Message[]} messages @returns {Promise<Message>} */
export async function askModel(messages) {
  const body = `{"model":"bench","messages":${JSON.stringify(messages)},"tools":${offered}}`;
  const answer = JSON.parse(await textOf(model, { method: 'POST', headers: modelHeaders, body }));
  return answer.choices[0].message;
}

/** @param {ToolCall} call @returns {Promise<string>} */
export function callTool({ function: { name, arguments: text } }) {
  const args = JSON.parse(text);
  const order = encodeURIComponent(args.order_id);
  switch (name) {
    case 'get_customer':
      return textOf(`${tools}/customers/by-order/${order}?fields=${encodeURIComponent(args.fields)}`, {
        method: 'GET',
      });
    case 'get_order':
      return textOf(`${tools}/orders/${order}?part=${encodeURIComponent(args.part)}`, { method: 'GET' });
    case 'update_order':
      return textOf(`${tools}/orders/${order}/notes`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: text,
      });
    default:
      throw new Error(`There is no tool ${name}.`);
  }
}

/** @param {string | URL} url @param {Omit<import('undici').Dispatcher.RequestOptions, 'origin' | 'path'>} options */
async function textOf(url, options) {
  const { origin, pathname, search } = typeof url === 'string' ? new URL(url) : url;
  const { statusCode, body } = await agent.request({ ...options, origin, path: `${pathname}${search}` });
  const text = await body.text();
  if (statusCode !== 200) throw new Error(`${origin}${pathname} answered ${statusCode}: ${text.slice(0, 200)}`);
  return text;
}

/** @param {string} name */
function required(name) {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set: the bench starts a peer with it.`);
  return value;
}
