import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CallHealth, CircuitCall, CircuitChange, CircuitOptions } from './circuit.js';
import { BucketWindow } from './bucket-window.fixture.js';
import { Circuit, circuitDefaults } from './circuit.js';

/** A destination that is called at a steady rate through a circuit, in virtual time. */
class Traffic {
  nowMs = 0;
  readonly changes: (CircuitChange & { readonly atMs: number })[] = [];
  readonly circuit: Circuit;
  sent = 0;
  #running: { readonly call: CircuitCall; readonly endsAtMs: number; readonly health: CallHealth }[] = [];

  constructor(options: Partial<CircuitOptions> = {}, random = () => 0.5) {
    const changed = (change: CircuitChange) => this.changes.push({ ...change, atMs: this.nowMs });
    const all = { ...circuitDefaults, ...options };
    this.circuit = new Circuit(new BucketWindow(all.windowMs), all, random, changed);
  }

  /** `takesMs` above the tool's time limit: it hangs, and expires there. */
  run(forMs: number, perSecond: number, health: CallHealth, takesMs = 20, timeLimitMs = 10_000): void {
    const untilMs = this.nowMs + forMs;
    for (; this.nowMs < untilMs; this.nowMs += 1_000 / perSecond) {
      this.#settleDue();
      const call = this.circuit.admit(this.nowMs, timeLimitMs);
      if (!call) continue;
      this.sent += 1;
      const hangs = takesMs > timeLimitMs;
      const endsAtMs = this.nowMs + Math.min(takesMs, timeLimitMs);
      this.#running.push({ call, endsAtMs, health: hangs ? 'down' : health });
    }
    this.nowMs = untilMs;
  }

  states(): string[] {
    return this.changes.map(({ state }) => state);
  }

  #settleDue(): void {
    const due = this.#running.filter(({ endsAtMs }) => endsAtMs <= this.nowMs);
    this.#running = this.#running.filter(({ endsAtMs }) => endsAtMs > this.nowMs);
    for (const { call, endsAtMs, health } of due) this.circuit.settle(call, health, endsAtMs);
  }
}

const hanging = 60_000;

describe('Circuit: opening', () => {
  it('opens in under 2 s of nothing but errors, and of nothing but hangs, at 20 calls a second', () => {
    for (const takesMs of [20, hanging]) {
      const traffic = new Traffic();
      traffic.run(10_000, 20, 'up', 50);
      traffic.run(2_000, 20, 'down', takesMs);
      assert.equal(traffic.changes[0]?.state, 'open');
      assert.ok(traffic.changes[0].atMs < 12_000, String(traffic.changes[0].atMs));
    }
  });

  it('opens on a destination that hangs from the very first call', () => {
    const traffic = new Traffic();
    traffic.run(2_000, 20, 'down', hanging);
    assert.deepEqual(traffic.states(), ['open']);
  });

  it('takes no slow destination for a hanging one: one answer teaches it patience, a long time limit gives it', () => {
    const slow = new Traffic();
    slow.run(60_000, 20, 'up', 1_200);
    const exports = new Traffic();
    exports.run(120_000, 2, 'up', 14_000, 120_000);
    const untimed = new Traffic();
    untimed.run(60_000, 20, 'up', 30_000, Infinity);
    assert.deepEqual([...slow.states(), ...exports.states(), ...untimed.states()], []);
  });

  it('stays closed while every third call hangs, and opens when two of three do', () => {
    for (const [hangs, states] of [
      [1, []],
      [2, ['open']],
    ] as const) {
      const traffic = new Traffic();
      for (let at = 0; at < 150; at += 1) traffic.run(100, 10, 'up', at % 3 < hangs ? hanging : 20);
      assert.deepEqual(traffic.states().slice(0, 1), states);
    }
  });

  it('needs a number of calls before a share of failures means anything', () => {
    const traffic = new Traffic();
    traffic.run(9_000, 1, 'down');
    assert.deepEqual(traffic.states(), []);
  });
});

describe('Circuit: coming back', () => {
  function opened(takesMs: number, random?: () => number): Traffic {
    const traffic = new Traffic({}, random);
    traffic.run(3_000, 20, 'up', 50);
    traffic.run(20_000, 20, 'down', takesMs);
    return traffic;
  }

  it('closes in under 5 s after the destination recovered, wherever in its cycle that was', () => {
    for (const takesMs of [20, hanging]) {
      for (const random of [0, 0.5, 0.99]) {
        const traffic = opened(takesMs, () => random);
        const recoveredAtMs = traffic.nowMs;
        traffic.run(5_000, 20, 'up', 50);
        assert.equal(traffic.circuit.stateAt(traffic.nowMs), 'closed');
        assert.ok((traffic.changes.at(-1)?.atMs ?? Infinity) < recoveredAtMs + 5_000);
      }
    }
  });

  it('closes in under 5 s also after one late answer taught it patience with probes', () => {
    for (let illMs = 20_000; illMs < 30_000; illMs += 250) {
      const traffic = new Traffic();
      traffic.run(10_000, 20, 'up', 50);
      // Given up long before, and answered at the last moment.
      traffic.run(100, 20, 'up', 9_990);
      traffic.run(illMs, 20, 'down', hanging);
      const recoveredAtMs = traffic.nowMs;
      traffic.run(20_000, 20, 'up', 50);
      const closed = traffic.changes.find(({ state, atMs }) => state === 'closed' && atMs >= recoveredAtMs);
      const tookMs = (closed?.atMs ?? Infinity) - recoveredAtMs;
      assert.ok(tookMs < 5_000, `ill for ${illMs} ms: ${tookMs}`);
    }
  });

  it('gives a destination that is down at most a few probes of each cycle', () => {
    const traffic = opened(20);
    const before = traffic.sent;
    traffic.run(60_000, 50, 'down', 20);
    assert.ok(traffic.sent - before <= (60_000 / 1_600) * circuitDefaults.probesMax, String(traffic.sent - before));
  });

  it('lets a share of the calls through while half open, beyond the first probes', () => {
    const traffic = new Traffic({ probeSuccesses: 200, probesMax: 3, probePercent: 20 });
    traffic.run(1_000, 50, 'down');
    traffic.run(2_000, 50, 'down');
    const halfOpenAtMs = traffic.circuit.probesAtMs;
    traffic.nowMs = halfOpenAtMs;
    const before = traffic.sent;
    traffic.run(10_000, 100, 'nothing', 10);
    assert.ok(Math.abs(traffic.sent - before - (200 + 200)) <= 2, String(traffic.sent - before));
  });

  it('does not probe at the same moment as others that opened with it', () => {
    const times = [0, 0.5, 0.99].map((random) => {
      const traffic = new Traffic({}, () => random);
      traffic.run(500, 50, 'down');
      return traffic.circuit.probesAtMs - traffic.changes[0]!.atMs;
    });
    assert.deepEqual([times[0], times[1]], [1_600, 2_000]);
    assert.ok(times[2]! > 2_300 && times[2]! <= 2_400);
  });
});

describe('Circuit: following the fleet', () => {
  it('opens with another process, for no longer than that one said and half as long again, then probes by itself', () => {
    const traffic = new Traffic({}, () => 0.99);
    traffic.circuit.follow('open', 2_000, 0);
    assert.deepEqual(traffic.changes, [
      { state: 'open', followed: true, untilMs: traffic.circuit.probesAtMs, atMs: 0 },
    ]);
    assert.ok(traffic.circuit.probesAtMs > 2_000 && traffic.circuit.probesAtMs <= 3_000);
    assert.equal(traffic.circuit.stateAt(3_000), 'halfOpen');
    traffic.nowMs = 3_000;
    traffic.run(1_000, 20, 'up');
    assert.equal(traffic.circuit.stateAt(4_000), 'closed');
  });

  it('follows no opening whose time is over, and none into the far future', () => {
    const traffic = new Traffic();
    traffic.circuit.follow('open', 1_000, 1_000);
    assert.equal(traffic.circuit.stateAt(1_000), 'closed');
    traffic.circuit.follow('open', 1e12, 1_000);
    assert.ok(traffic.circuit.probesAtMs < 5_000);
  });

  it('does not give up a destination that answers it well', () => {
    const traffic = new Traffic();
    traffic.run(1_000, 20, 'up');
    traffic.circuit.follow('open', 5_000, traffic.nowMs);
    assert.equal(traffic.circuit.stateAt(traffic.nowMs), 'closed');
  });

  it('believes a closing by probing at once', () => {
    const traffic = new Traffic();
    traffic.run(1_000, 20, 'down');
    assert.equal(traffic.circuit.stateAt(traffic.nowMs), 'open');
    traffic.circuit.follow('closed', 0, traffic.nowMs);
    assert.equal(traffic.circuit.stateAt(traffic.nowMs), 'halfOpen');
  });
});
