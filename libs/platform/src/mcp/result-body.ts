/** What an MCP server answers, as the one body that a model reads: text as it is, records as JSON, media only named. */
import type { CallToolResult, ContentBlock } from '@modelcontextprotocol/client';

export interface McpBody {
  readonly text: string;
  readonly contentType: string;
}

export function mcpBodyOf({ content, structuredContent }: CallToolResult): McpBody {
  const text = content.map(textOf).join('\n\n');
  const plain: McpBody = { text, contentType: isJson(text) ? 'application/json' : 'text/plain' };
  if (structuredContent === undefined || structuredContent === null) return plain;
  // Servers wrap a text to have something structured: that says no more, and quotes make it longer.
  const values: unknown[] = typeof structuredContent === 'object' ? Object.values(structuredContent) : [];
  if (values.length === 1 && values[0] === text) return plain;
  return { text: JSON.stringify(structuredContent), contentType: 'application/json' };
}

/** Most servers send records as one text of JSON. */
function isJson(text: string): boolean {
  if (!/^\s*[[{]/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** A picture in base64 would cost a model thousands of tokens and tell it nothing. */
function textOf(block: ContentBlock): string {
  switch (block.type) {
    case 'text':
      return block.text;
    case 'image':
    case 'audio':
      return `[${block.type} ${block.mimeType}, ${bytesOf(block.data)} bytes, left out]`;
    case 'resource_link': {
      const { uri, name, description } = block;
      return `[resource ${uri}: ${[name, description].filter((part) => part !== undefined).join(', ')}]`;
    }
    case 'resource': {
      const { uri, mimeType = 'unknown type' } = block.resource;
      if ('text' in block.resource) return `[resource ${uri}]\n${block.resource.text}`;
      return `[resource ${uri}, ${mimeType}, ${bytesOf(block.resource.blob)} bytes, left out]`;
    }
    default:
      return '[content of an unknown kind, left out]';
  }
}

const bytesOf = (base64: string) => Math.floor((base64.replace(/=+$/, '').length * 3) / 4);
