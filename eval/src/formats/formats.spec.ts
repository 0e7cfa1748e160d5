import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isFault } from '@toolfleet/kernel';
import { Folder } from '../folder.js';
import { callingSet, libraryDomain, writeFolder } from '../folder.fixture.js';
import type { SessionPlan } from '../plan.js';
import { formatOf } from './index.js';

const manyMax = 1_000;

function planOf(files: Readonly<Record<string, unknown>>, limit = manyMax): SessionPlan & { format: string } {
  const folder = new Folder(writeFolder(files));
  const format = formatOf(folder);
  const reading = format.read(folder, limit);
  assert.equal(reading.type, 'sessions');
  return Object.assign((reading as { plan: SessionPlan }).plan, { format: format.name });
}

const callsOf = ({ sessions }: SessionPlan, index = 0) =>
  sessions[index]!.runs.flatMap(({ answers }) =>
    answers.map((calls) => calls.map(({ tool, arguments: args, end }) => [tool, args, end])),
  );

describe('a domain of tau2', () => {
  it('is known by its files, and its actions follow one after another', () => {
    const plan = planOf(libraryDomain);
    assert.equal(plan.format, 'tau2');
    assert.deepEqual(callsOf(plan), [
      [['find_book', { title: 'Moss' }, { type: 'refused', text: 'Error: no such book' }]],
      [['find_book', { title: 'Ferns' }, { type: 'answered', text: '{"book_id": "b7"}' }]],
      [['lend_book', { book_id: 'b7', days: 14 }, { type: 'answered', text: '{"due": "2031-04-02", "fee": 1.50}' }]],
    ]);
    assert.equal(plan.sessions[0]?.runs[0]?.input, 'Lend me the book about ferns.\nNone.');
    assert.deepEqual(plan.notes, ["1 actions are the user's own and no call of the agent"]);
  });

  it('counts a tool as a write unless it ran where nothing changed', () => {
    const effects = planOf(libraryDomain).tools.map(({ name, effect }) => [name, effect]);
    assert.deepEqual(effects, [
      ['find_book', 'read'],
      ['lend_book', 'write'],
    ]);
  });

  it('is right only when all ran as recorded and the user was told', () => {
    const plan = planOf(libraryDomain, 1);
    const ended = plan.sessions.map((planned) => ({
      planned,
      status: 'completed' as const,
      calls: planned.runs
        .flatMap(({ answers }) => answers.flat())
        .map((call) => {
          const refused = { outcome: 'failed', reason: 'TOOL_REFUSED', result: (call.end as { text: string }).text };
          const isRefused = call.end.type === 'refused';
          return {
            ...{ planned: call, name: call.tool, offered: 'first' as const, executions: 1 },
            outcome: isRefused ? ('failed' as const) : ('ok' as const),
            text: isRefused ? JSON.stringify(refused) : (call.end as { text: string }).text,
          };
        }),
      answers: ['It costs 1250.'],
      strays: 0,
    }));
    assert.deepEqual(plan.score(ended), { db_changes: 1, communicate_info: 0, 'pass^1': 0 });
    const told = ended.map((session) => ({ ...session, answers: ['It costs 1,250.'] }));
    assert.deepEqual(plan.score(told), { db_changes: 1, communicate_info: 1, 'pass^1': 1 });
    const twice = told.map((session) => ({
      ...session,
      calls: session.calls.map((call) => ({ ...call, executions: 2 })),
    }));
    assert.deepEqual(plan.score(twice), { db_changes: 0, communicate_info: 1, 'pass^1': 0 });
  });
});

describe('a calling set', () => {
  it('reads questions and dialogues, and tells functions of one name apart', () => {
    const plan = planOf(callingSet);
    assert.equal(plan.format, 'bfcl');
    assert.deepEqual(
      plan.tools.map(({ key, name }) => [key, name]),
      [
        ['kitchen.boil', 'kitchen.boil'],
        ['kitchen.boil#2', 'kitchen.boil'],
        ['kitchen_fry', 'kitchen_fry'],
        ['window', 'window'],
        ['burn', 'burn'],
      ],
    );
    assert.deepEqual(callsOf(plan)[0]?.[0]?.slice(0, 2), ['kitchen.boil', { eggs: 2, softness: 'soft' }]);
    assert.deepEqual(callsOf(plan, 2), []);
  });

  it('plays a dialogue as messages to one session, each call an answer of its own', () => {
    const talk = planOf(callingSet).sessions.at(-1)!;
    assert.deepEqual(talk.tools, ['window']);
    assert.deepEqual(
      talk.runs.map(({ input, answers }) => [input, answers.map((calls) => calls.map(({ end }) => end))]),
      [
        ['Open the window.', [[{ type: 'answered', text: '{"open": true}' }]]],
        ['', []],
        [
          'Close it.',
          [[{ type: 'answered', text: '{"open": false}' }], [{ type: 'answered', text: '{"error": "It is closed."}' }]],
        ],
      ],
    );
  });

  it('takes evenly from all of its rows when there is a limit', () => {
    assert.deepEqual(
      planOf(callingSet, 2).sessions.map(({ id }) => id),
      ['plain_1', 'plain_2', 'talk_1'],
    );
  });
});

describe('chains of calls', () => {
  const tool = (name: string, parameters: object, answer: object): object => ({
    ...{ name, description: name, query_parameters: parameters, output_parameters: answer },
  });
  const chains = {
    'garden.tools.json': [
      tool(
        'Plots.Find',
        { town: { type: 'string', required: true } },
        { plot: { type: 'string' }, owners: { type: 'array' } },
      ),
      tool(
        'Plots.Water',
        {
          area: { type: 'number', required: true },
          who: { type: 'string' },
          day: { allowed_values: ['Mon'], required: true },
        },
        {},
      ),
    ],
    'garden.jsonl': [
      {
        id: 'g1',
        input: 'Water it.',
        calls: [
          { name: 'Plots.Find', arguments: { town: 'Ulm' }, label: 'var1' },
          {
            name: 'Plots.Water',
            arguments: { area: '$var1.size.m2$', who: '$var1.owners[0].name$', day: 'Mon' },
            label: 'var2',
          },
          { name: 'var_result', arguments: { plot: '$var1.plot$', all: '$var2$', gone: '$var9$' } },
        ],
      },
    ],
  };

  it('resolve references to values that fit where they go', () => {
    const plan = planOf(chains);
    assert.equal(plan.format, 'nestful');
    const [[found], [watered]] = callsOf(plan) as [unknown[][], unknown[][]];
    assert.deepEqual(watered?.slice(0, 2), ['Plots.Water', { area: 1, who: 'sample', day: 'Mon' }]);
    const answer = JSON.parse((found![2] as { text: string }).text) as object;
    assert.deepEqual(answer, { plot: 'sample', owners: [{ name: 'sample' }], size: { m2: 1 } });
    assert.equal(plan.sessions[0]?.runs[0]?.say, '{"plot":"sample","all":{},"gone":"$var9$"}');
    assert.deepEqual(plan.notes, ['1 references name no earlier call']);
  });

  it('count what did not come to a tool against the chain', () => {
    const plan = planOf(chains);
    assert.deepEqual(plan.score([]), {
      'garden full match': 0,
      'garden F1 names': 0,
      'garden F1 parameters': 0,
    });
  });
});

describe('frames of a server', () => {
  it('become calls with their results, errors as refusals and unknown names as unknown', () => {
    const call = (id: number, name: string, args: object): object => ({
      dir: 'client',
      frame: { jsonrpc: '2.0', id, method: 'tools/call', params: { name, arguments: args } },
    });
    const answer = (id: number, rest: object): object => ({ dir: 'server', frame: { jsonrpc: '2.0', id, ...rest } });
    const result = { content: [{ type: 'text', text: 'Tick.' }] };
    const plan = planOf({
      'clock.catalogue.json': {
        tools: [
          { name: 'tick', description: 'Ticks.', inputSchema: { type: 'object' }, annotations: { readOnlyHint: true } },
        ],
      },
      'clock.frames.jsonl': [
        call(1, 'tick', {}),
        answer(1, { result }),
        call(2, 'tick', { fast: true }),
        answer(2, { result: { ...result, isError: true } }),
        call(3, 'tock', {}),
        answer(3, { error: { code: -32602, message: 'no' } }),
      ],
    });
    assert.equal(plan.format, 'mcp');
    assert.deepEqual(
      callsOf(plan).map(([first]) => [first![0], (first![2] as { type: string }).type]),
      [
        ['tick', 'answered'],
        ['tick', 'refused'],
        ['tock', 'unknown'],
      ],
    );
    assert.equal(plan.tools[0]?.effect, 'read');
  });
});

describe('what models did', () => {
  it('keeps invented names, broken arguments and whole sessions as they are', () => {
    const plan = planOf({
      'traces.jsonl': [
        {
          id: 'a',
          query: 'Knit.',
          tools: [
            {
              name: 'knit',
              description: 'Knits.',
              parameters: { type: 'object', properties: { rows: { type: 'integer' } }, required: ['rows'] },
            },
          ],
          calls: [
            { name: 'crochet', in_catalogue: false },
            { name: 'knit', in_catalogue: true, arguments: '{"rows": 3' },
            { name: 'knit', in_catalogue: true },
          ],
        },
      ],
      'whole.jsonl': [
        {
          id: 'b',
          messages: [
            { role: 'system', content: 'Be brief.' },
            { role: 'user', content: 'Go.' },
            {
              role: 'assistant',
              content: 'Well.',
              tool_calls: [{ id: 'c1', function: { name: 'walk', arguments: '{"far":true}' } }],
            },
            { role: 'tool', tool_call_id: 'c1', content: 'Walked.' },
            { role: 'assistant', content: 'Gone.' },
          ],
        },
      ],
    });
    assert.equal(plan.format, 'llm-protocol');
    assert.deepEqual(callsOf(plan).flat(), [
      ['crochet', {}, { type: 'unknown' }],
      ['knit', '{"rows": 3', { type: 'unreadable' }],
      ['knit', { rows: 1 }, { type: 'answered', text: '{"called":"knit"}' }],
    ]);
    assert.deepEqual(callsOf(plan, 1).flat(), [['walk', '{"far":true}', { type: 'answered', text: 'Walked.' }]]);
    assert.equal(plan.sessions[1]?.runs[0]?.say, 'Gone.');
  });
});

describe('a list of strings', () => {
  it('goes through an echo, some of them beside each other', () => {
    const plan = planOf({ 'odd.json': Array.from({ length: 9 }, (_, index) => `\u0000${index}\u202e`) });
    assert.deepEqual([plan.format, plan.sessions.length, callsOf(plan)[0]?.length], ['strings', 2, 8]);
  });
});

describe('a set of questions over many tools', () => {
  it('is measured by what the index picks', () => {
    const corpus = Array.from({ length: 30 }, (_, index) => ({
      ...{ id: `shop/${index}`, tool: 'shop', name: `thing ${index}` },
      ...{
        description: index === 7 ? 'Weighs parcels of pottery.' : 'Does something else.',
        required: [],
        optional: [],
      },
    }));
    const queries = [
      { id: 'q1', query: 'How heavy is this parcel with pottery?', relevant: ['shop/7'] },
      { id: 'q2', query: 'pottery', relevant_any: [['shop/7', 'shop/8'], ['shop/29']] },
      { id: 'q3', query: 'none', relevant: [] },
    ];
    const folder = new Folder(writeFolder({ 'corpus.jsonl': corpus, 'queries_few.jsonl': queries }));
    const reading = formatOf(folder).read(folder, manyMax);
    assert.equal(reading.type, 'direct');
    const figures = (reading as { measure: () => Record<string, number> }).measure();
    assert.deepEqual(
      [
        figures['tools'],
        figures['queries_few questions'],
        figures['queries_few recall@10'],
        figures['queries_few complete@10'],
      ],
      [30, 2, 0.75, 0.5],
    );
    assert.ok(figures['tokens of all tools']! > figures['tokens of the ten']!);
  });
});

describe('a folder that cannot be used', () => {
  const faultOf = (act: () => unknown) => {
    try {
      act();
    } catch (error) {
      assert.ok(isFault(error));
      return error;
    }
    return assert.fail('nothing was refused');
  };

  it('is refused with all that was looked for when it has no known format', () => {
    const fault = faultOf(() => formatOf(new Folder(writeFolder({ 'README.md': 'Hello.', 'x.jsonl': '[1]\n' }))));
    assert.equal(fault.reason, 'FORMAT_UNKNOWN');
    for (const word of ['oracle.jsonl', 'corpus.jsonl', 'NAME.frames.jsonl', 'README.md']) {
      assert.ok(`${fault.message} ${fault.hint}`.includes(word), word);
    }
  });

  it('is refused with the file and row that break its format', () => {
    const files = {
      ...libraryDomain,
      'oracle.jsonl': `${JSON.stringify(libraryDomain['oracle.jsonl'][0])}\n{"id":"t2"}\n`,
    };
    assert.match(faultOf(() => planOf(files)).message, /^oracle.jsonl row 2 has no list of objects actions/);
    const broken = {
      ...libraryDomain,
      'oracle.jsonl': `${JSON.stringify(libraryDomain['oracle.jsonl'][0])}\n{"id":\n`,
    };
    assert.match(faultOf(() => planOf(broken)).message, /oracle.jsonl:2 is not JSON/);
    assert.equal(faultOf(() => planOf({ ...libraryDomain, 'tools.json': [] })).reason, 'ROW_MALFORMED');
    assert.equal(faultOf(() => new Folder('/nowhere/at/all')).reason, 'FOLDER_UNREADABLE');
  });

  it('is skipped with the reason when nothing can run it', () => {
    const dump = '-- a shop\nCREATE TABLE shelf (id int);\nCOPY shelf (id) FROM stdin;\n1\n\\.\n';
    const folder = new Folder(writeFolder({ 'shop.sql': dump }));
    assert.deepEqual(formatOf(folder).read(folder, manyMax), {
      type: 'skipped',
      reason: 'shop.sql has rows for COPY; dump it with --inserts',
    });
  });
});
