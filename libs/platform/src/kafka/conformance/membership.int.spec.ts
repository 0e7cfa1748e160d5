/** Members come, go, freeze and die: nothing is lost, and what stays with a member goes on untouched. */
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { faultOf, unreachable } from '@toolfleet/kernel';
import { eventually } from '@toolfleet/testkit';
import type { Assignment } from '../consumer-options.js';
import type { RecordHandler } from '../records.js';
import { Arena, Gate, untilCount } from './arena.js';
import { drivers } from './drivers.js';
import { everything, holding } from './holding.js';
import type { ZombieOrder, ZombieReport } from './zombie.js';

function lifeOf(order: ZombieOrder) {
  const child = fork(new URL('zombie.js', import.meta.url), { stdio: 'inherit' });
  const reports: ZombieReport[] = [];
  child.on('message', (message) => reports.push(message as ZombieReport));
  child.send(order);
  return { child, reports };
}

const reportedBy = (reports: readonly ZombieReport[], kind: ZombieReport['kind']) =>
  reports.filter((report) => report.kind === kind);

for (const driver of drivers) {
  describe(`membership by ${driver.name}`, { concurrency: 3 }, () => {
    let arena: Arena;
    before(async () => {
      arena = await Arena.open(driver);
    });
    after(() => arena.close());
    const orderOf = (groupId: string, topic: string): ZombieOrder => {
      const { connection, deadLetterTopic } = arena;
      return { brokers: connection.brokers, driver: driver.name, groupId, topic, deadLetterTopic };
    };

    test('a frozen member that wakes up after its session commits nothing and keeps nothing', async () => {
      const topic = await arena.topic(1);
      const groupId = arena.name('group');
      const { child, reports } = lifeOf(orderOf(groupId, topic));
      try {
        const of = (kind: ZombieReport['kind']) => reportedBy(reports, kind);
        await untilCount(() => of('assigned').length, 1);
        await arena.send(topic, [{}, {}, {}]);
        await untilCount(() => of('handling').length, 3);
        child.kill('SIGSTOP');
        let handled = 0;
        await arena.started({ groupId, topics: [topic] }, () => (handled += 1));
        await arena.untilCommitted(groupId, topic, [3]);
        assert.equal(handled, 3);
        child.kill('SIGCONT');
        child.send('finish');
        await untilCount(() => of('finished').length, 1);
        await eventually(() => of('assigned').length > 1, { withinMs: 10_000 });
        // It woke up either before or after its handlers were told to return; neither may move the offset.
        assert.deepEqual(await arena.committed(groupId, topic), [3]);
        assert.equal(handled, 3);
      } finally {
        child.kill('SIGKILL');
        await once(child, 'exit');
      }
    });

    test('a member that died has its partitions back as soon as its next life joins, and no other member loses any', async () => {
      const topic = await arena.topic(2);
      const groupId = arena.name('group');
      // Far longer than the test may take: what comes back within it comes back because of the name.
      // A member that hears of the leaving before the next life has joined is given the partition for a moment; this rarely.
      const slow = { sessionTimeoutMs: 60_000, heartbeatIntervalMs: 8_000 };
      const live = (replica: string) => lifeOf({ ...orderOf(groupId, topic), ...slow, replica });
      const [one, other] = [live('one'), live('other')];
      const lives = [one, other];
      try {
        await Promise.all(lives.map(({ reports }) => untilCount(() => reportedBy(reports, 'assigned').length, 1)));
        await arena.send(topic, [{ partition: 0 }, { partition: 1 }]);
        await eventually(() => lives.every(({ reports }) => reportedBy(reports, 'handling').length === 1), {
          withinMs: 20_000,
        });
        one.child.kill('SIGKILL');
        await once(one.child, 'exit');
        const next = live('one');
        lives.push(next);
        await eventually(() => reportedBy(next.reports, 'handling').length === 1, { withinMs: 20_000 });
        assert.deepEqual(
          [reportedBy(other.reports, 'handling').length, reportedBy(other.reports, 'aborted').length],
          [1, 0],
        );
      } finally {
        for (const { child } of lives) if (child.kill('SIGKILL')) await once(child, 'exit');
      }
    });

    test('members come and go in mid-work: nothing is lost, and kept partitions run nothing twice', async () => {
      const topic = await arena.topic(4);
      const groupId = arena.name('group');
      const runs = new Map<string, number>();
      const kept: (readonly number[])[] = [];
      let handled = 0;
      const handler: RecordHandler = async (record, { signal }) => {
        const name = `${record.partition} ${record.offset}`;
        runs.set(name, (runs.get(name) ?? 0) + 1);
        await sleep(20, undefined, { signal });
        handled += 1;
      };
      const spec = { groupId, topics: [topic], limits: { concurrency: 4 } };
      const onAssignment = (assignment: Assignment) => void kept.push(assignment.kept);
      await arena.started({ ...spec, onAssignment }, handler);
      const records = Array.from({ length: 400 }, (_, n) => ({ partition: n % 4, key: `k${n % 40}` }));
      await arena.send(topic, records);
      await untilCount(() => handled, 50);
      const second = await arena.started(spec, handler);
      await untilCount(() => handled, 150);
      await second.drain(1_000);
      await arena.untilCommitted(groupId, topic, [100, 100, 100, 100]);
      assert.equal(runs.size, 400);
      const stayed = kept.filter((partitions) => partitions.length > 0)[0] ?? [];
      assert.equal(stayed.length, 2);
      for (const [name, count] of runs) if (stayed.includes(Number(name[0]))) assert.equal(count, 1, name);
    });

    test('a rebalance aborts the handlers of lost partitions and no others', async () => {
      const topic = await arena.topic(2);
      const groupId = arena.name('group');
      const gate = new Gate();
      const story: string[] = [];
      const handler =
        (member: string) =>
        async (record: { partition: number }, { signal }: { signal: AbortSignal }) => {
          const line = `${member} ${record.partition}`;
          story.push(`${line} runs`);
          await gate.wait(signal).catch((error: unknown) => story.push(`${line} ${faultOf(error).reason}`));
          story.push(`${line} ends`);
        };
      const lost: number[] = [];
      const onAssignment = (assignment: Assignment) => void lost.push(...assignment.lost);
      await arena.started({ groupId, topics: [topic], onAssignment }, handler('first'));
      await arena.send(topic, [{ partition: 0 }, { partition: 1 }]);
      await untilCount(() => story.length, 2);
      await arena.started({ groupId, topics: [topic] }, handler('second'));
      await untilCount(() => story.filter((line) => line.startsWith('second')).length, 1);
      const gone = lost[0] ?? -1;
      assert.deepEqual(story.filter((line) => line.startsWith(`first ${gone}`)).slice(1), [
        `first ${gone} PARTITION_LOST`,
        `first ${gone} ends`,
      ]);
      gate.open();
      await arena.untilCommitted(groupId, topic, [1, 1]);
      const stayed = story.filter((line) => line.endsWith(`${1 - gone} runs`));
      assert.deepEqual(stayed, [`first ${1 - gone} runs`]);
    });

    test('records of a gained partition wait until its owner has recovered it, and a failed recovery is repeated', async () => {
      const topic = await arena.topic(1);
      const story: string[] = [];
      const onAssignment = async ({ gained }: Assignment) => {
        await sleep(50);
        story.push(`recover ${gained.join()}`);
        if (story.length === 1) throw unreachable('STORE_DOWN', 'The store is down.');
      };
      await arena.send(topic, [{ key: 'a' }, { key: 'b' }]);
      await arena.started({ topics: [topic], onAssignment }, (record) => story.push(`handle ${record.key}`));
      await untilCount(() => story.length, 4);
      assert.deepEqual(story, ['recover 0', 'recover 0', 'handle a', 'handle b']);
    });

    test('a drain finishes and commits what runs, hands on what waits, and frees the partitions at once', async () => {
      const topic = await arena.topic(1);
      const groupId = arena.name('group');
      const gate = new Gate();
      const first = await arena.started({ groupId, topics: [topic], limits: { concurrency: 1 } }, () => gate.wait());
      await arena.send(topic, [{}, {}, {}]);
      await untilCount(() => gate.waiting, 1);
      const drained = first.drain(10_000);
      gate.open();
      await drained;
      assert.deepEqual(await arena.committed(groupId, topic), [1]);
      const seen: number[] = [];
      const startedAtMs = Date.now();
      await arena.started({ groupId, topics: [topic] }, (record) => seen.push(Number(record.offset)));
      await untilCount(() => seen.length, 2);
      assert.ok(Date.now() - startedAtMs < 5_000, 'the second member waited for a session timeout');
      assert.deepEqual(seen, [1, 2]);
      assert.equal(gate.waiting, 1);
    });

    test('a drain aborts what overruns it; the record is neither committed nor a dead letter, and comes again', async () => {
      const topic = await arena.topic(1);
      const groupId = arena.name('group');
      const reasons: string[] = [];
      const first = await arena.started({ groupId, topics: [topic] }, async (_, { signal }) => {
        await new Gate().wait(signal).catch((error: unknown) => {
          reasons.push(faultOf(error).reason);
          throw error;
        });
      });
      await arena.send(topic, [{ key: 'long' }]);
      await eventually(() => first.stats().inFlight === 1, { withinMs: 5_000 });
      await first.drain(100);
      assert.deepEqual(reasons, ['DRAIN_DEADLINE']);
      assert.deepEqual(await arena.committed(groupId, topic), [-1]);
      const seen: string[] = [];
      await arena.started({ groupId, topics: [topic] }, (record) => seen.push(record.key));
      await untilCount(() => seen.length, 1);
      assert.deepEqual([seen, arena.lettersOf(topic)], [['long'], []]);
    });

    test('what an operator holds stays held over a rebalance', async () => {
      const topic = await arena.topic(2);
      const groupId = arena.name('group');
      const seen: number[] = [];
      const first = await arena.started({ groupId, topics: [topic] }, (record) => seen.push(record.partition));
      first.tune(holding(() => everything));
      const second = await arena.started({ groupId, topics: [topic] }, () => undefined);
      await eventually(() => first.stats().partitions.length === 1, { withinMs: 10_000 });
      await second.drain(0);
      await eventually(() => first.stats().partitions.length === 2, { withinMs: 10_000 });
      assert.ok(first.stats().partitions.every((row) => row.paused));
      await arena.send(topic, [{ partition: 0 }, { partition: 1 }]);
      assert.deepEqual(seen, []);
      first.tune(undefined);
      await untilCount(() => seen.length, 2);
    });
  });
}
