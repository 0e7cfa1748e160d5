/** Templates of the catalogue, filled in with whose call it is and with the secrets of the executor: here and nowhere else. */
import type { ToolCall } from '@toolfleet/kernel';
import { broken, credentialVariablePrefix } from '@toolfleet/kernel';
import { environmentVariable } from '@toolfleet/platform/config';

export type CallOwner = Pick<ToolCall, 'sessionId' | 'tenant' | 'user'>;

/** Names in lower case. Faults `broken` CREDENTIAL_MISSING. */
export function credentialHeadersOf(
  { headers }: { readonly headers: Readonly<Record<string, string>> },
  owner: CallOwner,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, template]) => [name.toLowerCase(), filled(template, owner)]),
  );
}

/**
 * A header value cannot carry line breaks: names of users are theirs to choose, requests are ours to keep whole. Faults
 * `broken` CREDENTIAL_MISSING.
 */
export function filled(template: string, { sessionId, tenant, user }: CallOwner): string {
  const values: Readonly<Record<string, string>> = { session: sessionId, tenant, user };
  return template
    .replace(/\{(?:env:)?([A-Za-z0-9_]+)\}/g, (token, name: string) => {
      if (!token.startsWith('{env:')) return encodeURIComponent(values[name] ?? '');
      // So a manifest cannot read the executor's own secrets.
      const value = name.startsWith(credentialVariablePrefix) ? environmentVariable(name) : undefined;
      if (value === undefined) {
        throw broken('CREDENTIAL_MISSING', 'A credential is not configured.', { details: { sent: 'no', name } });
      }
      return value;
    })
    .replaceAll(/[\r\n]/g, '');
}
