/** Every tool that real MCP servers list becomes one that the catalogue accepts, or is reported with a reason. */
import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { describe, it } from 'node:test';
import { mcpImport } from './mcp-import.js';
import { readSource } from './read-source.js';

const folder = fileURLToPath(new URL('../../fixtures/mcp-servers/', import.meta.url));
const listed = { 'server-everything': 14, 'server-filesystem': 14, 'server-memory': 9, 'mcp-server-fetch': 1 };

describe('importing the lists of real MCP servers', () => {
  for (const [server, count] of Object.entries(listed)) {
    it(`gives every tool of ${server} a manifest or a reason`, async () => {
      const document = await readSource(`${folder}${server}.catalogue.json`);
      const { tools, reported, upstreams } = await mcpImport({ kind: 'recorded', document }, 'list.json', {});
      assert.equal(tools.length + reported.length, count);
      for (const { reason } of reported) assert.equal(reason, 'the server runs it only as a task');
      assert.deepEqual(
        upstreams.map(({ kind }) => kind),
        ['McpServer'],
      );
    });
  }
});
