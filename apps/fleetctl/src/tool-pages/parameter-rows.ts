/** The parameters of a tool as the rows of a table: what is nested stands under its path. Bounded, as schemas may hold themselves. */
type Schema = Readonly<Record<string, unknown>>;

export interface ParameterRow {
  /** `items[].count` */
  readonly path: string;
  readonly type: string;
  readonly required: boolean;
  /** Bounds, values and default, each as a short text. */
  readonly bounds: readonly string[];
  readonly description: string;
}

export interface ParameterRows {
  readonly rows: readonly ParameterRow[];
  /** More there are, or they nest deeper. */
  readonly cut: boolean;
}

/** A page that people still read. */
const rowsMax = 300;
const depthMax = 6;
const valueCharsMax = 200;

export function parameterRows(parameters: Schema): ParameterRows {
  const rows: ParameterRow[] = [];
  let cut = false;
  const walk = (schema: Schema, prefix: string, above: readonly Schema[]): void => {
    const required = Array.isArray(schema['required']) ? (schema['required'] as unknown[]) : [];
    for (const [name, value] of Object.entries(objectAt(schema['properties']))) {
      if (rows.length >= rowsMax) {
        cut = true;
        return;
      }
      const property = resolved(value, parameters);
      const path = `${prefix}${name}`;
      rows.push({ ...factsOf(property, parameters), path, required: required.includes(name) });
      for (const { schema: inner, suffix } of partsOf(property, parameters)) {
        if (above.includes(inner) || above.length >= depthMax) cut ||= hasProperties(inner);
        else walk(inner, `${path}${suffix}`, [...above, inner]);
      }
    }
  };
  for (const { schema } of [{ schema: parameters }, ...branchesOf(parameters, parameters)]) walk(schema, '', [schema]);
  return { rows, cut };
}

const hasProperties = (schema: Schema) => Object.keys(objectAt(schema['properties'])).length > 0;

interface Part {
  readonly schema: Schema;
  readonly suffix: string;
}

/** Where further properties may stand: in the schema itself, its alternatives, and the entries of its lists. */
function partsOf(schema: Schema, root: Schema): Part[] {
  return [{ schema }, ...branchesOf(schema, root)].flatMap(({ schema: one }): Part[] => {
    const items = resolved(one['items'], root);
    return [
      ...(hasProperties(one) ? [{ schema: one, suffix: '.' }] : []),
      ...[items, ...branchesOf(items, root).map((branch) => branch.schema)]
        .filter(hasProperties)
        .map((entry) => ({ schema: entry, suffix: '[].' })),
    ];
  });
}

function branchesOf(schema: Schema, root: Schema): { readonly schema: Schema }[] {
  return ['allOf', 'anyOf', 'oneOf'].flatMap((word) => {
    const branches = Array.isArray(schema[word]) ? (schema[word] as unknown[]) : [];
    return branches.map((branch) => ({ schema: resolved(branch, root) }));
  });
}

/** A reference within the document, as often as it leads to another one. */
export function resolved(value: unknown, root: Schema): Schema {
  let schema = objectAt(value);
  for (let hops = 0; hops < depthMax && typeof schema['$ref'] === 'string'; hops += 1) {
    const { $ref, ...beside } = schema as { readonly $ref: string };
    const steps = $ref.startsWith('#/') ? $ref.slice(2).split('/').map(decoded) : [];
    const found = steps.reduce<unknown>((at, step) => objectAt(at)[step], steps.length > 0 ? root : undefined);
    const target = objectAt(found);
    // The same object again and again, so that whoever walks sees where it has been.
    schema = Object.keys(beside).length > 0 ? { ...target, ...beside } : target;
  }
  return schema;
}

const decoded = (step: string) => step.replaceAll('~1', '/').replaceAll('~0', '~');

export const objectAt = (value: unknown): Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Schema) : {};

function factsOf(schema: Schema, root: Schema): Pick<ParameterRow, 'type' | 'bounds' | 'description'> {
  const description = typeof schema['description'] === 'string' ? schema['description'] : '';
  return { type: typeOf(schema, root, 0), bounds: boundsOf(schema), description };
}

function typeOf(schema: Schema, root: Schema, depth: number): string {
  const { type } = schema;
  if (type === 'array' || (type === undefined && schema['items'] !== undefined)) {
    const inner = depth < depthMax ? typeOf(resolved(schema['items'], root), root, depth + 1) : 'any';
    return inner === 'any' ? 'list' : `list of ${inner}`;
  }
  if (Array.isArray(type)) return type.map(String).join(' or ');
  if (typeof type === 'string') return type;
  const branches = branchesOf(schema, root);
  if (branches.length > 0 && depth < depthMax) {
    return [...new Set(branches.map((branch) => typeOf(branch.schema, root, depth + 1)))].join(' or ');
  }
  if (Array.isArray(schema['enum'])) return [...new Set(schema['enum'].map((one) => typeof one))].join(' or ');
  return hasProperties(schema) ? 'object' : 'any';
}

const boundWords: Readonly<Record<string, string>> = {
  format: 'format',
  pattern: 'pattern',
  minimum: 'from',
  exclusiveMinimum: 'above',
  maximum: 'to',
  exclusiveMaximum: 'below',
  multipleOf: 'multiple of',
  minLength: 'characters from',
  maxLength: 'characters to',
  minItems: 'entries from',
  maxItems: 'entries to',
};

function boundsOf(schema: Schema): string[] {
  const values = Array.isArray(schema['enum']) ? [`one of ${schema['enum'].map(valueText).join(', ')}`] : [];
  const fixed = 'const' in schema ? [`always ${valueText(schema['const'])}`] : [];
  const bounds = Object.entries(boundWords).flatMap(([keyword, words]) => {
    const value = schema[keyword];
    return typeof value === 'number' || typeof value === 'string' ? [`${words} ${value}`] : [];
  });
  const standard = 'default' in schema ? [`default ${valueText(schema['default'])}`] : [];
  return [...values, ...fixed, ...bounds, ...standard].map((text) =>
    text.length > valueCharsMax ? `${text.slice(0, valueCharsMax)}…` : text,
  );
}

const valueText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value)) ?? '';
