/**
 * A model that costs next to nothing: chat completions whose answers are written beforehand. It shares the cores with the
 * fleet it helps to measure, so it never parses a body: the plan and the order stand in the user's message, and the turn
 * is the number of assistant messages so far.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { orderIdChars, orderIdOf, plans, type PlanName } from './plans.js';
import { prepare, type PreparedTurn } from './prepared-answers.js';
import { StubBehaviours, targetOf } from './stub-behaviour.js';

const planMark = Buffer.from('bench plan=');
/** With its quotes it can only be a role: inside of JSON strings quotes are escaped. */
const assistantMark = Buffer.from('"assistant"');
const streamMark = /"stream"\s*:\s*true/;
/** `bench plan=short order=o00000000001 shop=calm`, and room for longer names. */
const inputCharsMax = 64;

export interface ModelReply {
  readonly status: number;
  readonly contentType: string;
  readonly bytes: number;
  readonly text: string;
}

/** By plan and shop: few, as both come from a catalogue of the benchmark. */
const prepared = new Map<string, readonly PreparedTurn[]>();

function turnsOf(plan: string, shop: string): readonly PreparedTurn[] | undefined {
  const key = `${plan} ${shop}`;
  const known = prepared.get(key);
  if (known !== undefined || !Object.hasOwn(plans, plan)) return known;
  const turns = prepare(plans[plan as PlanName], shop);
  prepared.set(key, turns);
  return turns;
}

/** The answer to one request; ASCII, so its characters are its bytes. */
export function replyTo(body: Buffer): ModelReply {
  const asked = questionOf(body);
  const turns = turnsOf(asked.plan, asked.shop);
  const turn = turns?.[turnOf(body)];
  if (turn === undefined) {
    const text = '{"error":{"message":"No plan for this request.","type":"invalid_request_error"}}';
    return { status: 400, contentType: 'application/json', bytes: text.length, text };
  }
  const streamed = isStreamAsked(body);
  const { pieces, bytes } = streamed ? turn.streamed : turn.whole;
  const contentType = streamed ? 'text/event-stream' : 'application/json';
  return { status: 200, contentType, bytes, text: pieces.join(asked.orderId) };
}

function questionOf(body: Buffer): { plan: string; orderId: string; shop: string } {
  const at = body.indexOf(planMark);
  const text = at < 0 ? '' : body.toString('latin1', at + planMark.length, at + inputCharsMax);
  const [plan = '', order = '', shop = ''] = text.split(' ', 3);
  const orderId = order.slice('order='.length);
  return {
    plan,
    orderId: orderId.length === orderIdChars ? orderId : orderIdOf(0),
    shop: shop.startsWith('shop=') ? shop.slice('shop='.length) : '',
  };
}

function turnOf(body: Buffer): number {
  let turn = 0;
  for (let at = body.indexOf(assistantMark); at >= 0; at = body.indexOf(assistantMark, at + assistantMark.length)) {
    turn += 1;
  }
  return turn;
}

/** Settings stand before or after the conversation, never within it: the two ends are enough to look at. */
function isStreamAsked(body: Buffer): boolean {
  const edge = 256;
  const ends = body.toString('latin1', 0, edge) + body.toString('latin1', Math.max(0, body.length - edge));
  return streamMark.test(ends);
}

/** Answers every POST, whatever its path: only the fleet calls it. */
export function createStubModel(behaviours = new StubBehaviours()): Server {
  const server = createServer({ noDelay: true }, (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
      const send = (): void => {
        const { status, contentType, bytes, text } = replyTo(body);
        response.sendDate = false;
        response.writeHead(status, { 'content-type': contentType, 'content-length': bytes });
        response.end(text, 'latin1');
      };
      behaviours.answer(targetOf(request.url ?? '').target, response, () => questionOf(body).orderId, send);
    });
  });
  return keptAlive(server);
}

/** Connections stay open between runs, so that no run pays for opening them anew. */
export function keptAlive(server: Server): Server {
  server.keepAliveTimeout = 120_000;
  server.headersTimeout = 0;
  server.requestTimeout = 0;
  return server;
}
