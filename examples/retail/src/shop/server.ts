/**
 * The shop behind HTTP: one request in, one answer out, nothing kept between requests. A refusal is an answer like any
 * other, also for an idempotency key; only what the shop could not decide (database away, our own bug) is not stored.
 */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { faultOf, invalid, missing, type FaultKind } from '@toolfleet/kernel';
import type { ToolParameters } from '../data.js';
import { argumentsOf } from './arguments.js';
import { hugeBodyBytes, type FaultPlan, type FaultRule } from './faults.js';
import { headerOf, jsonAnswer, jsonBodyOf, problemOf, send } from './http.js';
import { operations, type Arguments, type Operation, type ReadOperation, type WriteOperation } from './operations.js';
import { decodedSegment, Routes } from './routes.js';
import type { ShopAnswer, ShopStore } from './store.js';

export interface ShopServerParts {
  readonly store: ShopStore;
  readonly parametersOf: ReadonlyMap<string, ToolParameters>;
  readonly openApi: object;
  /** Absent: faults cannot be injected. */
  readonly faults: FaultPlan | undefined;
  readonly onError: (error: unknown) => void;
}

interface Reply {
  readonly answer: ShopAnswer;
  readonly headers?: Readonly<Record<string, string>>;
  /** The work is done, but its answer is lost on the way. */
  readonly lost?: boolean;
}

/** Refusals that the same request would meet again, whatever the moment. */
const decided: ReadonlySet<FaultKind> = new Set<FaultKind>(['invalid', 'missing', 'conflict']);

export function createShopServer(parts: ShopServerParts): Server {
  const shop = new ShopHandler(parts);
  const server = createServer((request, response) => {
    void shop.handle(request, response);
  });
  // A request is small and answered in milliseconds; 30 s also covers a caller on a very slow machine.
  server.requestTimeout = 30_000;
  server.headersTimeout = 10_000;
  // Longer than callers keep idle sockets (undici: 4 s), so the shop is not the one to close under a request.
  server.keepAliveTimeout = 65_000;
  server.maxHeadersCount = 100;
  server.maxConnections = 1_024;
  return server;
}

class ShopHandler {
  private readonly routes = new Routes(operations);

  constructor(private readonly parts: ShopServerParts) {}

  /** The single catch: whatever happens, the request gets one answer. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const { answer, headers, lost } = await this.reply(request, response);
      if (lost === true) response.destroy();
      else send(response, answer, headers);
    } catch (error) {
      const { fault, ...problem } = problemOf(error);
      if (fault.kind === 'broken') this.parts.onError(error);
      const headers: Record<string, string> = {};
      if (fault.retryAfterMs !== undefined) headers['retry-after'] = String(Math.ceil(fault.retryAfterMs / 1_000));
      // A body that is not read to its end would hold the connection: it ends with this answer.
      if (!request.complete) headers['connection'] = 'close';
      send(response, problem, headers);
    }
  }

  private async reply(request: IncomingMessage, response: ServerResponse): Promise<Reply> {
    const url = new URL(request.url ?? '/', 'http://shop');
    const method = request.method ?? 'GET';
    const admin = await this.adminReply(method, url, request);
    if (admin !== undefined) return { answer: admin };
    const { operation, pathArguments } = this.routes.match(method, url.pathname);
    const parameters = this.parts.parametersOf.get(operation.name);
    if (parameters === undefined) throw missing('PATH_NOT_FOUND', 'There is nothing at this path');
    const body = await jsonBodyOf(request);
    const args = argumentsOf({ path: pathArguments, query: url.searchParams, body }, parameters);
    const rule = this.parts.faults?.take(operation.name);
    const spoiled = rule === undefined ? undefined : await spoil(rule, response);
    if (spoiled !== undefined) return spoiled;
    const reply = await this.run(operation, args, request);
    return { ...reply, lost: rule?.effect === 'lose' };
  }

  private async run(operation: Operation, args: Arguments, request: IncomingMessage): Promise<Reply> {
    const copy = headerOf(request, 'X-Shop-Copy');
    if (copy === undefined) throw invalid('COPY_REQUIRED', 'The header X-Shop-Copy names the copy of the shop to use');
    if (operation.effect === 'read') {
      return { answer: answerOf(operation, await operation.run(args, copy, this.parts.store)) };
    }
    return this.write(operation, args, copy, headerOf(request, 'Idempotency-Key'));
  }

  private async write(
    operation: WriteOperation,
    args: Arguments,
    copy: string,
    idempotencyKey: string | undefined,
  ): Promise<Reply> {
    const write = { copy, operation: operation.name, digest: digestOf(args), idempotencyKey };
    const result = await this.parts.store.write(write, async (writer) => {
      try {
        return answerOf(operation, await operation.run(args, writer));
      } catch (error) {
        if (!decided.has(faultOf(error).kind)) throw error;
        return problemOf(error);
      }
    });
    if (result.kind === 'keyReused') {
      throw invalid('IDEMPOTENCY_KEY_REUSED', 'The Idempotency-Key was used before with another request');
    }
    return result.kind === 'replayed'
      ? { answer: result.answer, headers: { 'idempotency-replayed': 'true' } }
      : { answer: result.answer };
  }

  /** What the shop's keeper asks, not its customers' agents. */
  private async adminReply(method: string, url: URL, request: IncomingMessage): Promise<ShopAnswer | undefined> {
    const { store, faults, openApi } = this.parts;
    const changes = /^\/copies\/([^/]+)\/changes$/.exec(url.pathname);
    if (method === 'GET') {
      if (changes?.[1] !== undefined) return jsonAnswer(await store.changes(decodedSegment(changes[1])));
      if (url.pathname === '/openapi.json') return jsonAnswer(openApi);
      if (url.pathname === '/effects')
        return jsonAnswer(await store.effects(url.searchParams.get('copy') ?? undefined));
      if (url.pathname === '/healthz') {
        await store.ping();
        return jsonAnswer({ status: 'ok' });
      }
    }
    if (url.pathname !== '/faults' || faults === undefined) return undefined;
    if (method === 'POST') return jsonAnswer(faults.add(await jsonBodyOf(request)), 201);
    if (method === 'DELETE') faults.clear();
    return jsonAnswer(faults.list());
  }
}

/** Carries out a fault; undefined when the request goes on as usual. */
async function spoil(rule: FaultRule, response: ServerResponse): Promise<Reply | undefined> {
  switch (rule.effect) {
    case 'latency':
      await heldBack(rule.ms, response);
      return undefined;
    case 'hang':
      await heldBack(rule.ms, response);
      return { answer: jsonAnswer(null), lost: true };
    case 'error':
      return { answer: jsonAnswer({ error: 'INJECTED', message: 'Internal error' }, 500) };
    case 'huge':
      return { answer: { status: 200, contentType: 'text/plain', body: 'x'.repeat(hugeBodyBytes) } };
    case 'lose':
      return undefined;
  }
}

/** Waits, but no longer than the caller does. */
async function heldBack(ms: number, response: ServerResponse): Promise<void> {
  const gone = new AbortController();
  const onClose = () => gone.abort();
  response.once('close', onClose);
  await delay(ms, undefined, { signal: gone.signal }).catch(() => undefined);
  response.off('close', onClose);
}

function answerOf(operation: ReadOperation | WriteOperation, result: unknown): ShopAnswer {
  if (operation.answers === 'json') return jsonAnswer(result);
  return { status: 200, contentType: 'text/plain; charset=utf-8', body: String(result) };
}

/** Equal arguments have equal digests: `argumentsOf` puts them in the order of the tool's parameters. */
function digestOf(args: Arguments): string {
  return createHash('sha256').update(JSON.stringify(args)).digest('base64url');
}
