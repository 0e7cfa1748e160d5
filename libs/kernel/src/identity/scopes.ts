/**
 * THE table of what a token may allow its bearer. Every way in names one of these or says that it is open on purpose; a way
 * that names none is closed. Within a tenant, scopes decide; across tenants nothing does but `operator`.
 */
export interface ScopeFacts {
  readonly allows: string;
  /** Reaches beyond one tenant, so an issuer that is trusted with some tenants only cannot give it. */
  readonly fleetWide: boolean;
}

const ofTenant = (allows: string): ScopeFacts => ({ allows, fleetWide: false });
const ofFleet = (allows: string): ScopeFacts => ({ allows, fleetWide: true });

export const scopes = {
  'sessions:start': ofTenant('Start sessions as the user of the token, and speak in the sessions of that user.'),
  'sessions:delegate': ofTenant('Do so for any user of the tenant, in any roles: for back-ends that know their users.'),
  'sessions:read': ofTenant('Read, list and watch sessions of the tenant.'),
  'sessions:cancel': ofTenant('Cancel sessions of the tenant.'),
  'approvals:read': ofTenant('See which calls of the tenant wait for a person, with their arguments.'),
  'approvals:decide': ofTenant('Approve or refuse such a call, as the user of the token.'),
  'effects:read': ofTenant('See which writes of the tenant are of unknown end, with their arguments.'),
  'effects:settle': ofTenant('Say how such a write ended, as the user of the token.'),
  'catalog:read': ofTenant('See the tools of the tenant, and what the rules say of a call.'),
  'audit:read': ofTenant('Read and export the audit of the tenant, persons included.'),
  'audit:erase': ofTenant('Make a person of the tenant unreadable, for good.'),
  'catalog:write': ofFleet('Change applied sets of manifests, which are those of all tenants, and see their history.'),
  operator: ofFleet('Name any tenant, in whatever the other scopes of the token allow.'),
} as const satisfies Record<string, ScopeFacts>;

export type Scope = keyof typeof scopes;

export const allScopes = Object.keys(scopes) as readonly Scope[];

const rare: ReadonlySet<Scope> = new Set(['sessions:delegate', 'audit:erase']);

/** What a person of one tenant needs for all that is done there every day. */
export const tenantScopes: readonly Scope[] = allScopes.filter((scope) => !scopes[scope].fleetWide && !rare.has(scope));

export const isScope = (text: string): text is Scope => Object.hasOwn(scopes, text);
