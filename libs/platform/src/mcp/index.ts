export type { CallToolResult, ContentBlock, Tool } from '@modelcontextprotocol/client';
export type { HttpEndpoint } from './http-transport.js';
export * from './mcp-connection.js';
export type { StdioEndpoint } from './stdio-transport.js';
