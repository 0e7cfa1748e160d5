/**
 * Whether a session may be asked for in these words. The same rules hold for every way in; what the catalogue does not
 * know is `missing`, with near names, and everything else that can never work is `invalid` with the field it is about.
 */
import type { Catalogue } from '../catalog/manifest.js';
import type { Fault } from '../fault.js';
import { expired, invalid, missing } from '../fault.js';
import { limits } from '../limits.js';
import { nearNames } from '../routing/near-names.js';
import type { SessionRequest, UserMessageInput } from './session.js';

export const tenantPattern = /^[a-z0-9][a-z0-9-]*$/;
/** Printable: no control character reaches an index, a label or a log line. */
const printable = /^[^\p{Cc}\p{Zl}\p{Zp}]*$/u;

export function requestFault(request: SessionRequest, catalogue: Catalogue, nowMs: number): Fault | undefined {
  return (
    tenantFault(request.tenant) ??
    textFault('user', request.user, limits.nameCharsMax) ??
    textFault('requestId', request.requestId, limits.requestIdCharsMax) ??
    textFault('agent', request.agent, limits.nameCharsMax) ??
    inputFault('input', request.input) ??
    rolesFault(request.roles) ??
    labelsFault(request.labels) ??
    deadlineFault(request.deadlineAtMs, nowMs) ??
    catalogueFault(request, catalogue)
  );
}

/** A later message of the user, under the same bounds as the first. */
export function messageFault(message: UserMessageInput): Fault | undefined {
  return textFault('messageId', message.messageId, limits.requestIdCharsMax) ?? inputFault('text', message.text);
}

export function tenantFault(tenant: string): Fault | undefined {
  const fault = textFault('tenant', tenant, limits.nameCharsMax);
  if (fault || tenantPattern.test(tenant)) return fault;
  return fieldInvalid('tenant', 'FIELD_INVALID', 'A tenant is lower-case letters, digits and hyphens.');
}

function textFault(field: string, text: string, charsMax: number): Fault | undefined {
  if (text === '') return fieldInvalid(field, 'FIELD_MISSING', `${field} is required.`);
  if (text.length > charsMax) {
    return fieldInvalid(field, 'FIELD_TOO_LONG', `${field} has more than ${charsMax} characters.`);
  }
  if (printable.test(text)) return undefined;
  return fieldInvalid(field, 'FIELD_INVALID', `${field} holds control characters.`);
}

function inputFault(field: string, text: string): Fault | undefined {
  if (text.trim() === '') return fieldInvalid(field, 'FIELD_MISSING', `${field} is required.`);
  if (Buffer.byteLength(text) <= limits.inputBytesMax) return undefined;
  return fieldInvalid(field, 'FIELD_TOO_LONG', `${field} has more than ${limits.inputBytesMax} bytes.`);
}

function rolesFault(roles: readonly string[]): Fault | undefined {
  if (roles.length > limits.rolesMax) {
    return fieldInvalid('roles', 'FIELD_TOO_LONG', `There are more than ${limits.rolesMax} roles.`);
  }
  return firstFault(roles, (role) => textFault('roles', role, limits.nameCharsMax));
}

function labelsFault(labels: Readonly<Record<string, string>>): Fault | undefined {
  const entries = Object.entries(labels);
  if (entries.length > limits.labelsMax) {
    return fieldInvalid('labels', 'FIELD_TOO_LONG', `There are more than ${limits.labelsMax} labels.`);
  }
  return firstFault(entries, ([name, value]) => {
    if (value.length > limits.labelCharsMax) {
      return fieldInvalid('labels', 'FIELD_TOO_LONG', `A label has more than ${limits.labelCharsMax} characters.`);
    }
    return textFault('labels', name, limits.nameCharsMax);
  });
}

function deadlineFault(deadlineAtMs: number | undefined, nowMs: number): Fault | undefined {
  if (deadlineAtMs === undefined) return undefined;
  if (!Number.isSafeInteger(deadlineAtMs) || deadlineAtMs <= 0) {
    return fieldInvalid('deadlineAtMs', 'FIELD_INVALID', 'deadlineAtMs is not a time in Unix milliseconds.');
  }
  if (deadlineAtMs > nowMs) return undefined;
  return expired('DEADLINE_PASSED', 'The deadline of the session has passed already.', {
    details: { field: 'deadlineAtMs' },
  });
}

function catalogueFault({ tenant, agent }: SessionRequest, catalogue: Catalogue): Fault | undefined {
  const known = catalogue.get('Tenant', tenant);
  if (!known) {
    // Which tenants there are is nobody's business but theirs: no near names here.
    return missing('TENANT_UNKNOWN', 'There is no such tenant.', {
      details: { field: 'tenant' },
      hint: 'A tenant is a manifest of the catalogue; check the name, or have it added.',
    });
  }
  const allowed = known.agents.filter((name) => catalogue.get('Agent', name) !== undefined);
  if (allowed.includes(agent)) return undefined;
  const near = nearNames(agent, allowed);
  return missing('AGENT_UNKNOWN', 'The tenant has no such agent.', {
    details: { field: 'agent' },
    hint: 'Use an agent that the tenant may start.',
    alternatives: near.length > 0 ? near : allowed.slice(0, 3),
  });
}

function firstFault<T>(items: readonly T[], faultOfItem: (item: T) => Fault | undefined): Fault | undefined {
  for (const item of items) {
    const fault = faultOfItem(item);
    if (fault) return fault;
  }
  return undefined;
}

const fieldInvalid = (field: string, reason: string, message: string): Fault =>
  invalid(reason, message, { details: { field } });
