/** Templates of the catalogue, filled in with whose call it is and with the secrets of the executor: here and nowhere else. */
import type { CredentialSpec, ToolCall } from '@toolfleet/kernel';
import { broken, credentialVariablePrefix } from '@toolfleet/kernel';
import { environmentVariable } from '@toolfleet/platform/config';

export type CallOwner = Pick<ToolCall, 'sessionId' | 'tenant' | 'user'>;

/** Values that were filled in and that nothing may show. */
export type Secrets = Pick<Set<string>, 'add'>;

export interface FilledIn {
  /** What `{credential}` stands for. */
  readonly credential?: string | undefined;
  readonly secrets?: Secrets | undefined;
}

/** Names in lower case. Faults `broken` CREDENTIAL_MISSING. */
export function headersOf(
  { headers }: Pick<CredentialSpec, 'headers'>,
  owner: CallOwner,
  filledIn: FilledIn = {},
): Record<string, string> {
  const values: Record<string, string> = {};
  for (const { name, template } of namedTemplatesOf(headers)) values[name] = filled(template, owner, filledIn);
  return values;
}

interface NamedTemplate {
  readonly name: string;
  readonly template: string;
}

const namedTemplates = new WeakMap<CredentialSpec['headers'], readonly NamedTemplate[]>();

/** A manifest's headers are the same object for as long as it holds. */
function namedTemplatesOf(headers: CredentialSpec['headers']): readonly NamedTemplate[] {
  let named = namedTemplates.get(headers);
  if (!named) {
    named = Object.entries(headers).map(([name, template]) => ({ name: name.toLowerCase(), template }));
    namedTemplates.set(headers, named);
  }
  return named;
}

/**
 * A header value cannot carry line breaks: names of users are theirs to choose, requests are ours to keep whole. Faults
 * `broken` CREDENTIAL_MISSING.
 */
export function filled(template: string, owner: CallOwner, { credential, secrets }: FilledIn = {}): string {
  const { sessionId, tenant, user } = owner;
  const values: Readonly<Record<string, string>> = { session: sessionId, tenant, user };
  return template
    .replace(/\{(?:env:)?([A-Za-z0-9_]+)\}/g, (token, name: string) => {
      if (token === '{credential}') return secretly(credential ?? '', secrets);
      if (!token.startsWith('{env:')) return encodeURIComponent(values[name] ?? '');
      return secretly(variableOf(name), secrets);
    })
    .replaceAll(/[\r\n]/g, '');
}

/** So a manifest cannot read the executor's own secrets. Faults `broken` CREDENTIAL_MISSING. */
export function variableOf(name: string, variable = environmentVariable): string {
  const value = name.startsWith(credentialVariablePrefix) ? variable(name) : undefined;
  if (value === undefined || value === '') throw notConfigured(name);
  return value;
}

export const notConfigured = (name: string) =>
  broken('CREDENTIAL_MISSING', 'A credential is not configured.', { details: { sent: 'no', name } });

function secretly(value: string, secrets: Secrets | undefined): string {
  secrets?.add(value);
  return value;
}
