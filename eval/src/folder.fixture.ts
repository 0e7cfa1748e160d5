/** Folders with invented content, gone after the tests of a file. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after } from 'node:test';

const root = mkdtempSync(join(tmpdir(), 'eval-'));
after(() => rmSync(root, { recursive: true, force: true }));
let count = 0;

/** A list is written as one JSON object a line where the name says so, anything else as JSON, and a text as it is. */
export function writeFolder(files: Readonly<Record<string, unknown>>): string {
  const folder = join(root, `folder-${(count += 1)}`);
  mkdirSync(folder);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), textOf(name, content));
  }
  return folder;
}

function textOf(name: string, content: unknown): string {
  if (typeof content === 'string') return content;
  if (name.endsWith('.jsonl') && Array.isArray(content))
    return content.map((row) => `${JSON.stringify(row)}\n`).join('');
  return JSON.stringify(content);
}

const functionTool = (name: string, properties: object, required: readonly string[]): object => ({
  type: 'function',
  function: { name, description: `The tool ${name}.`, parameters: { type: 'object', properties, required } },
});

/** A domain that nobody published: a library that lends books. */
export const libraryDomain = {
  'tools.json': [
    functionTool('find_book', { title: { type: 'string' } }, ['title']),
    functionTool('lend_book', { book_id: { type: 'string' }, days: { type: 'integer' } }, ['book_id', 'days']),
  ],
  'tasks.jsonl': [
    {
      id: 't1',
      user_scenario: { instructions: { reason_for_call: 'Lend me the book about ferns.', known_info: 'None.' } },
    },
    { id: 't2', user_scenario: { instructions: 'Is there a book about moss?' } },
  ],
  'oracle.jsonl': [
    {
      id: 't1',
      actions: [
        {
          requestor: 'assistant',
          name: 'find_book',
          arguments: { title: 'Moss' },
          error: true,
          result: 'Error: no such book',
        },
        {
          requestor: 'assistant',
          name: 'find_book',
          arguments: { title: 'Ferns' },
          error: false,
          result: '{"book_id": "b7"}',
        },
        { requestor: 'user', name: 'open_door', arguments: {}, error: false, result: 'ok' },
        {
          requestor: 'assistant',
          name: 'lend_book',
          arguments: { book_id: 'b7', days: 14 },
          error: false,
          result: '{"due": "2031-04-02", "fee": 1.50}',
        },
      ],
      db_changes: [['books', 'b7', { lent: true }]],
      communicate_info: ['1,250'],
    },
    {
      id: 't2',
      actions: [
        { requestor: 'assistant', name: 'find_book', arguments: { title: 'Mosses' }, error: false, result: 'none' },
      ],
      db_changes: [],
      communicate_info: [],
    },
  ],
} as const;

/** Questions with right calls, and a dialogue with recorded results, all invented. */
export const callingSet = {
  'plain.jsonl': [
    {
      id: 'plain_1',
      question: [[{ role: 'user', content: 'Boil two eggs softly.' }]],
      function: [
        {
          name: 'kitchen.boil',
          description: 'Boils eggs.',
          parameters: {
            type: 'dict',
            properties: {
              eggs: { type: 'integer' },
              softness: { type: 'string', enum: ['soft', 'hard'] },
              minutes: { type: 'float' },
            },
            required: ['eggs'],
          },
        },
      ],
      ground_truth: [{ 'kitchen.boil': { eggs: [2], softness: ['soft'], minutes: [4, ''] } }],
    },
    {
      id: 'plain_2',
      question: [[{ role: 'user', content: 'Boil six eggs, please.' }]],
      function: [
        {
          name: 'kitchen.boil',
          description: 'Boils eggs in a pot.',
          parameters: { type: 'dict', properties: { eggs: { type: 'string' } }, required: ['eggs'] },
        },
      ],
      ground_truth: [{ 'kitchen.boil': { eggs: [6] } }],
    },
    {
      id: 'plain_3',
      question: [[{ role: 'user', content: 'Sing a song.' }]],
      function: [{ name: 'kitchen_fry', description: 'Fries.', parameters: { type: 'dict', properties: {} } }],
      ground_truth: [],
    },
  ],
  'talks.jsonl': [
    {
      id: 'talk_1',
      question: [[{ role: 'user', content: 'Open the window.' }], [], [{ role: 'user', content: 'Close it.' }]],
      involved_classes: ['HouseAPI'],
      excluded_function: ['burn'],
      ground_truth: [
        [{ name: 'window', arguments: { open: true }, class: 'HouseAPI', result: '{"open": true}' }],
        [],
        [
          { name: 'window', arguments: { open: false }, class: 'HouseAPI', result: '{"open": false}' },
          { name: 'window', arguments: { open: false }, class: 'HouseAPI', result: '{"error": "It is closed."}' },
        ],
      ],
    },
  ],
  'documents/house.jsonl': [
    {
      name: 'window',
      description: 'Moves it.',
      parameters: { type: 'dict', properties: { open: { type: 'boolean' } }, required: ['open'] },
    },
    { name: 'burn', description: 'Burns all.', parameters: { type: 'dict', properties: {} } },
  ],
} as const;
