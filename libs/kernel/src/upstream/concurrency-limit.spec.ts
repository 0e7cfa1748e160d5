import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ConcurrencyLimit } from './concurrency-limit.js';

/** An upstream with so many servers in virtual time: each call takes `serviceMs` of one of them, the rest queue inside it. */
class SimulatedUpstream {
  nowMs = 0;
  readonly limits: number[] = [];
  #events: { readonly atMs: number; readonly run: () => void }[] = [];
  #busy = 0;
  readonly #queue: (() => void)[] = [];
  #random = 7;

  constructor(
    readonly limit: ConcurrencyLimit,
    public servers: number,
    public serviceMs: number,
  ) {}

  /** While so many calls wait to be made at any time, for so long. */
  load(demand: number, forMs: number): void {
    const untilMs = this.nowMs + forMs;
    const fill = (): void => {
      while (this.limit.inFlight < demand && this.limit.hasPlace()) this.#call(fill);
    };
    if (this.servers === 0) for (const serve of this.#queue.splice(0)) serve();
    fill();
    for (let atMs = this.nowMs; atMs < untilMs; atMs += 100) this.#at(atMs, () => this.limits.push(this.limit.limit));
    while (this.#events.length > 0 && this.#events[0]!.atMs <= untilMs) {
      const event = this.#events.shift()!;
      this.nowMs = event.atMs;
      event.run();
    }
    this.nowMs = untilMs;
  }

  lastLimits(count: number): number[] {
    return this.limits.slice(-count);
  }

  #call(next: () => void): void {
    const startedAtMs = this.nowMs;
    this.limit.begin(startedAtMs);
    const serve = (): void => {
      this.#busy += 1;
      const stalled = this.servers === 0;
      this.#at(this.nowMs + (stalled ? 1_000 : this.serviceMs * this.#scatter()), () => {
        this.#busy -= 1;
        this.limit.end(startedAtMs, stalled ? 'down' : 'up', this.nowMs);
        if (this.#busy < this.servers) this.#queue.shift()?.();
        next();
      });
    };
    if (this.#busy < this.servers || this.servers === 0) serve();
    else this.#queue.push(serve);
  }

  /** 0.8 to 1.2, the same in every run. */
  #scatter(): number {
    this.#random = (this.#random * 48_271) % 2_147_483_647;
    return 0.8 + (0.4 * this.#random) / 2_147_483_647;
  }

  #at(atMs: number, run: () => void): void {
    let index = this.#events.length;
    while (index > 0 && this.#events[index - 1]!.atMs > atMs) index -= 1;
    this.#events.splice(index, 0, { atMs, run });
  }
}

const options = { floor: 5, ceiling: 200, start: 20 };
const between = (limits: readonly number[], min: number, max: number): void => {
  assert.ok(limits.length > 0 && limits.every((limit) => limit >= min && limit <= max), limits.join(' '));
};
const mean = (limits: readonly number[]) => limits.reduce((sum, limit) => sum + limit, 0) / limits.length;

describe('ConcurrencyLimit', () => {
  it('converges near the capacity of the upstream, from below and from above, and stays there', () => {
    for (const [servers, start] of [
      [50, 5],
      [50, 20],
      [10, 100],
      [40, 200],
    ] as const) {
      const upstream = new SimulatedUpstream(new ConcurrencyLimit({ ...options, start }), servers, 50);
      upstream.load(500, 120_000);
      const last = upstream.lastLimits(600);
      between(last, Math.min(servers / 2, 10), servers * 2.5);
      assert.ok(mean(last) > servers * 0.9 && mean(last) < servers * 2, `${servers}: ${mean(last)}`);
    }
  });

  it('is as high as before within 5 s of the end of a stall', () => {
    const upstream = new SimulatedUpstream(new ConcurrencyLimit(options), 50, 50);
    upstream.load(500, 30_000);
    const before = mean(upstream.lastLimits(100));
    upstream.servers = 0;
    upstream.load(500, 10_000);
    assert.equal(upstream.lastLimits(1)[0], options.floor);
    upstream.servers = 50;
    upstream.load(500, 5_000);
    const after = mean(upstream.lastLimits(5));
    assert.ok(after > before * 0.8, `${before} ${after}`);
  });

  it('gives an upstream of great capacity ten times its start within 2 s', () => {
    const upstream = new SimulatedUpstream(new ConcurrencyLimit(options), 500, 50);
    upstream.load(500, 2_000);
    assert.equal(upstream.lastLimits(1)[0], options.ceiling);
  });

  it('never goes below its floor or above its ceiling, whatever the upstream does', () => {
    const upstream = new SimulatedUpstream(new ConcurrencyLimit({ floor: 3, ceiling: 30, start: 20 }), 50, 20);
    for (const [servers, serviceMs] of [
      [100, 20],
      [1, 900],
      [0, 20],
      [100, 1],
      [2, 400],
    ] as const) {
      Object.assign(upstream, { servers, serviceMs });
      upstream.load(500, 20_000);
    }
    between(upstream.limits, 3, 30);
    assert.ok(Math.min(...upstream.limits) === 3 && Math.max(...upstream.limits) === 30);
  });

  it('stays where it is while nobody asks for more', () => {
    const upstream = new SimulatedUpstream(new ConcurrencyLimit(options), 50, 50);
    upstream.load(4, 60_000);
    between(upstream.limits, options.start, options.start);
  });

  it('learns that an upstream has become slower for good, and gives it its capacity again', () => {
    const upstream = new SimulatedUpstream(new ConcurrencyLimit(options), 40, 50);
    upstream.load(500, 30_000);
    upstream.serviceMs = 200;
    upstream.load(500, 240_000);
    assert.ok(mean(upstream.lastLimits(600)) > 30, String(mean(upstream.lastLimits(600))));
  });

  it('does not take the lateness of our own event loop for a queue inside the upstream', () => {
    const limit = new ConcurrencyLimit({ ...options, floor: 2, start: 20, ceiling: 20 });
    let nowMs = 0;
    const run = (tookMs: number, ownLateMs: number): void => {
      for (const untilMs = nowMs + 2_000; nowMs < untilMs; nowMs += tookMs) {
        for (let call = 0; call < 20; call += 1) limit.begin(nowMs);
        for (let call = 0; call < 20; call += 1) limit.end(nowMs, 'up', nowMs + tookMs, ownLateMs);
      }
    };
    run(5, 0);
    run(90, 30);
    assert.equal(limit.limit, 20);
    run(90, 0);
    assert.equal(limit.limit, 2);
  });

  it('takes what says nothing for no sample', () => {
    const limit = new ConcurrencyLimit(options);
    for (let at = 0; at < 1_000; at += 1) {
      limit.begin(at * 10);
      limit.end(at * 10, 'nothing', at * 10 + 5_000);
    }
    assert.deepEqual([limit.limit, limit.inFlight], [options.start, 0]);
  });
});
