import assert from 'node:assert/strict';
import { test } from 'node:test';
import { evaluate } from './evaluate.js';
import { callingSet, libraryDomain, writeFolder } from './folder.fixture.js';

const mcpCall = (id: number, args: object) => ({
  dir: 'client',
  frame: { jsonrpc: '2.0', id, method: 'tools/call', params: { name: 'tick', arguments: args } },
});
const mcpAnswer = (id: number, result: object) => ({ dir: 'server', frame: { jsonrpc: '2.0', id, result } });

test('folders of all kinds run through one fleet, each call offered, checked, run or refused as recorded', async () => {
  const logged: string[] = [];
  const said: string[] = [];
  // More tools than a session is shown, so that the model has to search for the one it needs.
  const birds = [
    'wren',
    'robin',
    'heron',
    'stork',
    'crane',
    'finch',
    'raven',
    'eagle',
    'snipe',
    'goose',
    'egret',
    'quail',
  ];
  const verbs = ['feed', 'ring'];
  const chainTools = verbs.flatMap((verb) =>
    birds.map((bird) => ({
      ...{ name: `${verb}.${bird}`, description: `Use it to ${verb} a ${bird}.` },
      query_parameters: { count: { type: 'integer', required: true } },
      output_parameters: { left: { type: 'integer' } },
    })),
  );
  const folders = {
    library: writeFolder(libraryDomain),
    calls: writeFolder(callingSet),
    chains: writeFolder({
      'birds.tools.json': chainTools,
      'birds.jsonl': [
        {
          id: 'c1',
          input: 'Hello there.',
          calls: [
            { name: 'feed.wren', arguments: { count: 2 }, label: 'var1' },
            { name: 'ring.stork', arguments: { count: '$var1.left$' }, label: 'var2' },
            { name: 'var_result', arguments: { all: '$var2.left$' } },
          ],
        },
      ],
    }),
    strings: writeFolder({
      'odd.json': ['', 'é\u202e', '\u0000', '\u001b[31m', "'; DROP TABLE x; --", '\ud83d\ude00'],
    }),
    traces: writeFolder({
      'traces.jsonl': [
        {
          id: 'x',
          query: 'Do.',
          tools: [{ name: 'do_it', description: 'Does it.', parameters: { type: 'object', properties: {} } }],
          calls: [
            { name: 'do_that', in_catalogue: false },
            { name: 'do_it', in_catalogue: true, arguments: '{"a": ' },
            { name: 'do_it', in_catalogue: true, arguments: '{}' },
          ],
        },
      ],
    }),
    clock: writeFolder({
      'clock.catalogue.json': { tools: [{ name: 'tick', description: 'Ticks.', inputSchema: { type: 'object' } }] },
      'clock.frames.jsonl': [
        mcpCall(1, { fast: false }),
        mcpAnswer(1, { content: [{ type: 'text', text: 'tick' }], structuredContent: { ticks: 1 } }),
        mcpCall(2, { fast: true }),
        mcpAnswer(2, { content: [{ type: 'text', text: 'too fast' }], isError: true }),
      ],
    }),
    dump: writeFolder({
      'shop.sql': `CREATE TABLE shelf (id int PRIMARY KEY, label text);
        INSERT INTO shelf VALUES (1, 'ä "quoted"'), (2, NULL);
        CREATE DATABASE other;
        \\c other\n`,
    }),
    none: writeFolder({ 'README.md': 'Nothing here.' }),
  };
  const report = await evaluate({
    ...{ folders: Object.values(folders), limit: 100 },
    log: ({ text }) => logged.push(text),
    say: (text) => said.push(text),
    onProgress: () => undefined,
    signal: new AbortController().signal,
  });
  const byFolder = Object.fromEntries(Object.keys(folders).map((name, index) => [name, report.folders[index]!]));
  const tallies = Object.fromEntries(
    Object.entries(byFolder).map(([name, { tally: t }]) => [
      name,
      t && [
        t.completed,
        t.calls,
        t.validated,
        t.routed,
        t.executed,
        t.exact,
        t.refusedAsRecorded,
        t.disagreements,
        t.strays,
      ],
    ]),
  );
  assert.deepEqual(tallies, {
    library: [2, 4, 4, 4, 3, 3, 1, 0, 0],
    calls: [4, 5, 4, 5, 4, 4, 0, 1, 0],
    chains: [1, 2, 2, 2, 2, 2, 0, 0, 0],
    strings: [1, 6, 6, 6, 6, 6, 0, 0, 0],
    traces: [1, 3, 3, 2, 1, 1, 2, 0, 0],
    clock: [1, 2, 2, 2, 1, 1, 1, 0, 0],
    // Of the one table: its count, its two rows, and a key of the wrong type; eleven hidden changes.
    dump: [2, 15, 15, 15, 3, 3, 12, 0, 0],
    none: undefined,
  });
  assert.deepEqual(byFolder['library']?.figures, { db_changes: 1, communicate_info: 1, 'pass^1': 1 });
  assert.deepEqual(byFolder['calls']?.figures, { 'all entries': 2 / 3, plain: 2 / 3, talks: 1 });
  assert.equal(byFolder['calls']?.mismatches[0]?.session, 'plain_2');
  // Nothing of the question tells the tools apart, so the second one has to be searched for.
  assert.equal(byFolder['chains']?.tally?.firstPick, 1);
  assert.equal(byFolder['chains']?.figures['birds full match'], 1);
  assert.deepEqual(byFolder['dump']?.figures['hidden changes refused'], 1);
  assert.equal(byFolder['none']?.status, 'failed');
  assert.match(byFolder['none']?.reason ?? '', /^FORMAT_UNKNOWN/);
  // A folder that nobody can read is no success.
  assert.equal(report.isRight, false);
});
