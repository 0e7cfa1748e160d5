/** docs/governance.md promises a test for each rule: the file is there, and a test of that title in it. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url));
const rowsLeast = 10;

interface Row {
  readonly rule: string;
  readonly held: readonly { readonly file: string; readonly titles: readonly string[] }[];
}

/** ``| rule | `file`: title; title |``, titles also in quotes, and several files one after another; none: all of the file. */
function rowsOf(text: string): Row[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('|') && !/^\|[\s-]+\|/.test(line) && !/^\| rule\s/.test(line))
    .map((line) => {
      const [, rule = '', cell = ''] = line.split(/(?<!\\)\|/).map((each) => each.trim());
      const held = [...cell.matchAll(/`([^`]+\.tsx?)`:?\s*(.*?)(?=[\s;,]*(?:<br\s*\/?>)?\s*`[^`]+\.tsx?`|$)/g)];
      return { rule, held: held.map(([, file = '', titles = '']) => ({ file, titles: titlesOf(titles) })) };
    });
}

function titlesOf(text: string): string[] {
  const quoted = [...text.matchAll(/"([^"]+)"/g)].map(([, title]) => title!);
  return text.startsWith('"') ? quoted : [text];
}

/** As a reader compares them: quotes are quotes, and a source may escape them. */
const plain = (text: string): string =>
  text
    .replaceAll('\\', '')
    .replaceAll(/[‘’'"`“”]/g, "'")
    .replaceAll(/\s+/g, ' ')
    .toLowerCase();

function missingIn(file: string, titles: readonly string[]): string[] {
  const source = plain(readFileSync(root(file), 'utf8'));
  // `…` stands for what a test's title takes from its row of a table.
  const isThere = (title: string): boolean => title.split('…').every((part) => source.includes(plain(part.trim())));
  return titles.filter((title) => !isThere(title)).flatMap((title) => title.split('; ').filter((one) => !isThere(one)));
}

describe('docs/governance.md', () => {
  const rows = rowsOf(readFileSync(root('docs/governance.md'), 'utf8'));

  it('has rules', () => assert.ok(rows.length >= rowsLeast, `only ${rows.length} rows were read`));

  for (const row of rows) {
    it(`says what holds: ${row.rule}`, () => {
      assert.ok(row.held.length > 0, `${row.rule} names no test file`);
      for (const { file, titles } of row.held) {
        assert.ok(existsSync(root(file)), `${file} is not there`);
        assert.ok(titles.length > 0, `no title is named in ${file}`);
        assert.deepEqual(missingIn(file, titles), [], `${file} has no test of that title`);
      }
    });
  }
});
