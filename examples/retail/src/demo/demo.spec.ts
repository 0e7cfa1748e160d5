import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '@toolfleet/testkit';
import { startChaos } from './chaos.js';
import { demoOptionsOf } from './options.js';
import { Screen } from './screen.js';
import { isRight, summaryOf } from './summary.js';
import type { Verdict } from './verdict.js';

const verdict = (task: string, tookMs: number | undefined, more: Partial<Verdict> = {}): Verdict => ({
  task,
  status: 'completed',
  completed: true,
  stateMatches: true,
  toolCalls: 2,
  duplicateEffects: 0,
  tookMs,
  problems: [],
  ...more,
});

function written(isTTY: boolean) {
  const texts: string[] = [];
  const screen = new Screen({ isTTY, write: (text: string) => texts.push(text) });
  return { screen, text: () => texts.join('') };
}

test('a killing mode implies processes of their own and more time', () => {
  const kill = demoOptionsOf(['--kill', '--json']);
  assert.deepEqual([kill.split, kill.json, kill.deadlineMs], [true, true, 600_000]);
  assert.deepEqual([demoOptionsOf([]).split, demoOptionsOf([]).deadlineMs], [false, 300_000]);
  assert.equal(demoOptionsOf(['--timeout', '5']).deadlineMs, 5_000);
});

test('an option that does not exist is refused', () => {
  for (const argv of [['--kil'], ['--timeout', 'soon'], ['--timeout'], ['task']]) {
    assert.throws(() => demoOptionsOf(argv), { kind: 'invalid' }, argv.join(' '));
  }
});

test('quantiles are values that were measured, and lost sessions have none', () => {
  const verdicts = Array.from({ length: 100 }, (_, index) => verdict(String(index), index + 1));
  const summary = summaryOf({ verdicts: [...verdicts, verdict('lost', undefined, { status: 'lost' })], seconds: 1.23 });
  assert.deepEqual([summary.p50Ms, summary.p99Ms, summary.seconds], [50, 99, 1.2]);
  assert.equal(summary.lostSessions, 1);
});

test('a run is right only when nothing is missing, different, twice or lost', () => {
  const rightOf = (more: Partial<Verdict>) => isRight(summaryOf({ verdicts: [verdict('0', 1, more)], seconds: 1 }));
  assert.equal(rightOf({}), true);
  assert.equal(rightOf({ completed: false }), false);
  assert.equal(rightOf({ stateMatches: false }), false);
  assert.equal(rightOf({ duplicateEffects: 1 }), false);
  assert.equal(rightOf({ status: 'lost' }), false);
  assert.equal(isRight(summaryOf({ verdicts: [], seconds: 0 })), false);
});

test('without a terminal the progress is a few plain lines', () => {
  const { screen, text } = written(false);
  for (let ended = 1; ended <= 114; ended += 1) {
    screen.progress({ ended, sessions: 114, toolCalls: ended * 5, seconds: ended / 10 }, 0);
  }
  assert.equal(text().split('\n').length, 7);
  assert.ok(text().endsWith('114 of 114 sessions, 570 tool calls, 11.4 s\n'));
  assert.ok(!text().includes('\u001B') && !text().includes('\r'));
});

test('on a terminal the progress stays on one line until something else is said', () => {
  const { screen, text } = written(true);
  screen.progress({ ended: 1, sessions: 2, toolCalls: 3, seconds: 1 }, 4);
  screen.progress({ ended: 2, sessions: 2, toolCalls: 6, seconds: 2 }, 5);
  assert.ok(!text().includes('\n'));
  screen.say('done');
  assert.ok(text().endsWith('5 processes killed\ndone\n'));
});

test('the result names every task that went wrong', () => {
  const { screen, text } = written(false);
  const verdicts = [verdict('7', 5, { stateMatches: false, problems: ['the shop differs'] })];
  screen.result(summaryOf({ verdicts, seconds: 1 }), verdicts, false);
  assert.match(text(), /task 7: the shop differs/);
  assert.match(text(), /Not every session ended as recorded/);
});

test('chaos kills one process after another until it is stopped', async () => {
  const killed: string[] = [];
  const fleet = {
    processes: () => ['policy', 'router'],
    kill: async (name: string) => {
      killed.push(name);
    },
  };
  const chaos = startChaos({ fleet, everyMs: 5, onKill: () => undefined });
  await eventually(() => killed.length >= 3, { withinMs: 5_000 });
  await chaos.stop();
  assert.equal(chaos.kills, killed.length);
});
