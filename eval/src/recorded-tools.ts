/**
 * The tools of all sessions behind HTTP: a call that was planned is answered with the recorded bytes, once for each time
 * it was planned. Told apart by session, tool and arguments, because reads of one answer may come in any order.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isDeepStrictEqual } from 'node:util';
import { mcpAnswerOf, mcpPath } from './recorded-mcp.js';
import { sessionHeader, type StagedCall, type StagedSession, type StagedTool } from './staging.js';

interface Recorded {
  readonly call: StagedCall;
  executions: number;
}

interface SessionRecord {
  readonly byTool: ReadonlyMap<string, readonly Recorded[]>;
  readonly ofCall: ReadonlyMap<StagedCall, Recorded>;
  strays: number;
}

/** Above what the fleet lets a call carry. */
const bodyBytesMax = 1024 * 1024;

export class RecordedTools {
  readonly #sessions = new Map<string, SessionRecord>();
  readonly #server: Server;

  constructor(private readonly tools: readonly StagedTool[] = []) {
    this.#server = createServer({ noDelay: true }, (request, response) => {
      this.#handle(request, response).catch(() => response.destroy());
    });
    this.#server.keepAliveTimeout = 120_000;
  }

  /** Resolves with the URL. */
  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1', 1_024);
    await once(this.#server, 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  expect(session: StagedSession): void {
    const all = session.answers.flat().map((call): Recorded => ({ call, executions: 0 }));
    this.#sessions.set(session.sessionId, {
      byTool: Map.groupBy(all, ({ call }) => call.name),
      ofCall: new Map(all.map((recorded) => [recorded.call, recorded])),
      strays: 0,
    });
  }

  executionsOf({ sessionId }: StagedSession, call: StagedCall): number {
    return this.#sessions.get(sessionId)?.ofCall.get(call)?.executions ?? 0;
  }

  /** Calls that nobody planned. */
  straysOf({ sessionId }: StagedSession): number {
    return this.#sessions.get(sessionId)?.strays ?? 0;
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const session = this.#sessions.get(String(request.headers[sessionHeader] ?? ''));
    const body = await bodyOf(request);
    if (request.url?.startsWith(mcpPath)) return this.#handleMcp(session, request, response, body);
    const recorded = session && recordedFor(session, (request.url ?? '/').slice(1), body);
    if (recorded === undefined) {
      if (session !== undefined) session.strays += 1;
      return send(response, 404, 'Nobody recorded such a call.');
    }
    recorded.executions += 1;
    const { end } = recorded.call.planned;
    // What the fleet should have refused is told apart by its count.
    send(response, end.type === 'refused' ? 422 : 200, 'text' in end ? end.text : '');
  }

  /** The servers of all folders share it; a path of its own tells each apart. */
  #handleMcp(
    session: SessionRecord | undefined,
    request: IncomingMessage,
    response: ServerResponse,
    body: string,
  ): void {
    const server = (request.url ?? '').slice(mcpPath.length);
    const own = this.tools.filter(
      ({ tool: { binding } }) => binding?.driver === 'mcp' && binding.mcp.server === server,
    );
    const call = ({ name, arguments: args = {} }: McpParams) => {
      const called = own.find(({ tool: { binding } }) => binding?.driver === 'mcp' && binding.mcp.tool === name);
      const recorded = session && called && recordedWith(session, called.name, args);
      if (recorded) recorded.executions += 1;
      else if (session) session.strays += 1;
      return recorded?.call.planned.reply;
    };
    const answer =
      request.method === 'POST' ? mcpAnswerOf(body, { tools: own.map(({ tool }) => tool), call }) : 'refused';
    if (answer === 'refused') return void response.writeHead(405).end();
    if (answer === 'taken') return void response.writeHead(202).end();
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  }
}

interface McpParams {
  readonly name?: unknown;
  readonly arguments?: unknown;
}

/** One that is still due before one that ran already: the latter is told as a repetition. */
function recordedFor(session: SessionRecord, tool: string, body: string): Recorded | undefined {
  try {
    return recordedWith(session, tool, JSON.parse(body === '' ? '{}' : body));
  } catch {
    return undefined;
  }
}

function recordedWith({ byTool }: SessionRecord, tool: string, args: unknown): Recorded | undefined {
  const alike = (byTool.get(tool) ?? []).filter(({ call }) => isDeepStrictEqual(argumentsOf(call), args));
  return alike.find(({ executions }) => executions === 0) ?? alike[0];
}

function argumentsOf({ planned }: StagedCall): unknown {
  if (typeof planned.arguments !== 'string') return planned.arguments;
  try {
    return JSON.parse(planned.arguments);
  } catch {
    return undefined;
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > bodyBytesMax) throw new RangeError('The body is too large.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function send(response: ServerResponse, status: number, text: string): void {
  const body = Buffer.from(text);
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'content-length': body.length });
  response.end(body);
}
