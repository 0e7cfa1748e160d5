/**
 * The tools' side of the benchmark: two reads and a write that answer about 600 bytes of JSON written beforehand. The
 * write does nothing, so it is idempotent as its manifest says.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { orderIdChars } from './plans.js';
import { StubBehaviours, targetOf } from './stub-behaviour.js';
import { keptAlive } from './stub-model.js';

const customer = {
  customer_id: 'c-20481',
  name: { first: 'Marie', last: 'Lindqvist' },
  email: 'marie.lindqvist@example.com',
  phone: '+46 8 5550 1374',
  address: { street: 'Hornsgatan 118', floor: '3 tr', zip: '117 26', city: 'Stockholm', country: 'SE' },
  payment_methods: [
    { id: 'card-7731', kind: 'credit_card', brand: 'visa', last_four: '4417', expires: '2029-08' },
    { id: 'gift-1182', kind: 'gift_card', balance_cents: 2450, expires: '2028-12' },
  ],
  orders: ['o-77120', 'o-77121', 'o-80433'],
  member_since: '2019-05-14',
  preferences: { language: 'sv', newsletter: false, delivery: 'home' },
};

const order = {
  order_id: 'o-80433',
  status: 'pending',
  ordered_at: '2026-03-02T09:41:17Z',
  lines: [
    { sku: 'kettle-17-black', name: 'Kettle 1.7 l', options: { colour: 'black' }, quantity: 1, price_cents: 4990 },
    { sku: 'mug-30-blue', name: 'Mug 30 cl', options: { colour: 'blue' }, quantity: 4, price_cents: 890 },
    { sku: 'filter-100', name: 'Tea filters', options: { count: 100 }, quantity: 2, price_cents: 450 },
  ],
  total_cents: 9450,
  payment: { method: 'card-7731', authorised: true },
  shipping: { carrier: 'postnord', service: 'home', weight_grams: 3120, estimated: '2026-03-06' },
  notes: [],
};

const updated = {
  ...order,
  lines: order.lines.slice(0, 2),
  notes: [{ at: '2026-03-02T10:05:44Z', by: 'agent', text: 'The customer asks to leave the parcel with a neighbour.' }],
};

interface Answer {
  readonly headers: Readonly<Record<string, string | number>>;
  readonly body: Buffer;
}

function answerOf(value: object): Answer {
  const body = Buffer.from(JSON.stringify(value));
  return { headers: { 'content-type': 'application/json', 'content-length': body.length }, body };
}

/** By method and first part of the path. */
export const toolAnswers = {
  'GET /customers': answerOf(customer),
  'GET /orders': answerOf(order),
  'POST /orders': answerOf(updated),
} as const satisfies Record<string, Answer>;

const unknown = answerOf({ error: 'There is no such tool.' });

function answerTo(method: string, url: string): Answer | undefined {
  const second = url.indexOf('/', 1);
  const name = `${method} ${second < 0 ? url : url.slice(0, second)}`;
  return name in toolAnswers ? toolAnswers[name as keyof typeof toolAnswers] : undefined;
}

const orderPattern = new RegExp(`o[0-9a-z]{${orderIdChars - 1}}`);

export function createStubTools(behaviours = new StubBehaviours()): Server {
  const server = createServer({ noDelay: true }, (request: IncomingMessage, response: ServerResponse) => {
    const { method = '', url = '' } = request;
    const { target, rest } = targetOf(url);
    const answer = answerTo(method, rest);
    const send = (): void => {
      const { headers, body } = answer ?? unknown;
      response.sendDate = false;
      response.writeHead(answer === undefined ? 404 : 200, headers);
      response.end(body);
    };
    const respond = (): void => behaviours.answer(target, response, () => orderPattern.exec(url)?.[0] ?? '', send);
    if (method === 'GET') return respond();
    // A body that is not read would close the connection.
    request.on('end', respond);
    request.resume();
  });
  return keptAlive(server);
}
