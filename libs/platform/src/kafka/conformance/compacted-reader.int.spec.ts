import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { readBroadcast, readCompacted } from '../compacted-reader.js';
import { Arena, untilCount } from './arena.js';
import { drivers } from './drivers.js';

for (const driver of drivers) {
  describe(`whole-topic readers by ${driver.name}`, { concurrency: 3 }, () => {
    let arena: Arena;
    before(async () => {
      arena = await Arena.open(driver);
    });
    after(() => arena.close());

    test('a compacted topic is read from its start, tombstones included, and then followed', async () => {
      const topic = await arena.topic(3, { 'cleanup.policy': 'compact' });
      await arena.send(topic, [{ key: 'a' }, { key: 'b' }, { key: 'a', value: null }]);
      const state = new Map<string, string>();
      const onRecord = ({ key, value }: { key: string; value: Buffer }, tombstone: boolean) =>
        tombstone ? void state.delete(key) : void state.set(key, value.toString());
      const reader = readCompacted({ connection: arena.connection, topic, onRecord });
      await reader.caughtUp;
      assert.deepEqual([...state.keys()], ['b']);
      await arena.send(topic, [{ key: 'c' }]);
      await untilCount(() => state.size, 2);
      await reader.close();
    });

    test('an empty topic is caught up at once', async () => {
      const topic = await arena.topic(2);
      const reader = readCompacted({ connection: arena.connection, topic, onRecord: () => undefined });
      await reader.caughtUp;
      await reader.close();
    });

    test('every broadcast reader sees every record from its start on, and none from before', async () => {
      const topic = await arena.topic(2);
      await arena.send(topic, [{ key: 'before' }]);
      const seen: string[][] = [[], [], []];
      const readers = seen.map((keys) =>
        readBroadcast({ connection: arena.connection, topic, onRecord: ({ key }) => keys.push(key) }),
      );
      await Promise.all(readers.map((reader) => reader.caughtUp));
      await arena.send(topic, [{ key: 'x' }, { key: 'y' }]);
      await untilCount(() => seen.flat().length, 6);
      for (const keys of seen) assert.deepEqual(keys.toSorted(), ['x', 'y']);
      await Promise.all(readers.map((reader) => reader.close()));
    });

    test('records that may wait come in company', async () => {
      const topic = await arena.topic(1);
      const companies: string[][] = [];
      let company: string[] | undefined;
      const onRecord = ({ key }: { key: string }): void => {
        if (company === undefined) {
          companies.push((company = []));
          setImmediate(() => (company = undefined));
        }
        company.push(key);
      };
      const reader = readBroadcast({ connection: arena.connection, topic, onRecord, mayWaitMs: 2_000 });
      await reader.caughtUp;
      const keys = ['a', 'b', 'c', 'd', 'e'];
      for (const key of keys) await arena.send(topic, [{ key }]);
      await untilCount(() => companies.flat().length, keys.length);
      assert.deepEqual(companies.flat(), keys);
      // Two when the wait ends between two sends.
      assert.ok(companies.length <= 2, String(companies.length));
      await reader.close();
    });

    test('a reader that throws skips its record and goes on', async () => {
      const topic = await arena.topic(1);
      const seen: string[] = [];
      const reader = readCompacted({
        connection: arena.connection,
        topic,
        onRecord: ({ key }) => {
          if (key === 'bad') throw new TypeError('not this one');
          seen.push(key);
        },
      });
      await reader.caughtUp;
      await arena.send(topic, [{ key: 'a' }, { key: 'bad' }, { key: 'b' }]);
      await untilCount(() => seen.length, 2);
      assert.deepEqual(seen, ['a', 'b']);
      await reader.close();
    });

    test('a reader closed before it has read the topic says so', async () => {
      const connection = { ...arena.connection, brokers: ['127.0.0.1:1'] };
      const reader = readCompacted({ connection, topic: 't', onRecord: () => undefined });
      const caughtUp = assert.rejects(reader.caughtUp, { reason: 'READER_CLOSED' });
      await reader.close();
      await caughtUp;
    });
  });
}
