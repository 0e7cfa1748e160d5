/** The demo's judgement: it says "right" to a right run of all tasks, and names each way of being wrong. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { databaseForTests, type TestDatabase } from '@toolfleet/testkit';
import { buildConversations } from '../conversations-file.js';
import type { RecordedConversation } from '../conversations.js';
import { loadTasks, type RecordedTask } from '../data.js';
import { ShopClient, startShop, type Shop } from '../shop/index.js';
import { DirectBus, type Spoil } from './direct-bus.fixture.js';
import { runDemo, type DemoProgress } from './run-demo.js';
import { isRight, summaryOf } from './summary.js';

let database: TestDatabase;
let shop: Shop;
let client: ShopClient;
let tasks: readonly RecordedTask[];
let conversations: readonly RecordedConversation[];

before(async () => {
  database = await databaseForTests();
  shop = await startShop({ databaseUrl: database.url });
  client = new ShopClient(shop.url);
  [tasks, conversations] = await Promise.all([loadTasks(), buildConversations()]);
});

after(async () => {
  await shop.close();
  await database.stop();
});

interface Tried {
  readonly runId: string;
  readonly taskIds?: readonly string[];
  readonly spoil?: ReadonlyMap<string, Spoil>;
  readonly deadlineMs?: number;
  readonly onProgress?: (progress: DemoProgress) => void;
}

const run = ({ runId, taskIds, spoil, deadlineMs = 60_000, onProgress = () => undefined }: Tried) =>
  runDemo({
    ...{ conversations, shop: client, runId, deadlineMs, onProgress },
    tasks: taskIds === undefined ? tasks : tasks.filter((task) => taskIds.includes(task.id)),
    bus: new DirectBus(conversations, client, spoil),
    signal: new AbortController().signal,
  });

test('a run in which every session does what was recorded is right', async () => {
  const seen: DemoProgress[] = [];
  const summary = summaryOf(await run({ runId: 'right', onProgress: (progress) => seen.push(progress) }));
  const { p50Ms, p99Ms, seconds, ...counts } = summary;
  assert.deepEqual(counts, {
    ...{ sessions: 114, completed: 114, stateMatches: 114, toolCalls: 550, duplicateEffects: 0, lostSessions: 0 },
  });
  assert.ok(p50Ms > 0 && p99Ms >= p50Ms && seconds > 0);
  assert.ok(isRight(summary));
  assert.deepEqual(
    seen.map(({ ended }) => ended),
    Array.from({ length: 114 }, (_, index) => index + 1),
  );
});

test('each way of being wrong is seen and named', async () => {
  const spoil = new Map<string, Spoil>([
    ['0', 'loseOutcome'],
    ['1', 'skipWrites'],
    ['2', 'sayNothing'],
    ['3', 'repeatWrites'],
    ['4', 'fail'],
    ['16', 'tellTwice'],
  ]);
  const findings = await run({ runId: 'wrong', taskIds: [...spoil.keys()], spoil, deadlineMs: 3_000 });
  const { p50Ms: _p50, p99Ms: _p99, seconds: _seconds, ...counts } = summaryOf(findings);
  const problemsOf = new Map(findings.verdicts.map(({ task, problems }) => [task, problems.join()] as const));
  assert.match(problemsOf.get('0') ?? '', /no outcome came/);
  assert.equal(problemsOf.get('1'), 'the shop differs: orders/#W2378156 is not as recorded');
  assert.equal(problemsOf.get('2'), 'not said: 10');
  assert.match(problemsOf.get('3') ?? '', /writes ran again/);
  assert.equal(problemsOf.get('4'), 'failed');
  assert.equal(problemsOf.get('16'), '');
  assert.equal(counts.sessions, 6);
  assert.equal(counts.completed, 3);
  assert.equal(counts.stateMatches, 5);
  assert.equal(counts.lostSessions, 1);
  assert.ok(counts.duplicateEffects > 0);
  assert.ok(!isRight(summaryOf(findings)));
});
