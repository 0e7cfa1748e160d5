import assert from 'node:assert/strict';
import { describe, it, mock } from 'node:test';
import { denied, expired, invalid, isFault, unreachable, type Fault } from '@toolfleet/kernel';
import { Breaker, type BreakerOptions, type BreakerState } from './breaker.js';
import { Breakers } from './breakers.js';

const quiet = new AbortController().signal;
const down = (): Promise<never> => Promise.reject(unreachable('DOWN', 'It is down.'));
const up = (): Promise<string> => Promise.resolve('up');

function breakerWith(options: BreakerOptions = {}): { breaker: Breaker; states: BreakerState[] } {
  const states: BreakerState[] = [];
  const breaker = new Breaker('upstream', { callsMin: 4, resetTimeoutMs: 60, ...options }, ({ state }) =>
    states.push(state),
  );
  return { breaker, states };
}

async function openIt(breaker: Breaker): Promise<void> {
  while (breaker.state !== 'open') await breaker.call(down, quiet).catch(() => {});
}

async function reach(breaker: Breaker, state: BreakerState): Promise<void> {
  const untilMs = Date.now() + 3_000;
  while (breaker.state !== state) {
    assert.ok(Date.now() < untilMs, `the breaker never became ${state}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function refusal(breaker: Breaker): Promise<Fault> {
  const error = await breaker.call(() => assert.fail('must not run'), quiet).catch((error: unknown) => error);
  assert.ok(isFault(error));
  assert.deepEqual([error.kind, error.reason], ['overloaded', 'BREAKER_OPEN']);
  return error;
}

/** Work that ends when told to. */
function pending(): { work: () => Promise<string>; succeed: () => void; fail: () => void } {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  return { work: () => promise, succeed: () => resolve('up'), fail: () => reject(unreachable('DOWN', 'It is down.')) };
}

describe('Breaker', () => {
  it('opens on unreachable calls, refuses at once and says when to come back', async () => {
    const { breaker, states } = breakerWith({ resetTimeoutMs: 10_000 });
    await openIt(breaker);
    const { retryAfterMs } = await refusal(breaker);
    assert.ok(retryAfterMs !== undefined && retryAfterMs > 7_900 && retryAfterMs <= 12_000);
    assert.deepEqual(states, ['open']);
  });

  it('needs a number of calls before a share of failures means anything', async () => {
    const { breaker } = breakerWith({ callsMin: 4 });
    for (let i = 0; i < 3; i += 1) await breaker.call(down, quiet).catch(() => {});
    assert.equal(breaker.state, 'closed');
  });

  it('counts no other kind of fault, and no stranger', async () => {
    const { breaker } = breakerWith();
    const errors = [invalid('BAD', 'Bad.'), denied('NO', 'No.'), new TypeError('a bug')];
    for (const error of errors.flatMap((error) => Array(20).fill(error) as unknown[])) {
      await assert.rejects(
        breaker.call(() => Promise.reject(error), quiet),
        error as Error,
      );
    }
    assert.equal(breaker.state, 'closed');
  });

  it('closes only after the configured number of successful probes', async () => {
    const { breaker, states } = breakerWith({ probeSuccesses: 3, probesMax: 1 });
    await openIt(breaker);
    await reach(breaker, 'halfOpen');
    await breaker.call(up, quiet);
    await breaker.call(up, quiet);
    assert.equal(breaker.state, 'halfOpen');
    await breaker.call(() => Promise.reject(invalid('BAD', 'It answered, though.')), quiet).catch(() => {});
    assert.equal(breaker.state, 'closed');
    assert.deepEqual(states, ['open', 'halfOpen', 'closed']);
  });

  it('lets at most the configured number of probes through at once', async () => {
    const { breaker } = breakerWith({ probesMax: 2 });
    await openIt(breaker);
    await reach(breaker, 'halfOpen');
    const probes = [pending(), pending()];
    const calls = probes.map((probe) => breaker.call(probe.work, quiet));
    await refusal(breaker);
    probes[0]?.succeed();
    await calls[0];
    assert.equal(await breaker.call(up, quiet), 'up');
    probes[1]?.succeed();
    await calls[1];
    assert.equal(breaker.state, 'closed');
  });

  it('under 50 concurrent failing calls in half-open runs only the probes and opens again', async () => {
    const { breaker, states } = breakerWith({ probesMax: 2, resetTimeoutMs: 200 });
    await openIt(breaker);
    await reach(breaker, 'halfOpen');
    let ran = 0;
    const calls = Array.from({ length: 50 }, () =>
      breaker.call(async () => {
        ran += 1;
        await new Promise((resolve) => setImmediate(resolve));
        return down();
      }, quiet),
    );
    const reasons = (await Promise.allSettled(calls)).map(
      (call) => ((call as PromiseRejectedResult).reason as Fault).reason,
    );
    assert.equal(ran, 2);
    assert.equal(reasons.filter((reason) => reason === 'BREAKER_OPEN').length, 48);
    assert.equal(breaker.state, 'open');
    assert.deepEqual(states, ['open', 'halfOpen', 'open']);
    await reach(breaker, 'halfOpen');
  });

  it('is not closed or opened by calls that began before it opened', async () => {
    const { breaker } = breakerWith({ probeSuccesses: 1 });
    const late = [pending(), pending()];
    const calls = late.map((one) => breaker.call(one.work, quiet).catch(() => {}));
    await openIt(breaker);
    await reach(breaker, 'halfOpen');
    late[0]?.succeed();
    late[1]?.fail();
    await Promise.all(calls);
    assert.equal(breaker.state, 'halfOpen');
  });

  it('leaves the other calls alone when one is aborted, and counts the aborted one neither way', async () => {
    const { breaker } = breakerWith({ probesMax: 2, probeSuccesses: 1 });
    await openIt(breaker);
    await reach(breaker, 'halfOpen');
    const abort = new AbortController();
    const other = pending();
    const signals: AbortSignal[] = [];
    const aborted = breaker.call((signal) => {
      signals.push(signal);
      return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    }, abort.signal);
    const alive = breaker.call((signal) => {
      signals.push(signal);
      return other.work();
    }, quiet);
    abort.abort(unreachable('GONE', 'The caller is gone.'));
    await assert.rejects(aborted);
    assert.deepEqual(
      signals.map((signal) => signal.aborted),
      [true, false],
    );
    assert.equal(breaker.state, 'halfOpen');
    other.succeed();
    assert.equal(await alive, 'up');
    assert.equal(breaker.state, 'closed');
  });
});

describe('Breaker: what hangs', () => {
  /** Ends at its deadline after so long, on a clock of the test's own. */
  async function late(breaker: Breaker, afterMs: number, sent: string, timeLimitMs = 5_000): Promise<void> {
    const work = (): Promise<never> => {
      mock.timers.tick(afterMs);
      return Promise.reject(expired('DEADLINE_PASSED', 'Too late.', { details: { sent } }));
    };
    await assert.rejects(breaker.call(work, quiet, { timeLimitMs }));
  }

  it('counts a request on its way that had a fair time and expired, and no other that expired', async () => {
    mock.timers.enable({ apis: ['Date'], now: 1_000_000 });
    try {
      const { breaker } = breakerWith({ callsMin: 4, windowMs: 1_000_000 });
      for (let at = 0; at < 20; at += 1) {
        await late(breaker, 200, 'maybe');
        await late(breaker, 3_000, 'no');
      }
      assert.equal(breaker.state, 'closed');
      for (let at = 0; at < 3; at += 1) await late(breaker, 1_000, 'maybe');
      assert.equal(breaker.state, 'closed');
      await late(breaker, 300, 'maybe', 300);
      assert.equal(breaker.state, 'open');
    } finally {
      mock.timers.reset();
    }
  });

  it('opens while the calls still wait, once nothing was answered for their patience', async () => {
    mock.timers.enable({ apis: ['Date'], now: 1_000_000 });
    try {
      const { breaker } = breakerWith({ silentCallsMin: 5 });
      const hung = Array.from({ length: 5 }, () => pending());
      for (const { work } of hung) void breaker.call(work, quiet, { timeLimitMs: 10_000 });
      mock.timers.tick(1_200);
      assert.equal(breaker.state, 'closed');
      mock.timers.tick(100);
      await refusal(breaker);
    } finally {
      mock.timers.reset();
    }
  });
});

describe('Breaker: an operator', () => {
  const until = (inMs: number) => Date.now() + inMs;

  it('forces it open with a reason of its own until the word expires or is withdrawn', async () => {
    mock.timers.enable({ apis: ['Date'], now: 1_000_000 });
    try {
      const { breaker, states } = breakerWith();
      breaker.force({ forced: 'open', expiresAtMs: until(60_000) });
      const error = await breaker.call(up, quiet).catch((error: unknown) => error);
      assert.ok(isFault(error));
      assert.deepEqual([error.kind, error.reason, error.retryAfterMs], ['overloaded', 'BREAKER_FORCED_OPEN', 60_000]);
      mock.timers.tick(60_000);
      assert.equal(await breaker.call(up, quiet), 'up');
      breaker.force({ forced: 'open', expiresAtMs: until(60_000) });
      breaker.force(undefined);
      assert.equal(breaker.state, 'closed');
      assert.deepEqual(states, ['forcedOpen', 'forcedOpen', 'closed']);
    } finally {
      mock.timers.reset();
    }
  });

  it('forces it closed over what its calls and the fleet say, and then it starts anew', async () => {
    mock.timers.enable({ apis: ['Date'], now: 1_000_000 });
    try {
      const { breaker } = breakerWith();
      await openIt(breaker);
      breaker.force({ forced: 'closed', expiresAtMs: until(60_000) });
      for (let at = 0; at < 20; at += 1) await assert.rejects(breaker.call(down, quiet), { reason: 'DOWN' });
      breaker.follow('open', until(60_000));
      assert.equal(breaker.state, 'forcedClosed');
      mock.timers.tick(60_000);
      assert.equal(breaker.state, 'closed');
      await openIt(breaker);
    } finally {
      mock.timers.reset();
    }
  });
});

describe('Breakers', () => {
  it('hands out one breaker per name and keeps to its bound, closed ones going first', async () => {
    const breakers = new Breakers({ breakersMax: 4, callsMin: 1, resetTimeoutMs: 60_000 });
    const [open] = [breakers.of('a'), breakers.of('b')];
    assert.equal(breakers.of('a'), open);
    breakers.of('b');
    await openIt(open);
    for (const name of ['c', 'd', 'e', 'f']) breakers.of(name);
    assert.equal(breakers.states().length, 4);
    assert.equal(breakers.of('a'), open);
  });
});
