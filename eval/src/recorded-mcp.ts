/** A server of the Model Context Protocol, revision 2025-11-25, that lists what was recorded and answers as it was recorded. */
import { isObject } from './folder.js';
import type { JsonObject, PlannedTool } from './plan.js';

/** What follows is the name of the server in the catalogue. */
export const mcpPath = '/mcp/';

export interface RecordedServer {
  readonly tools: readonly PlannedTool[];
  /** The frame that was recorded for it, less its id; undefined: nobody recorded such a call. */
  call(params: JsonObject): JsonObject | undefined;
}

const unknownMethod = -32_601;
const invalidParams = -32_602;

/** `taken`: a notification, which has no answer. */
export function mcpAnswerOf(body: string, server: RecordedServer): JsonObject | 'taken' | 'refused' {
  let message: unknown;
  try {
    message = JSON.parse(body);
  } catch {
    return 'refused';
  }
  if (!isObject(message)) return 'refused';
  if (message['id'] === undefined) return 'taken';
  return { jsonrpc: '2.0', ...replyTo(message, server), id: message['id'] };
}

function replyTo({ method, params }: JsonObject, { tools, call }: RecordedServer): JsonObject {
  const given = isObject(params) ? params : {};
  switch (method) {
    case 'initialize':
      return {
        result: {
          protocolVersion: '2025-11-25',
          capabilities: { tools: {} },
          serverInfo: { name: 'recorded', version: '1' },
        },
      };
    case 'tools/list':
      return { result: { tools: tools.map(listed) } };
    case 'tools/call':
      return call(given) ?? { error: { code: invalidParams, message: 'Nobody recorded such a call.' } };
    default:
      return { error: { code: unknownMethod, message: 'Method not found' } };
  }
}

const listed = ({ name, description, parameters }: PlannedTool): JsonObject => ({
  name,
  description,
  inputSchema: parameters,
});
