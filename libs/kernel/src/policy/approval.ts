/**
 * Who may decide on a call that waits for people, and what such a person is shown. Whoever decides is a person other than
 * the one for whom the call is made, is counted once however the name is written, and never reads a secret.
 */
import { globMatches } from '../catalog/manifest.js';
import type { Approvers, RuleSpec } from '../catalog/manifest.js';
import type { Fault } from '../fault.js';
import { denied, invalid } from '../fault.js';
import { secretPatterns } from '../toolcall/advice.js';

export interface Decider {
  readonly name: string;
  readonly roles: readonly string[];
}

/** Two spellings of one name are one person: case, width, blanks and characters that nobody sees do not tell them apart. */
export const personOf = (name: string): string =>
  name.normalize('NFKC').replaceAll(/\p{C}/gu, '').replaceAll(/\s+/gu, ' ').trim().toLowerCase();

export const namesSomebody = ({ roles, users }: Approvers): boolean => roles.length > 0 || users.length > 0;

/** Why this person may not decide; undefined when nothing is against it. `rule` absent: it is not known any more. */
export function deciderFault(
  decider: Decider,
  { requestedBy, rule }: { readonly requestedBy: string; readonly rule?: RuleSpec | undefined },
): Fault | undefined {
  const person = personOf(decider.name);
  if (person === '') return invalid('APPROVER_UNNAMED', 'A decision names the person who takes it.');
  if (person === personOf(requestedBy)) {
    return denied('APPROVER_IS_REQUESTER', 'The person for whom a call is made cannot decide on it.');
  }
  const approvers = rule?.approvers;
  if (!approvers || !namesSomebody(approvers)) return undefined;
  const { roles, users } = approvers;
  const isNamed = users.some((user) => personOf(user) === person);
  const hasRole = roles.some((glob) => decider.roles.some((role) => globMatches(glob, role)));
  if (isNamed || hasRole) return undefined;
  return denied('APPROVER_NOT_ENTITLED', `The rule ${rule.name} lets other people decide.`, {
    details: { rule: rule.name, roles: roles.join(', '), users: users.join(', ') },
    hint: `Ask ${wordsOfApprovers(approvers)}.`,
  });
}

const wordsOfApprovers = ({ roles, users }: Approvers): string =>
  [...roles.map((role) => `someone with the role ${role}`), ...users].join(', or ');

export interface ApprovalFacts {
  readonly tenant: string;
  readonly agent: string;
  readonly tool: string;
  readonly riskTier: string;
  readonly effect: string;
  /** As `redactedArguments` gives them. */
  readonly arguments: string;
  readonly argumentsDigest: string;
  readonly rule: string;
  readonly reason: string;
  readonly requestedBy: string;
  readonly approversNeeded: number;
  readonly approvers?: Approvers | undefined;
  readonly expiresAtMs: number;
}

/** Above it an inbox is no longer read; the digest stands for the rest. */
const argumentsShownChars = 2_000;

/** What stands in an inbox: plain text, a line a fact. */
export function approvalText(facts: ApprovalFacts): string {
  const { tenant, agent, tool, riskTier, effect, requestedBy, approversNeeded, approvers } = facts;
  const args = facts.arguments;
  const shown = args.length > argumentsShownChars ? `${args.slice(0, argumentsShownChars)}… (cut)` : args;
  const people = approversNeeded === 1 ? 'one person' : `${approversNeeded} different people`;
  const who = approvers && namesSomebody(approvers) ? `: ${wordsOfApprovers(approvers)}` : '';
  return [
    `${tool}: ${effect} of ${riskTier} risk, for ${requestedBy} of ${tenant} by the agent ${agent}`,
    `Arguments: ${shown.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')}`,
    `Digest of the arguments: ${facts.argumentsDigest}`,
    `Rule: ${facts.rule}${facts.reason && ` (${facts.reason})`}`,
    `Needs ${people} other than ${requestedBy}${who}`,
    `Until ${new Date(facts.expiresAtMs).toISOString()}; after that it is denied.`,
  ].join('\n');
}

const redacted = '[secret]';
const secretName =
  /(?:^|_)(?:pass(?:word|wd|phrase|code)?|secret|token|(?:api|access|private|signing)_?key|credentials?|authorization|cookie|pin|cvv|cvc|otp)(?:_|$)/;
const nodesMax = 10_000;

/**
 * JSON text without what a person who decides must not learn: what a schema calls a password or writes only, what stands
 * under the name of a secret, and what looks like a key. Text that is no JSON is withheld whole.
 */
export function redactedArguments(text: string, parameters: unknown = {}): string {
  let nodes = 0;
  const clean = (value: unknown, schema: Schema, name: string): unknown => {
    if ((nodes += 1) > nodesMax) return '[more]';
    const isSecret = schema.format === 'password' || schema.writeOnly === true || secretName.test(snakeCased(name));
    if (isSecret && value !== null && typeof value !== 'boolean') return redacted;
    if (typeof value === 'string') {
      return secretPatterns.reduce((told, pattern) => told.replaceAll(pattern, redacted), value);
    }
    if (Array.isArray(value)) return value.map((item) => clean(item, schemaOf(schema.items), ''));
    if (typeof value !== 'object' || value === null) return value;
    const properties = schemaOf(schema.properties) as Readonly<Record<string, unknown>>;
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [key, clean(inner, schemaOf(properties[key]), key)]),
    );
  };
  try {
    return JSON.stringify(clean(JSON.parse(text), schemaOf(parameters), ''));
  } catch {
    return redacted;
  }
}

interface Schema {
  readonly format?: unknown;
  readonly writeOnly?: unknown;
  readonly items?: unknown;
  readonly properties?: unknown;
}

const schemaOf = (value: unknown): Schema => (typeof value === 'object' && value !== null ? value : {});

const snakeCased = (name: string): string =>
  name
    .replaceAll(/([a-z\d])([A-Z])/g, '$1_$2')
    .replaceAll(/[^A-Za-z\d]+/g, '_')
    .toLowerCase();
