/** Names of roles as the command line and manifests write them. */
import { executorRole } from '@toolfleet/executor';
import { gatewayRole } from '@toolfleet/gateway';
import { defaultToolClasses } from '@toolfleet/contracts';
import { invalid } from '@toolfleet/kernel';
import { orchestratorRole } from '@toolfleet/orchestrator';
import type { Role } from '@toolfleet/platform/nest';
import { policyRole } from '@toolfleet/policy';
import { routerRole } from '@toolfleet/router';

const single: Readonly<Record<string, Role>> = {
  gateway: gatewayRole,
  policy: policyRole,
  router: routerRole,
  orchestrator: orchestratorRole,
};

const everything = [...Object.keys(single), ...defaultToolClasses.map((name) => `executor:${name}`)].join(',');

/** `all`, or a list. Executors of several classes share one role, as they would share its process. */
export function rolesOf(text: string): Role[] {
  const names = (text === 'all' ? everything : text).split(',').map((name) => name.trim());
  const classes = names.filter((name) => name.startsWith('executor:')).map((name) => name.slice('executor:'.length));
  const roles = names.filter((name) => !name.startsWith('executor:')).map(roleOf);
  return classes.length > 0 ? [...roles, executorRole(classes)] : roles;
}

function roleOf(name: string): Role {
  const role = single[name];
  if (role) return role;
  throw invalid('ROLE_UNKNOWN', `There is no role ${JSON.stringify(name)}. Roles: ${everything}.`);
}
