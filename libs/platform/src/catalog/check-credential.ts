/** What must hold of templates that an executor fills in: only whose call it is, and variables that are meant for tools. */
import type { CredentialSpec } from '@toolfleet/kernel';
import { credentialVariable, reservedHeaders } from '@toolfleet/kernel';
import type { PlacedManifest, Problem } from './read-manifests.js';

export const operatorsOnly = 'belongs in a directory of TOOLFLEET_CATALOG_OPERATOR_DIR';

export const placeholders = (template: string) => [...template.matchAll(/\{([^{}]*)\}/g)].map((found) => found[1]!);

const credentialFields = ['session', 'tenant', 'user'];
const isVariable = (field: string) => field.startsWith('env:') && credentialVariable.test(field.slice('env:'.length));

type Placed = Pick<PlacedManifest, 'problem'>;

export function checkCredential(
  placed: Placed,
  at: readonly PropertyKey[],
  spec: CredentialSpec,
  ofOperators: (file: string) => boolean,
): Problem[] {
  const form = (['static', 'perTenant', 'exchange'] as const).find((one) => spec[one] !== undefined);
  const problems = checkHeaders(placed, [...at, 'headers'], spec.headers, form !== undefined);
  if (form && !Object.values(spec.headers).some((template) => placeholders(template).includes('credential'))) {
    problems.push(placed.problem([...at, form], "is in no header: write Authorization: 'Bearer {credential}'"));
  }
  // Who names a token endpoint is sent the tokens of users, and the secret of the fleet.
  const own = form === 'exchange' && placed.problem([...at, form], operatorsOnly);
  return own && !ofOperators(own.file) ? [...problems, own] : problems;
}

function checkHeaders(
  placed: Placed,
  at: readonly PropertyKey[],
  headers: Readonly<Record<string, string>>,
  hasForm: boolean,
): Problem[] {
  const fields = hasForm ? ['credential', ...credentialFields] : credentialFields;
  return Object.entries(headers).flatMap(([header, template]) => {
    const path = [...at, header];
    if (reservedHeaders.includes(header.toLowerCase())) return [placed.problem(path, 'is set by the fleet itself')];
    return checkTemplate(placed, path, template, { fields, variables: true });
  });
}

export interface Fillable {
  /** Names of what may be filled in of the call. */
  readonly fields: readonly string[];
  /** Whether variables of the executor may be. */
  readonly variables: boolean;
}

export function checkTemplate(
  placed: Placed,
  path: readonly PropertyKey[],
  template: string,
  { fields, variables }: Fillable,
): Problem[] {
  const known = [...fields.map((field) => `{${field}}`), ...(variables ? ['{env:TOOLFLEET_CREDENTIAL_...}'] : [])];
  return placeholders(template)
    .filter((field) => !fields.includes(field) && !(variables && isVariable(field)))
    .map((field) => placed.problem(path, `there is no {${field}}; there are ${known.join(', ')}`));
}
