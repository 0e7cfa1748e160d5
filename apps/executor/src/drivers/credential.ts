/** Credentials of destinations: templates of the catalogue, filled in here and nowhere else. */
import type { ToolCall } from '@toolfleet/kernel';
import { broken } from '@toolfleet/kernel';
import { environmentVariable } from '@toolfleet/platform/config';

/** Only variables meant for tools can be named by a credential, so a manifest cannot read the executor's own secrets. */
const credentialVariablePrefix = 'TOOLFLEET_CREDENTIAL_';

/** Names in lower case. Faults `broken` CREDENTIAL_MISSING. */
export function credentialHeadersOf(
  { headers }: { readonly headers: Readonly<Record<string, string>> },
  call: ToolCall,
): Record<string, string> {
  const values: Record<string, string> = { session: call.sessionId, tenant: call.tenant, user: call.user };
  const pairs = Object.entries(headers).map(([name, template]) => [name.toLowerCase(), filled(template, values)]);
  return Object.fromEntries(pairs) as Record<string, string>;
}

/** A header value cannot carry line breaks: names of users are theirs to choose, requests are ours to keep whole. */
function filled(template: string, values: Readonly<Record<string, string>>): string {
  return template
    .replace(/\{(?:env:)?([A-Za-z0-9_]+)\}/g, (token, name: string) => {
      if (!token.startsWith('{env:')) return encodeURIComponent(values[name] ?? '');
      const value = name.startsWith(credentialVariablePrefix) ? environmentVariable(name) : undefined;
      if (value === undefined) {
        throw broken('CREDENTIAL_MISSING', 'A credential is not configured.', { details: { sent: 'no', name } });
      }
      return value;
    })
    .replaceAll(/[\r\n]/g, '');
}
