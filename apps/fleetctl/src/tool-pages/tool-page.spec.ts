import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { ManifestFile } from '@toolfleet/platform/catalog';
import { findManifestFiles, readManifestFiles, readManifests } from '@toolfleet/platform/catalog';
import { stringify } from 'yaml';
import { code, fenced, paragraphs, plainText } from './markdown-text.js';
import { parameterRows } from './parameter-rows.js';
import { toolPages } from './tool-page.js';
import { writePages } from './write-pages.js';

let folder: string;
before(async () => (folder = await mkdtemp(join(tmpdir(), 'pages-'))));
after(() => rm(folder, { recursive: true }));

const toolFile = (name: string, spec: object): ManifestFile => ({
  path: `${name}.yaml`,
  text: stringify({
    ...{ apiVersion: 'toolfleet.dev/v1', kind: 'Tool', metadata: { name, owner: 'team | <b>' } },
    spec: { class: 'read', effect: 'read', http: { upstream: 'shop', method: 'GET', path: '/x' }, ...spec },
  }),
});

function pagesOf(...files: readonly ManifestFile[]) {
  const { manifests, problems } = readManifests(files);
  assert.deepEqual(problems, []);
  return toolPages(manifests.map(({ manifest }) => manifest));
}

const naughty = [
  '<script>alert(1)</script>',
  '](javascript:alert(1)) [x](javascript:alert(1))',
  '![x](http://evil/pixel.png)',
  '| a | b |\n|---|---|\n| c | d |',
  '# heading\n## another\n===\n---',
  '```\nfence\n```',
  '`code` ``two``',
  '&lt;b&gt; &#60;i&#62; &amp;',
  '\u202Eright to left\u2066 \u0007 bell \ufeff',
  'a\\|b \\',
  '- list\n1. one\n> quote\n+ plus',
  '<!-- comment --> <![CDATA[x]]> <?php ?>',
  '$$x^2$$ ~~gone~~ __bold__ **bold** _it_',
  '\ud800 lone',
];

test('text of a manifest is text on a page: no tag, link, table, heading, list or fence comes of it', () => {
  for (const text of naughty) {
    for (const shown of [plainText(text), paragraphs(text)]) {
      assert.doesNotMatch(shown, /<(?!br>)/, text);
      assert.doesNotMatch(shown, /(?<!\\)[`[\]*]/, text);
      assert.doesNotMatch(shown, /\|/, text);
      assert.doesNotMatch(shown, /^\s*(?:[#>+=-]|\d+[.)])/m, text);
      assert.doesNotMatch(shown, /&(?!amp;|lt;|#124;)/, text);
      assert.doesNotMatch(shown.replaceAll('\n', ''), /[\u202a-\u202e\u2066-\u2069\p{Cc}\ufeff]/u, text);
      assert.ok(shown.isWellFormed(), text);
    }
    assert.match(code(text), /^(?:`[^`|\\]*`|<code>(?:[\p{L}\p{N} ]|&#\d+;)*<\/code>)$/u, text);
  }
  assert.equal(plainText('The order_id of an order, e.g. #W1'), 'The order_id of an order, e.g. #W1');
  assert.equal(paragraphs('One.\n\nTwo:\n- a\n- b'), 'One.\n\nTwo:\\\n\\- a\\\n\\- b');
  assert.ok(fenced('````', 'json').startsWith('`````json\n'));
});

test('a page of naughty texts keeps the form of every other page', () => {
  for (const text of naughty.map((one) => one.toWellFormed())) {
    const parameters = { type: 'object', properties: { [text]: { type: 'string', description: text, enum: [text] } } };
    const [index, page] = pagesOf(toolFile('naughty', { description: text, parameters }));
    assert.deepEqual(page!.text.match(/^#.*$/gm), ['# naughty', '## Parameters', '## Example'], text);
    const rows = page!.text.split('\n').filter((line) => line.startsWith('| '));
    assert.equal(rows.length, 3, text);
    for (const row of rows) assert.equal(row.match(/(?<!\\)\|/g)?.length, 5, row);
    assert.match(
      index!.text,
      /^\| \[naughty\]\(tools\/naughty\.md\) \| read +\| low +\| `read` \| team &#124; &lt;b> \|/m,
    );
  }
});

test('a page tells purpose, parameters within parameters, bounds, effect, limits, owner and an example that fits', () => {
  const item = {
    type: 'object',
    properties: { sku: { type: 'string', pattern: '^[A-Z]' }, count: { type: 'integer', minimum: 1, default: 2 } },
    required: ['sku'],
  };
  const parameters = {
    type: 'object',
    required: ['id', 'items'],
    properties: {
      id: { type: 'string', description: 'Number of the order.', examples: ['W1'] },
      items: { type: 'array', items: { $ref: '#/$defs/item' } },
      note: { anyOf: [{ type: 'string' }, { type: 'null' }] },
    },
    $defs: { item: { ...item, properties: { ...item.properties, sku: { type: 'string', examples: ['A-1'] } } } },
  };
  const spec = {
    ...{
      description: 'Changes an order. More.',
      effect: 'write',
      class: 'write',
      riskTier: 'high',
      visibility: 'hidden',
    },
    ...{ conflictKey: 'order-{id}', timeoutMs: 1_500, observation: { select: 'a.b', shape: 'table' }, parameters },
  };
  const upstream = {
    path: 'u.yaml',
    text: stringify({
      apiVersion: 'toolfleet.dev/v1',
      kind: 'Upstream',
      metadata: { name: 'shop' },
      spec: {
        baseUrl: '${TOOLFLEET_SHOP}/v1',
        credential: { headers: { authorization: 'Bearer {env:TOOLFLEET_CREDENTIAL_SHOP}' } },
      },
    }),
  };
  const [index, page] = pagesOf(toolFile('change_order', spec), upstream);
  for (const line of [
    '- **Effect**: write, run once',
    '- **Risk**: high',
    '- **Visibility**: hidden: deprecated, no new session is given it',
    '- **Class**: `write`: Changes, each run once.',
    '- **Time limit**: 1500 ms',
    '- **One at a time**: calls of one key `order-{id}` run one after another',
    '- **Runs at**: `GET /x` of `shop` at `${TOOLFLEET_SHOP}/v1`',
    '- **Answer**: at most 65536 bytes and 8000 tokens, as table, only `a.b` of it',
    '| `id`            | string         | yes      | Number of the order.   |',
    '| `items`         | list of object | yes      |                        |',
    '| `items[].sku`   | string         | yes      |                        |',
    '| `items[].count` | integer        |          | `from 1`, `default 2` |',
    '| `note`          | string or null |          |                        |',
  ]) {
    const squeezed = (text: string) => text.replaceAll(/ +/g, ' ');
    assert.ok(squeezed(page!.text).includes(squeezed(line)), `${line}\n${page!.text}`);
  }
  const example = JSON.parse(/```json\n([\s\S]*?)\n```/.exec(page!.text)![1]!) as object;
  assert.deepEqual(example, { name: 'change_order', arguments: { id: 'W1', items: [{ sku: 'A-1' }] } });
  assert.match(index!.text, /\(hidden\) Changes an order\. \|/);
  assert.doesNotMatch(page!.text + index!.text, /CREDENTIAL/);
});

test('a schema that holds itself ends, and says that more stands in the manifest', () => {
  const node = { type: 'object', properties: { name: { type: 'string' }, child: { $ref: '#/$defs/node' } } };
  const { rows, cut } = parameterRows({
    type: 'object',
    properties: { root: { $ref: '#/$defs/node' } },
    $defs: { node },
  });
  assert.deepEqual(
    rows.map(({ path }) => path),
    ['root', 'root.name', 'root.child'],
  );
  assert.equal(cut, true);
  const many = Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`p${at}`, { type: 'string' }]));
  assert.deepEqual(
    [parameterRows({ properties: many }).rows.length, parameterRows({ properties: many }).cut],
    [300, true],
  );
  assert.equal(parameterRows({ properties: { a: { $ref: '#/nowhere' }, b: { $ref: 'http://x' } } }).rows.length, 2);
});

test('the same manifests give the same bytes in any order, and an example for every shipped tool', async () => {
  const directory = fileURLToPath(new URL('../../../../examples/retail/catalog/', import.meta.url));
  const { manifests } = readManifests(await readManifestFiles(await findManifestFiles([directory])));
  const all = manifests.map(({ manifest }) => manifest);
  const pages = toolPages(all);
  assert.deepEqual(toolPages(all.toReversed()), pages);
  assert.equal(pages.length, 17);
  for (const { path, text } of pages.slice(1)) assert.match(text, /## Example/, path);
});

test('pages of an earlier run go away, those of others stay, and a file of such a name stops everything', async () => {
  const [one, two] = [toolFile('Get', { description: 'a' }), toolFile('get', { description: 'b' })];
  const first = await writePages(folder, pagesOf(one, two));
  assert.deepEqual(first.written, ['index.md', 'tools/Get.md', 'tools/get.2.md']);
  await writeFile(join(folder, 'tools', 'mine.md'), '# Mine\n');
  const second = await writePages(folder, pagesOf(one));
  assert.deepEqual(second.removed, ['tools/get.2.md']);
  assert.equal(await readFile(join(folder, 'tools', 'mine.md'), 'utf8'), '# Mine\n');
  const before = await readFile(join(folder, 'index.md'), 'utf8');
  await assert.rejects(writePages(folder, pagesOf(one, toolFile('mine', { description: 'c' }))), {
    reason: 'PAGES_DIFFER',
  });
  await symlink('/tmp/nowhere', join(folder, 'tools', 'linked.md'));
  await assert.rejects(writePages(folder, pagesOf(toolFile('linked', { description: 'c' }))), {
    reason: 'PAGES_DIFFER',
  });
  assert.equal(await readFile(join(folder, 'index.md'), 'utf8'), before);
});
