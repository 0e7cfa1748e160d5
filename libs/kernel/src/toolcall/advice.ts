/**
 * What a model is told to do about each way a call can end, by the reason of its fault. A hint that comes with the fault
 * knows more and goes first; this table stands behind it, so that no error reaches a model without one. It is what
 * docs/errors-for-models.md shows.
 */
import type { FaultKind } from '../fault.js';
import { findToolsName, readArtifactName } from './fleet-tools.js';

export interface Advice {
  /** What went wrong, for whoever reads the documentation. */
  readonly means: string;
  readonly hint: string;
  readonly reasons: readonly string[];
}

export const checkFirst = 'It may have happened: check with a read before you try again.';

export const advices = {
  wrongTool: {
    means: 'There is no such tool for this session: a wrong name, or one that was taken away.',
    hint: `Call one of the tools you were given, or ${findToolsName}.`,
    reasons: ['UNKNOWN_TOOL', 'TOOL_GONE', 'UPSTREAM_TOOL_MISSING', 'METHOD_UNKNOWN', 'SERVICE_UNKNOWN'],
  },
  deprecatedVersion: {
    means: 'The tool is no longer to be called, or not in the version that the session was shown.',
    hint: `Do not repeat this call as it is: look at the tools that you have now, or ask ${findToolsName}.`,
    reasons: ['TOOL_DEPRECATED', 'TOOL_SUNSET', 'TOOL_VERSION_GONE'],
  },
  badArguments: {
    means: 'The arguments are no JSON, do not fit the schema or its checks, or the tool finds a value wrong.',
    hint: 'Correct the arguments and call again.',
    reasons: [
      ...['ARGUMENTS_NOT_JSON', 'ARGUMENTS_NOT_AN_OBJECT', 'ARGUMENTS_INVALID', 'ARGUMENTS_TOO_LARGE'],
      ...['ARGUMENTS_TOO_DEEP', 'ARGUMENTS_TOO_MANY', 'ARGUMENTS_KEY_FORBIDDEN', 'ARGUMENTS_NUMBER_RANGE'],
      ...['PATH_PARAMETER_MISSING', 'PATH_PARAMETER_INVALID', 'HEADER_INVALID', 'GRPC_ARGUMENTS_INVALID'],
      ...['SQL_PARAMETER_INVALID', 'SQL_DATA_INVALID', 'SQL_CONSTRAINT_VIOLATED', 'SQL_RULE_VIOLATED'],
      ...['EXPRESSION_INVALID', 'TEXT_INVALID', 'TEXT_TOO_LONG', 'NUMBER_INVALID', 'REQUEST_MALFORMED'],
    ],
  },
  refusedByTool: {
    means: 'The tool ran and said no, in its own words.',
    hint: 'Read the words of the tool in `result`: do what they ask for, or tell the user.',
    reasons: ['TOOL_REFUSED'],
  },
  switchedOff: {
    means: 'Operators have switched the tool, the tenant, the class or all calls off for now.',
    hint: 'Do not repeat this call; go on without it, or tell the user that it is switched off for now.',
    reasons: ['KILLED'],
  },
  notGiven: {
    means: 'A flag keeps the tool back from this session.',
    hint: 'Do not repeat this call; go on with the tools you were given, or tell the user that this one is not available.',
    reasons: ['FLAG_OFF'],
  },
  notAllowed: {
    means: 'A rule, the tool or a credential does not allow the call.',
    hint: 'Do not repeat this call; go on without it or tell the user that it is not allowed.',
    reasons: [
      ...['FORBIDDEN', 'ARGUMENTS_NOT_ALLOWED', 'TOOL_DENIED', 'UPSTREAM_NEEDS_USER', 'SQL_NOT_PERMITTED'],
      ...['SQL_READ_ONLY'],
      'SUBJECT_TOKEN_MISSING',
    ],
  },
  notApproved: {
    means: 'A person had to approve the call, and did not.',
    hint: 'Do not repeat this call; tell the user that it was not approved.',
    reasons: ['APPROVAL_REFUSED', 'APPROVAL_EXPIRED', 'APPROVAL_ASKED_ALREADY', 'POLICY_CHANGED'],
  },
  tooLarge: {
    means: 'The answer is larger than the fleet carries, or costs too much to work out.',
    hint: 'Ask for less: a filter, fewer fields or a page.',
    reasons: [
      ...['RESPONSE_TOO_LARGE', 'OBSERVATION_TOO_LARGE', 'SQL_ANSWER_TOO_LARGE', 'ARTIFACT_TOO_LARGE'],
      ...['EXPRESSION_TOO_COSTLY', 'SELECT_INVALID'],
    ],
  },
  wrongHandle: {
    means: 'An earlier answer cannot be read that way.',
    hint: `Take a handle as a cut answer names it and read it by ${readArtifactName}, or call the tool again.`,
    reasons: ['ARTIFACT_UNKNOWN', 'ARTIFACT_GONE', 'ARTIFACT_NOT_JSON'],
  },
  tooMuch: {
    means: 'More is asked for than a turn, a quota, a queue or an upstream takes now.',
    hint: 'Make fewer calls, wait as long as `retryAfterMs` says, or answer with what you have.',
    reasons: [
      ...['TOO_MANY_CALLS', 'QUOTA_EXCEEDED', 'QUOTA_UNAVAILABLE', 'QUEUE_TOO_OLD', 'UPSTREAM_SATURATED'],
      ...['UPSTREAM_RATE_LIMITED', 'UPSTREAM_CONNECTIONS_MAX', 'UPSTREAMS_TOO_MANY', 'HTTP_CALLS_TOO_MANY'],
      ...['SQL_POOL_EXHAUSTED', 'SQL_DATABASE_BUSY', 'SQL_CONTENDED', 'CONNECTIONS_TOO_MANY', 'APPROVALS_FULL'],
      'CREDENTIAL_RATE_LIMITED',
    ],
  },
  upstreamFailure: {
    means: 'What stands behind the tool is down, ends calls, or was taken out of use.',
    hint: 'The arguments are not the cause: go on without this tool, or call it again a little later.',
    reasons: [
      ...['UPSTREAM_CONNECT_FAILED', 'UPSTREAM_CONNECTION_LOST', 'UPSTREAM_FAILED', 'UPSTREAM_SILENT'],
      ...['UPSTREAM_UNAVAILABLE', 'UPSTREAM_ANSWER_INVALID', 'UPSTREAM_SESSION_LOST', 'SQL_DATABASE_UNREACHABLE'],
      ...['DATABASE_UNREACHABLE', 'BREAKER_OPEN', 'BREAKER_FORCED_OPEN', 'REFLECTION_MISSING'],
      'CREDENTIAL_UNREACHABLE',
    ],
  },
  tooLate: {
    means: 'No answer came before the deadline of the call.',
    hint: 'Ask for less, go on without it, or tell the user that it takes too long.',
    reasons: [
      ...['DEADLINE_PASSED', 'NO_OBSERVATION', 'SQL_TIMED_OUT', 'CALL_GIVEN_UP', 'RECEIPT_EXPIRED'],
      ...['ANSWERED_ELSEWHERE', 'EFFECT_TAKEN_OVER'],
    ],
  },
  stopped: {
    means: 'The session ended or was cancelled while the call was under way.',
    hint: 'Do nothing more about it unless the user asks.',
    reasons: [
      ...['CANCELLED', 'SESSION_ENDED', 'WALL_TIME_MAX', 'STEPS_MAX', 'TOKENS_MAX', 'TOOL_STORM', 'COST_MAX'],
      'BUDGET_EXHAUSTED',
    ],
  },
  changedMeanwhile: {
    means: 'Somebody else changes, or has changed, what the call is about.',
    hint: 'Read it again, then call with what you read if it is still wanted.',
    reasons: ['VERSION_CONFLICT'],
  },
  busyResource: {
    means: 'Another write of the same resource was under way for as long as the call could wait.',
    hint: 'Nothing was changed. Call it again after `retryAfterMs`, if it is still wanted.',
    reasons: ['RESOURCE_BUSY'],
  },
  notApplied: {
    means: 'A write got lost, and its tool says that it did not happen.',
    hint: 'Nothing was changed. Call it again if it is still wanted.',
    reasons: ['EFFECT_NOT_APPLIED'],
  },
  notKnown: {
    means: 'A write was begun and nobody knows its end.',
    hint: checkFirst,
    reasons: ['OUTCOME_UNKNOWN'],
  },
  fleetsOwn: {
    means: 'A fault of the fleet or of its settings; what it was stays in the logs.',
    hint: 'Do not repeat this call: it is not about your arguments. Go on without it or tell the user.',
    reasons: [
      ...['UNEXPECTED', 'CREDENTIAL_MISSING', 'CREDENTIAL_REFUSED', 'COMMAND_NOT_ALLOWED', 'EFFECT_VANISHED'],
      ...['DATABASE_LOGIN_REFUSED', 'DATABASE_ROLE_REFUSED', 'SQL_STATEMENT_BROKEN', 'UPSTREAM_REDIRECTED'],
      ...['UPSTREAM_UNKNOWN', 'DRIVER_UNKNOWN', 'BUILTIN_UNKNOWN', 'GRPC_DESCRIPTORS_INVALID', 'URL_MALFORMED'],
      ...['CREDENTIAL_INVALID', 'TOKEN_UNREADABLE'],
      ...['SCHEMA_INVALID', 'SCHEMA_UNSUPPORTED', 'EFFECT_ARGUMENTS_DIFFER', 'SQL_STATEMENT_INVALID'],
      ...['CALL_ON_WRONG_TOPIC'],
    ],
  },
} as const satisfies Record<string, Advice>;

const byReason: ReadonlyMap<string, Advice> = new Map(
  Object.values<Advice>(advices).flatMap((advice) => advice.reasons.map((reason) => [reason, advice] as const)),
);

/** Of a reason that the table does not know: one of a newer release. */
const byKind = {
  invalid: advices.badArguments,
  unauthenticated: advices.notAllowed,
  denied: advices.notAllowed,
  missing: advices.wrongTool,
  conflict: { hint: 'Something changed meanwhile: read it again, then call again if it is still wanted.' },
  overloaded: advices.tooMuch,
  unreachable: advices.upstreamFailure,
  expired: advices.tooLate,
  broken: advices.fleetsOwn,
} as const satisfies Record<FaultKind, Pick<Advice, 'hint'>>;

export const hintFor = (reason: string, kind: FaultKind): string => (byReason.get(reason) ?? byKind[kind]).hint;

/** Details that mean something to a model; all others are for operators and stay in events and logs. */
const toldDetails: ReadonlySet<string> = new Set([
  ...['problems', 'rule', 'status', 'constraint', 'field', 'bytes', 'bytesMax', 'upstream', 'degraded'],
  ...['limit', 'windowMs', 'resetsInMs', 'quota', 'ageMs', 'targetMs', 'decidedBy', 'comment', 'pendingCall'],
  ...['expectedVersion', 'currentVersion'],
]);

export function detailsFor(details: Readonly<Record<string, string>>): Record<string, string> {
  const told = Object.entries(details).filter(([name]) => toldDetails.has(name));
  // Problems are the schema's own words, in which an address is part of a pattern.
  return Object.fromEntries(told.map(([name, text]) => [name, name === 'problems' ? text : harmless(text)]));
}

const removed = '[removed]';

/** What looks like a key, wherever it stands. */
export const secretPatterns: readonly RegExp[] = [
  /\b(?:Bearer|Basic)\s+[\w.~+/=-]{8,500}/gi,
  /\b(?:sk|pk|rk|ghp|gho|xox[abp])[-_][\w-]{10,200}/g,
  /\beyJ[\w-]{5,2000}\.[\w-]{1,2000}(?:\.[\w-]{0,2000})?/g,
  /\b(?:password|passwd|secret|token|api[_-]?key)["']?\s*[=:]\s*["']?[^\s"',;]{1,500}/gi,
];

const patterns: readonly RegExp[] = [
  // Frames of a stack: of JavaScript and Java, then of Python.
  /(?:^|\s)at [^\n]{0,200}?[(:][^\n]{0,200}?:\d+(?::\d+)?\)?/g,
  /(?:Traceback \(most recent call last\):|File "[^"\n]{0,200}", line \d+[^\n]{0,200})/g,
  // What stands before a host may hold a name and a password.
  /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s"'<>]{1,500}/gi,
  ...secretPatterns,
  /\b\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?\b/g,
  /\b(?=[\d.-]{0,40}[a-z])[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){0,8}:\d{2,5}\b/gi,
  /\b[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){0,8}\.(?:internal|local|svc|lan|corp)\b/gi,
];

/** The messages of faults are ours and hold none of this; one that quotes what it should not is told without it. */
export const harmless = (text: string): string =>
  patterns.reduce((told, pattern) => told.replaceAll(pattern, removed), text);
