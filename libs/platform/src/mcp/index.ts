export type { CallToolResult, Tool } from '@modelcontextprotocol/client';
export type { HttpEndpoint } from './http-transport.js';
export * from './mcp-connection.js';
export * from './result-body.js';
export type { StdioEndpoint } from './stdio-transport.js';
