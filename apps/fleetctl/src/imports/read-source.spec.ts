import assert from 'node:assert/strict';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { openApiImport } from './openapi-import.js';
import { readSource, sourceBytesMax } from './read-source.js';

const yaml = `
openapi: 3.1.0
info: { title: Pets, version: '1' }
paths:
  /pets: { get: { operationId: listPets } }
`;

let folder: string;
before(async () => (folder = await mkdtemp(join(tmpdir(), 'openapi-'))));
after(() => rm(folder, { recursive: true }));

async function read(content: string | Uint8Array) {
  const path = join(folder, 'document');
  await writeFile(path, content);
  return readSource(path);
}

async function serving<T>(answer: RequestListener, act: (url: string) => Promise<T>): Promise<T> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    return await act(`http://127.0.0.1:${(server.address() as AddressInfo).port}/api.yaml`);
  } finally {
    server.close();
  }
}

describe('readSource', () => {
  it('reads JSON and YAML, plain and gzipped, from files', async () => {
    const { parsed } = await read(yaml);
    assert.equal((parsed as { openapi: string }).openapi, '3.1.0');
    for (const content of [gzipSync(yaml), JSON.stringify(parsed), gzipSync(JSON.stringify(parsed)), `\uFEFF${yaml}`]) {
      // oxlint-disable-next-line no-await-in-loop -- all write the same file
      assert.deepEqual((await read(content)).parsed, parsed);
    }
  });

  it('reads from a URL, and says where a redirect would lead instead of following it', async () => {
    const found = await serving((_, response) => response.end(yaml), readSource);
    assert.match(found.url!, /^http:\/\/127\.0\.0\.1:\d+\/api\.yaml$/);
    assert.match(found.sha256, /^[0-9a-f]{64}$/);
    const moved: RequestListener = (_, response) => response.writeHead(302, { location: 'http://else.where/' }).end();
    await assert.rejects(serving(moved, readSource), { reason: 'SOURCE_REFUSED', hint: /else\.where/ });
    await assert.rejects(readSource('http://user:secret@127.0.0.1/'), { kind: 'invalid', reason: 'SOURCE_INVALID' });
  });

  it('refuses what is larger than it may be, also when it grows while it is unpacked or sent', async () => {
    const path = join(folder, 'large');
    await writeFile(path, '');
    await truncate(path, 100 * 1024 * 1024);
    await assert.rejects(readSource(path), { kind: 'invalid', reason: 'SOURCE_TOO_LARGE' });
    await assert.rejects(read(gzipSync(Buffer.alloc(sourceBytesMax + 1))), { reason: 'SOURCE_TOO_LARGE' });
    const large: RequestListener = (_, response) => response.end(Buffer.alloc(sourceBytesMax + 1));
    await assert.rejects(serving(large, readSource), { reason: 'SOURCE_TOO_LARGE' });
  });

  it('refuses aliases that expand into more than anyone wrote, and those that hold themselves', async () => {
    const levels = ['a: &a [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]'];
    for (const [at, name] of [...'bcdefghi'].entries()) {
      const below = `*${'abcdefgh'[at]}`;
      levels.push(`${name}: &${name} [${Array<string>(10).fill(below).join(', ')}]`);
    }
    await assert.rejects(read(`openapi: 3.0.0\n${levels.join('\n')}\n`), { reason: 'SOURCE_UNREADABLE' });
    const itself = async () => openApiImport(await read('&all\nopenapi: 3.0.0\npaths: { /a: *all }\n'), 'a', {});
    await assert.rejects(itself(), { kind: 'invalid' });
  });

  it('refuses what is no document, and says so', async () => {
    await assert.rejects(read('a: [1'), { kind: 'invalid', reason: 'SOURCE_UNREADABLE' });
    await assert.rejects(read(gzipSync(yaml).subarray(0, 40)), { kind: 'invalid', reason: 'SOURCE_UNREADABLE' });
    await assert.rejects(read('['.repeat(1_000_000)), { kind: 'invalid', reason: 'SOURCE_UNREADABLE' });
    await assert.rejects(readSource(folder), { kind: 'invalid', reason: 'SOURCE_INVALID' });
    await assert.rejects(readSource(join(folder, 'absent')), { kind: 'missing', reason: 'SOURCE_MISSING' });
  });
});
