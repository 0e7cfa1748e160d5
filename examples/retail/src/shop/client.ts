/**
 * The shop as its keeper sees it from outside: calls an operation by its tool name, and asks a copy what changed in it
 * and what really ran. Every request has a deadline.
 */
import { request } from 'undici';
import type { RecordChange } from '../data.js';
import { methodOf, operations, type Arguments, type Operation } from './operations.js';
import type { EffectCount } from './store.js';

const operationOf: ReadonlyMap<string, Operation> = new Map(operations.map((each) => [each.name, each] as const));

/** Many times what a slow machine needs for the slowest operation. */
const deadlineMs = 15_000;

export interface ShopCall {
  readonly copy: string;
  readonly idempotencyKey?: string;
}

export interface ShopReply {
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
  /** The answer was stored by an earlier request with the same key. */
  readonly replayed: boolean;
}

export class ShopClient {
  constructor(private readonly url: string) {}

  async call(tool: string, args: Readonly<Record<string, unknown>>, call: ShopCall): Promise<ShopReply> {
    const operation = operationOf.get(tool);
    if (operation === undefined) throw new TypeError(`the shop has no operation ${tool}`);
    const { path, body } = placed(operation, args as Arguments);
    const key = call.idempotencyKey === undefined ? {} : { 'idempotency-key': call.idempotencyKey };
    const response = await request(`${this.url}${path}`, {
      method: methodOf[operation.effect],
      headers: {
        'x-shop-copy': call.copy,
        ...key,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      signal: AbortSignal.timeout(deadlineMs),
      ...(body === undefined ? {} : { body }),
    });
    return {
      status: response.statusCode,
      contentType: String(response.headers['content-type'] ?? ''),
      text: await response.body.text(),
      replayed: response.headers['idempotency-replayed'] === 'true',
    };
  }

  /** The records of the copy that differ from the published data: users, then orders, each by id. */
  changes(copy: string): Promise<readonly RecordChange[]> {
    return this.get<readonly RecordChange[]>(`/copies/${encodeURIComponent(copy)}/changes`);
  }

  effects(copy: string): Promise<EffectCount> {
    return this.get<EffectCount>(`/effects?copy=${encodeURIComponent(copy)}`);
  }

  private async get<T>(path: string): Promise<T> {
    const response = await request(`${this.url}${path}`, { signal: AbortSignal.timeout(deadlineMs) });
    const text = await response.body.text();
    if (response.statusCode !== 200) throw new Error(`the shop answered ${response.statusCode} at ${path}`);
    return JSON.parse(text) as T;
  }
}

/** Arguments named in the path go there; the others into the query of a read or the body of a write. */
function placed(operation: Operation, args: Arguments): { path: string; body: string | undefined } {
  const rest: Record<string, string | readonly string[]> = { ...args };
  const path = operation.path.replaceAll(/\{(\w+)\}/g, (_whole, name: string) => {
    const value = rest[name];
    delete rest[name];
    return encodeURIComponent(String(value));
  });
  if (operation.effect === 'write') return { path, body: JSON.stringify(rest) };
  const query = new URLSearchParams(
    Object.entries(rest).map(([name, value]) => [name, String(value)] as [string, string]),
  );
  return { path: query.size === 0 ? path : `${path}?${query.toString()}`, body: undefined };
}
