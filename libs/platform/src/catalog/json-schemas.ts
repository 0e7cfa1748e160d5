/**
 * Manifests as JSON Schema for editors, from the schemas that check them. Editors know draft 7 best. What a schema cannot say
 * (names that must exist, rules across fields) the check of the whole catalogue says.
 */
import type { ManifestKind } from '@toolfleet/kernel';
import { z } from 'zod';
import { apiVersion, envelope, manifestKinds, namePatterns, specSchemas } from './manifest-schemas.js';

type JsonSchema = Readonly<Record<string, unknown>>;

const draft = 'http://json-schema.org/draft-07/schema#';

/** One schema for documents of every kind, or of one. */
export function manifestJsonSchema(kind?: ManifestKind): JsonSchema {
  if (kind) return { $schema: draft, title: `${kind} of ${apiVersion}`, ...schemaOfKind(kind) };
  return {
    $schema: draft,
    title: `A manifest of ${apiVersion}`,
    // Files are streams of documents, and an empty one is none.
    oneOf: [{ type: 'null' }, ...manifestKinds.map((name) => ({ $ref: `#/definitions/${name}` }))],
    definitions: Object.fromEntries(manifestKinds.map((name) => [name, schemaOfKind(name)])),
  };
}

function schemaOfKind(kind: ManifestKind): JsonSchema {
  const { metadata } = envelope.shape;
  const spec = jsonSchemaOf(specSchemas[kind]);
  const named = jsonSchemaOf(metadata) as { properties: Record<string, JsonSchema> };
  const pattern = namePatterns[kind].source;
  const properties = { ...named.properties, name: { ...named.properties['name'], pattern } };
  return {
    type: 'object',
    properties: {
      apiVersion: { type: 'string', const: apiVersion },
      kind: { type: 'string', const: kind },
      metadata: { ...named, properties },
      spec,
    },
    required: ['apiVersion', 'kind', 'metadata', 'spec'],
    additionalProperties: false,
  };
}

function jsonSchemaOf(schema: z.ZodType): JsonSchema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input', target: 'draft-7', unrepresentable: 'any' });
  return rest;
}
