/**
 * What a JSON Schema of a tool may be: of a draft that is understood, whole in itself, and small enough that compiling it
 * holds up nobody. A keyword that would be passed over in silence is worse than one that is refused.
 */

export type Draft = '2020-12' | 'draft-07';

const drafts: Readonly<Record<string, Draft>> = {
  'https://json-schema.org/draft/2020-12/schema': '2020-12',
  'http://json-schema.org/draft-07/schema': 'draft-07',
  'https://json-schema.org/draft-07/schema': 'draft-07',
};

/** A quarter of a bus record: the largest schema of 2,080 public operations has a sixth of it. */
const bytesMax = 256 * 1024;
/** Schemas nest twice as deep as the arguments that they describe, which have 32 levels. */
const depthMax = 64;
/** Objects and arrays: 5,000 compile in about a tenth of a second. */
const nodesMax = 5_000;

/** What each is refused for, as the end of a sentence: keywords that the compiled check would get wrong, or pass over. */
const refusedKeywords: Readonly<Record<string, string>> = {
  $dynamicRef: 'use $dynamicRef: write a $ref to a definition in place of it',
  $dynamicAnchor: 'use $dynamicAnchor: write a $ref to a definition in place of it',
  $recursiveRef: 'use $recursiveRef: write a $ref to a definition in place of it',
  $vocabulary: 'define a vocabulary: write a schema, not the schema of schemas',
  unevaluatedItems: 'use unevaluatedItems: write prefixItems and items: false in place of it',
};
/** Below these stand values and names, not schemas. */
const valueKeywords = new Set(['const', 'enum', 'default', 'examples', 'example']);
const namingKeywords = new Set(['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas']);

/** Without `$schema` it is 2020-12. */
export function draftOf({ $schema }: Readonly<Record<string, unknown>>): Draft {
  return (typeof $schema === 'string' ? drafts[$schema.replace(/#$/, '')] : undefined) ?? '2020-12';
}

/** What is wrong with it, as the end of a sentence; undefined: nothing that can be seen without compiling it. */
export function schemaFlaw(schema: Readonly<Record<string, unknown>>): string | undefined {
  const { $schema } = schema;
  if ($schema !== undefined && !(typeof $schema === 'string' && $schema.replace(/#$/, '') in drafts)) {
    return `are of the draft ${JSON.stringify($schema)}: write them in 2020-12 or draft-07`;
  }
  const draft = draftOf(schema);
  const pending: { readonly value: object; readonly depth: number; readonly names: boolean }[] = [];
  pending.push({ value: schema, depth: 1, names: false });
  let nodes = 0;
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    if ((nodes += 1) > nodesMax) return `have more than ${nodesMax} objects and lists: leave some out`;
    if (at.depth > depthMax) return `nest deeper than ${depthMax} levels: use $defs`;
    const isSchema = !at.names && !Array.isArray(at.value);
    const flaw = isSchema ? keywordFlaw(at.value as Record<string, unknown>, draft) : undefined;
    if (flaw !== undefined) return flaw;
    for (const [key, value] of Object.entries(at.value)) {
      if (key === '__proto__') return 'name __proto__, which no object may have for a property: rename it';
      if (typeof value !== 'object' || value === null || (!at.names && valueKeywords.has(key))) continue;
      pending.push({ value, depth: at.depth + 1, names: !at.names && namingKeywords.has(key) });
    }
  }
  const bytes = Buffer.byteLength(JSON.stringify(schema));
  return bytes > bytesMax ? `have ${bytes} bytes, more than ${bytesMax}: leave some out` : undefined;
}

/** What is wrong with one schema of the whole, without those below it. */
function keywordFlaw(schema: Readonly<Record<string, unknown>>, draft: Draft): string | undefined {
  if (draft === 'draft-07') {
    return '$ref' in schema && '$id' in schema ? 'have an $id beside a $ref, where draft-07 ignores it' : undefined;
  }
  for (const keyword in schema) if (keyword in refusedKeywords) return refusedKeywords[keyword];
  const isHalf = 'if' in schema && !('then' in schema && 'else' in schema);
  return isHalf && 'unevaluatedProperties' in schema
    ? 'use unevaluatedProperties beside an if without both then and else: state the properties of each case'
    : undefined;
}
