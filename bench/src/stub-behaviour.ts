/**
 * How the stubs behave towards each upstream and model route, switched while they run. A base URL that ends in `/at/NAME`
 * names the target; whatever has no name, or was never switched, answers at once. What hangs is told to the scenario, and so is the
 * moment its connection closes: by the clock that all processes of a machine share.
 */
import type { ServerResponse } from 'node:http';

export type StubBehaviour =
  | { readonly kind: 'answer'; readonly latencyMs: number }
  | { readonly kind: 'fail'; readonly status: number }
  | { readonly kind: 'hang' };

export const prompt: StubBehaviour = { kind: 'answer', latencyMs: 0 };

/** One request that is not answered. */
export interface StubHang {
  readonly target: string;
  readonly orderId: string;
  readonly event: 'hung' | 'closed';
  /** Of the monotonic clock. */
  readonly atMs: number;
}

/** Milliseconds of the machine's monotonic clock: comparable between processes, unlike `performance.now`. */
export const monotonicMs = (): number => Number(process.hrtime.bigint() / 1_000n) / 1_000;

const mark = '/at/';

/** The name in a path, and the path without it. */
export function targetOf(path: string): { readonly target: string; readonly rest: string } {
  const at = path.indexOf(mark);
  if (at < 0) return { target: '', rest: path };
  const from = at + mark.length;
  const end = path.indexOf('/', from);
  if (end < 0) return { target: path.slice(from), rest: path.slice(0, at) || '/' };
  return { target: path.slice(from, end), rest: path.slice(0, at) + path.slice(end) };
}

export class StubBehaviours {
  readonly #byTarget = new Map<string, StubBehaviour>();

  constructor(private readonly onHang: (hang: StubHang) => void = () => undefined) {}

  set(target: string, behaviour: StubBehaviour): void {
    this.#byTarget.set(target, behaviour);
  }

  /** `send` is called at most once, when the target answers. */
  answer(target: string, response: ServerResponse, orderIdOf: () => string, send: () => void): void {
    const behaviour = this.#byTarget.get(target) ?? prompt;
    switch (behaviour.kind) {
      case 'answer':
        if (behaviour.latencyMs === 0) return send();
        // Whoever hung up meanwhile is owed nothing.
        setTimeout(() => response.destroyed || send(), behaviour.latencyMs);
        return;
      case 'fail':
        response.sendDate = false;
        response.writeHead(behaviour.status, { 'content-type': 'application/json', 'content-length': 2 });
        response.end('{}');
        return;
      case 'hang': {
        const orderId = orderIdOf();
        this.onHang({ target, orderId, event: 'hung', atMs: monotonicMs() });
        response.once('close', () => this.onHang({ target, orderId, event: 'closed', atMs: monotonicMs() }));
      }
    }
  }
}
