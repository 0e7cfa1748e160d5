/**
 * The shop's OpenAPI document, drawn from the table of operations and the published tools. `openapi.json` in the
 * package is a copy of it for readers and generators; a spec keeps the two equal.
 */
import type { ToolDocument, ToolParameter } from '../data.js';
import { bodyBytesMax, problemType } from './http.js';
import { methodOf, operations, type Operation } from './operations.js';

export function openApiOf(tools: readonly ToolDocument[]): object {
  const toolOf = new Map(tools.map((tool) => [tool.function.name, tool.function] as const));
  const paths: Record<string, Record<string, object>> = {};
  for (const operation of operations) {
    const tool = toolOf.get(operation.name);
    if (tool === undefined) continue;
    const at = (paths[operation.path] ??= {});
    at[methodOf[operation.effect].toLowerCase()] = operationObject(operation, tool);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Retail shop',
      version: '1.0.0',
      description:
        'Orders, products and users of a shop. Every request works on the copy of the shop that X-Shop-Copy names.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    paths,
    components: {
      parameters: {
        Copy: header('X-Shop-Copy', true, 'The copy of the shop to work on; it exists as soon as it is named.'),
        IdempotencyKey: header(
          'Idempotency-Key',
          false,
          'A repeat with the same key gets the first answer again and changes nothing; Idempotency-Replayed says so.',
        ),
      },
      schemas: { Problem: problemSchema },
      responses: {
        Problem: {
          description: `Refused, with the reason. A body may have ${bodyBytesMax} bytes at most.`,
          content: { [problemType]: { schema: { $ref: '#/components/schemas/Problem' } } },
        },
      },
    },
  };
}

const problemSchema = {
  type: 'object',
  required: ['type', 'title', 'status', 'error', 'message'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    error: { type: 'string', description: 'Stable code, such as ORDER_NOT_FOUND.' },
    message: { type: 'string', description: 'One sentence for people.' },
  },
} as const;

function header(name: string, required: boolean, description: string): object {
  return { name, in: 'header', required, description, schema: { type: 'string', minLength: 1, maxLength: 200 } };
}

function operationObject(operation: Operation, tool: ToolDocument['function']): object {
  const inPath = Object.entries(tool.parameters.properties).filter(([name]) => operation.path.includes(`{${name}}`));
  const others = Object.entries(tool.parameters.properties).filter(([name]) => !operation.path.includes(`{${name}}`));
  const isRead = operation.effect === 'read';
  const parameters = [
    { $ref: '#/components/parameters/Copy' },
    ...(isRead ? [] : [{ $ref: '#/components/parameters/IdempotencyKey' }]),
    ...inPath.map(([name, parameter]) => parameterObject(name, 'path', parameter)),
    ...(isRead ? others.map(([name, parameter]) => parameterObject(name, 'query', parameter)) : []),
  ];
  const answer = operation.answers === 'json' ? 'application/json' : 'text/plain';
  return {
    operationId: operation.name,
    summary: tool.description.split('\n')[0],
    parameters,
    ...(isRead || others.length === 0 ? {} : { requestBody: bodyObject(others) }),
    responses: {
      '200': {
        description: 'Done.',
        content: { [answer]: { schema: { type: operation.answers === 'json' ? 'object' : 'string' } } },
      },
      default: { $ref: '#/components/responses/Problem' },
    },
  };
}

function parameterObject(name: string, place: 'path' | 'query', parameter: ToolParameter): object {
  return { name, in: place, required: true, description: parameter.description, schema: schemaOf(parameter) };
}

function bodyObject(properties: readonly (readonly [string, ToolParameter])[]): object {
  const schema = {
    type: 'object',
    required: properties.map(([name]) => name),
    properties: Object.fromEntries(
      properties.map(([name, parameter]) => [name, { ...schemaOf(parameter), description: parameter.description }]),
    ),
  };
  return { required: true, content: { 'application/json': { schema } } };
}

const schemaOf = (parameter: ToolParameter): object =>
  parameter.type === 'string' ? { type: 'string' } : { type: 'array', items: { type: 'string' } };
