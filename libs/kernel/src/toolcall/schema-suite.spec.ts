import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { isFault } from '../fault.js';
import { ArgumentValidators, type FormatMode } from './schema.js';

interface Group {
  readonly id: string;
  readonly optional: boolean;
  readonly schema: unknown;
  readonly tests: readonly { readonly description: string; readonly data: unknown; readonly valid: boolean }[];
}

const file = (name: string) => new URL(`../../fixtures/json-schema/${name}`, import.meta.url);
const groupsOf = (draft: string): Group[] =>
  readFileSync(file(`${draft}.jsonl`), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Group);

/** Tools have objects for schemas, and say which draft they are of when it is not 2020-12. */
function schemaOf({ schema }: Group, $schema: string): Record<string, unknown> {
  return typeof schema === 'boolean' ? { $schema, allOf: [schema] } : { $schema, ...(schema as object) };
}

/** What a group's verdicts differ in, or the reason why its schema is not taken. */
function judged(
  group: Group,
  $schema: string,
  validators: ArgumentValidators,
): string[] | { readonly refused: string } {
  try {
    const validate = validators.compile({ name: group.id, parameters: schemaOf(group, $schema) });
    return group.tests.filter(({ data, valid }) => validate(data) !== valid).map(({ description }) => description);
  } catch (error) {
    assert.ok(isFault(error) && error.kind === 'invalid', group.id);
    return { refused: error.reason };
  }
}

function suite(draft: string, $schema: string, formats: FormatMode, isIn: (group: Group) => boolean) {
  const groups = groupsOf(draft).filter(isIn);
  const validators = new ArgumentValidators(formats);
  const wrong: string[] = [];
  const refused: string[] = [];
  for (const group of groups) {
    const verdict = judged(group, $schema, validators);
    if (!Array.isArray(verdict)) refused.push(group.id);
    else wrong.push(...verdict.map((description) => `${group.id}: ${description}`));
  }
  return { groups: groups.length, wrong, refused };
}

const drafts: Readonly<Record<string, { readonly $schema: string; readonly refusedGroups: readonly string[] }>> = {
  'draft2020-12': {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    refusedGroups: [
      ...[0, 11, 13, 14, 15, 16, 17, 18, 7, 8, 9].map((index) => `dynamicRef#${index}`),
      'properties#5',
      'ref#15',
      ...[1, 11, 12, 13, 14, 2, 5, 8].map((index) => `refRemote#${index}`),
      ...[12, 13, 15, 24, 26, 3, 8, 9].map((index) => `unevaluatedItems#${index}`),
      ...[15, 16, 39].map((index) => `unevaluatedProperties#${index}`),
      ...['vocabulary#0', 'vocabulary#1'],
    ],
  },
  draft7: {
    $schema: 'http://json-schema.org/draft-07/schema#',
    refusedGroups: ['properties#5', 'ref#6', ...[1, 10, 4, 7].map((index) => `refRemote#${index}`)],
  },
};

/** Not asserted, or less strictly than the suite has it: quoted parts of addresses, names and addresses beyond ASCII. */
const leftOpen = ['email', 'idn-email', 'idn-hostname', 'iri'];

describe('the validator and the public suite of its drafts', () => {
  for (const [draft, { $schema, refusedGroups }] of Object.entries(drafts)) {
    it(`agree on what ${draft} demands, and the schemas that are not taken are of the keywords that are refused`, () => {
      const { groups, wrong, refused } = suite(draft, $schema, 'annotate', ({ optional }) => !optional);
      assert.ok(groups > 100);
      assert.deepEqual(wrong, []);
      assert.deepEqual(refused, refusedGroups);
    });
  }

  it('agree on formats where they are asserted, as they are for tools', () => {
    for (const [draft, { $schema }] of Object.entries(drafts)) {
      const isFormat = ({ id, optional }: Group): boolean => optional && id.startsWith('optional/format/');
      const { groups, wrong, refused } = suite(draft, $schema, 'assert', isFormat);
      assert.ok(groups > 5);
      assert.deepEqual(refused, []);
      assert.deepEqual(
        wrong.filter((test) => !leftOpen.some((format) => test.includes(`/${format}#`))),
        [],
      );
    }
  });
});
