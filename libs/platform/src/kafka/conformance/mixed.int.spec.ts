/** A fleet changes its client library service by service, so one group holds members of both while it does. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { eventually } from '@toolfleet/testkit';
import type { Assignment } from '../consumer-options.js';
import type { BusRecord } from '../records.js';
import { Arena, Gate, untilCount } from './arena.js';
import { drivers } from './drivers.js';

for (const driver of drivers) {
  for (const other of drivers.filter((each) => each !== driver)) {
    describe(`a group led by ${driver.name} and joined by ${other.name}`, () => {
      let arena: Arena;
      before(async () => {
        arena = await Arena.open(driver);
      });
      after(() => arena.close());

      test('members share evenly, the first keeps its half in hand, and the second goes on where the first committed', async () => {
        const topic = await arena.topic(4);
        const groupId = arena.name('group');
        const gate = new Gate();
        const runs: string[] = [];
        const handler =
          (member: string) =>
          async (record: BusRecord, { signal }: { signal: AbortSignal }) => {
            runs.push(`${member} ${record.partition} ${record.offset}`);
            if (record.key === 'waits') await gate.wait(signal);
          };
        const seen: Assignment[] = [];
        const onAssignment = (assignment: Assignment) => void seen.push(assignment);
        const first = await arena.started({ groupId, topics: [topic], onAssignment }, handler('first'));
        const partitions = [0, 1, 2, 3];
        await arena.send(
          topic,
          partitions.map((partition) => ({ partition })),
        );
        await arena.untilCommitted(groupId, topic, [1, 1, 1, 1]);
        await arena.send(
          topic,
          partitions.map((partition) => ({ partition, key: 'waits' })),
        );
        await untilCount(() => gate.waiting, 4);
        await arena.started({ groupId, topics: [topic], driver: other }, handler('second'));
        await untilCount(() => runs.filter((run) => run.startsWith('second')).length, 2);
        const kept = seen.at(-1)?.kept ?? [];
        assert.equal(kept.length, 2);
        const moved = partitions.filter((partition) => !kept.includes(partition));
        assert.deepEqual(
          runs.filter((run) => run.startsWith('second')).toSorted(),
          moved.map((partition) => `second ${partition} 1`),
        );
        gate.open();
        await arena.untilCommitted(groupId, topic, [2, 2, 2, 2]);
        // The leader goes: the other client leads, and takes over from its offsets.
        await first.drain(1_000);
        await arena.send(
          topic,
          partitions.map((partition) => ({ partition })),
        );
        await arena.untilCommitted(groupId, topic, [3, 3, 3, 3]);
        await eventually(() => runs.filter((run) => run.endsWith(' 2')).length === 4, { withinMs: 5_000 });
        assert.ok(runs.filter((run) => run.endsWith(' 2')).every((run) => run.startsWith('second')));
        assert.equal(runs.length, 4 + 4 + 2 + 4);
      });
    });
  }
}
