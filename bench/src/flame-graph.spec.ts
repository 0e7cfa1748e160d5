import assert from 'node:assert/strict';
import { test } from 'node:test';
import { flameGraphOf, ownerOf, type CpuProfile } from './flame-graph.js';

const frame = (functionName: string, url = '') => ({ functionName, url });

const profile: CpuProfile = {
  nodes: [
    { id: 1, callFrame: frame('(root)'), children: [2, 5] },
    { id: 2, callFrame: frame('turn', 'file:///x/apps/orchestrator/dist/turn.js'), children: [3, 4] },
    { id: 3, callFrame: frame('send', 'file:///x/node_modules/kafkajs/src/send.js') },
    { id: 4, callFrame: frame('a<b>') },
    { id: 5, callFrame: frame('(idle)') },
  ],
  samples: [3, 5, 3, 4, 2],
  timeDeltas: [1_000_000, 500_000, 250_000, 250_000, 500_000],
};

test('a box is as wide as its part of the busy time, and stands on its caller', () => {
  const svg = flameGraphOf(profile, 'spec', 1_200);
  assert.match(svg, /spec: 1\.0 s of busy time/);
  const shares = [...svg.matchAll(/<title>(.+?) ([\d.]+) %<\/title><rect x="([\d.]+)" y="([\d.]+)"/g)];
  assert.deepEqual(
    shares.map(([, name, share, x]) => [name, share, x]),
    [
      ['all (process)', '100.0', '0.0'],
      ['turn turn.js (apps/orchestrator)', '100.0', '0.0'],
      ['a&lt;b&gt; (node)', '25.0', '0.0'],
      ['send send.js (kafkajs)', '25.0', '300.0'],
    ],
  );
  const rows = shares.map(([, , , , y]) => Number(y));
  assert.ok(rows[0]! > rows[1]! && rows[1]! > rows[2]! && rows[2] === rows[3]);
});

test('a profile in which nothing happened is an empty picture', () => {
  assert.match(flameGraphOf({ nodes: [], samples: [], timeDeltas: [] }, 'nothing'), /0\.0 s of busy time/);
});

test('a frame belongs to the innermost package, to our folder, or to Node', () => {
  assert.equal(ownerOf('file:///x/node_modules/a/node_modules/@b/c/lib/d.js'), '@b/c');
  assert.equal(ownerOf('file:///x/libs/kernel/dist/ids.js'), 'libs/kernel');
  assert.equal(ownerOf('node:internal/timers'), 'node');
});
