/** What real servers sent comes out as they sent it: their tools, and call for call what each answered. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, it } from 'node:test';
import { call, connectionTo } from './mcp-server.fixture.js';

interface Frame {
  readonly id?: number;
  readonly method?: string;
  readonly params?: { readonly name?: string; readonly arguments?: Record<string, unknown> };
  readonly result?: { readonly tools?: readonly { readonly name: string }[] };
}

const fileOf = (server: string) =>
  fileURLToPath(new URL(`../../fixtures/mcp-servers/${server}.frames.jsonl`, import.meta.url));

/** Sends what was recorded after the like request, with everything that came before the answer. */
const replay = `
const frames = require('node:fs').readFileSync(process.argv[1], 'utf8').trim().split('\\n').map((line) => JSON.parse(line));
const send = (frame) => process.stdout.write(JSON.stringify(frame) + '\\n');
const same = (a, b) => a.method === b.method && JSON.stringify([a.params?.name, a.params?.arguments]) === JSON.stringify([b.params?.name, b.params?.arguments]);
require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const request = JSON.parse(line);
  if (request.id === undefined || !request.method) return;
  const at = frames.findIndex(({ dir, frame }) => dir === 'client' && frame.id !== undefined && same(frame, request));
  if (at < 0) return send({ jsonrpc: '2.0', id: request.id, error: { code: -32601, message: 'not recorded' } });
  for (const { dir, frame } of frames.slice(at + 1)) {
    if (dir === 'client') continue;
    if (frame.id === frames[at].frame.id && !frame.method) return send({ ...frame, id: request.id });
    send(frame);
  }
});
`;

describe('recorded MCP servers', () => {
  for (const server of ['server-everything', 'server-filesystem', 'server-memory']) {
    const recorded = readFileSync(fileOf(server), 'utf8').trim().split('\n');
    const frames = recorded.map((line) => JSON.parse(line) as { dir: string; frame: Frame });
    const answerTo = ({ id }: Frame) =>
      frames.find(({ dir, frame }) => dir === 'server' && frame.id === id && !frame.method)!.frame.result!;

    it(`${server} has the tools and gives the answers that it gave`, async () => {
      const args = ['-e', replay, fileOf(server)];
      const connection = connectionTo({ kind: 'stdio', command: process.execPath, args, environment: {} });
      const list = frames.find(({ dir, frame }) => dir === 'client' && frame.method === 'tools/list')!.frame;
      const tools = await connection.tools(call(''));
      assert.deepEqual(
        tools.map(({ name }) => name),
        answerTo(list).tools!.map(({ name }) => name),
      );
      for (const { dir, frame } of frames) {
        if (dir !== 'client' || frame.method !== 'tools/call') continue;
        // oxlint-disable-next-line no-await-in-loop -- as it was recorded
        const result = await connection.call(call(frame.params!.name!, frame.params!.arguments));
        assert.deepEqual(result, answerTo(frame));
      }
      await connection.close();
    });
  }
});
