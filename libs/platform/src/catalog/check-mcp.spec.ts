import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { McpServerSpec } from '@toolfleet/kernel';
import type { LoadOptions } from './load-catalogue.js';
import { loadCatalogue } from './load-catalogue.js';

const options: LoadOptions = {
  toolClasses: ['read', 'write'],
  variable: () => 'http://127.0.0.1:9001',
  variablesAllowed: ['SHOP_URL'],
  ofOperators: (file) => file.startsWith('operators/'),
};
const upstream = `{ apiVersion: toolfleet.dev/v1, kind: Upstream, metadata: { name: shop-api },
  spec: { baseUrl: 'http://a' } }`;
const mcpTool = `{ apiVersion: toolfleet.dev/v1, kind: Tool, metadata: { name: read_file },
  spec: { description: Reads., class: read, effect: read, driver: mcp, mcp: { server: files } } }`;
const mcpFiles = (spec: string, { name = 'files', path = 'operators/mcp.yaml', tool = mcpTool } = {}) => {
  const server = `{ apiVersion: toolfleet.dev/v1, kind: McpServer, metadata: { name: ${name} }, spec: ${spec} }`;
  const result = loadCatalogue(
    [
      { path: 'shop.yaml', text: upstream },
      { path, text: `${server}\n---\n${tool}` },
    ],
    options,
  );
  return result.ok ? result.catalogue.manifests : result.problems.map(({ reason }) => reason).join('\n');
};

test('an MCP server is reached in one of two ways, and its variables are those of the deployment', () => {
  const overHttp = mcpFiles("{ http: { url: '${SHOP_URL}/mcp' } }", { path: 'mcp.yaml' });
  assert.ok(Array.isArray(overHttp), String(overHttp));
  const server = overHttp.find(({ kind }) => kind === 'McpServer')!.spec as McpServerSpec;
  assert.equal(server.http!.url, 'http://127.0.0.1:9001/mcp');
  assert.ok(Array.isArray(mcpFiles("{ stdio: { command: node, args: ['${SHOP_URL}', '--for={tenant}'] } }")));
  assert.match(String(mcpFiles('{}')), /needs one of http and stdio, and not both/);
  assert.match(String(mcpFiles('{ stdio: { command: a }, http: { url: "http://a" } }')), /and not both/);
  assert.match(String(mcpFiles("{ http: { url: 'http://a/?key=1' } }")), /without query and credentials/);
});

test('only operators start processes, and none that would load other code or show its secrets', () => {
  const of = (spec: string) => String(mcpFiles(`{ stdio: { command: node, ${spec} } }`));
  assert.match(String(mcpFiles('{ stdio: { command: node } }', { path: 'mcp.yaml' })), /OPERATOR_DIR/);
  assert.match(of('env: { NODE_OPTIONS: -r=x }'), /env\.NODE_OPTIONS: would let the process load other code/);
  assert.match(of("args: ['{env:TOOLFLEET_CREDENTIAL_A}']"), /args\.0: there is no \{env:.*; there are \{tenant\}$/m);
  assert.match(of("args: ['{user}']"), /there is no \{user\}/);
  assert.match(of("env: { KEY: '{env:PATH}' }"), /there is no \{env:PATH\}/);
});

test('the successor of a tool is another tool that is there', () => {
  const http = "{ http: { url: 'http://a' } }";
  const successor = (name: string) => mcpTool.replace('effect: read,', `effect: read, successor: ${name},`);
  assert.match(String(mcpFiles(http, { tool: successor('gone') })), /successor: there is no Tool "gone"/);
  assert.match(String(mcpFiles(http, { tool: successor('read_file') })), /successor: is the tool itself/);
});

test('a tool of an MCP server names one that is there, and no other kind has the name', () => {
  const http = "{ http: { url: 'http://a' } }";
  assert.match(String(mcpFiles(http, { name: 'other' })), /mcp\.server: there is no McpServer "files"/);
  const taken = mcpTool.replace('server: files', 'server: shop-api');
  assert.match(
    String(mcpFiles(http, { name: 'shop-api', tool: taken })),
    /is the name of another destination, Upstream/,
  );
  const without = mcpTool.replace(', mcp: { server: files }', '');
  assert.match(String(mcpFiles(http, { tool: without })), /spec\.mcp: is required by the driver mcp/);
});
