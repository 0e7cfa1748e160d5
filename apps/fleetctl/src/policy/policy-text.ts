/** What rules say to a call, and what a change of them would change, for people. */
import type { Redecision } from '@toolfleet/kernel';
import { plain } from '../terminal-text.js';

/** ExplainCallResponse as ProtoJSON. */
export interface ExplanationJson {
  readonly effect?: string;
  readonly rule?: string;
  readonly policyRevision?: string;
  readonly refusal?: { readonly reason?: string; readonly message?: string; readonly hint?: string };
  readonly mode?: string;
  readonly reason?: string;
  readonly approversNeeded?: number;
  readonly tool?: string;
  readonly arguments?: string;
  readonly values?: readonly { readonly name?: string; readonly value?: string }[];
  readonly notes?: readonly {
    readonly rule?: string;
    readonly mode?: string;
    readonly effect?: string;
    readonly reason?: string;
  }[];
  readonly rules?: readonly RuleReportJson[];
  readonly recorded?: {
    readonly decision?: string;
    readonly rule?: string;
    readonly policyRevision?: string;
    readonly refusal?: { readonly reason?: string; readonly message?: string };
    readonly atMs?: string;
  };
}

interface RuleReportJson {
  readonly rule?: string;
  readonly effect?: string;
  readonly mode?: string;
  readonly when?: string;
  readonly misses?: readonly { readonly part?: string; readonly expected?: string; readonly actual?: string }[];
}

const word = (name = ''): string => name.replace(/^RULE_(?:EFFECT|MODE)_/, '').toLowerCase();
const byRule = (rule = ''): string => (rule ? ` by ${rule}` : ' by no rule');
const argumentsCharsMax = 400;

export function explanationText(answer: ExplanationJson): string {
  const { effect, rule, policyRevision = '', refusal, recorded, notes = [], values = [], rules = [] } = answer;
  const args = Buffer.from(answer.arguments ?? '', 'base64')
    .toString('utf8')
    .slice(0, argumentsCharsMax);
  const mode = word(answer.mode) === 'warn' ? ' (warn)' : '';
  const people = answer.approversNeeded ? `, ${answer.approversNeeded} must agree` : '';
  const lines = [
    `${answer.tool ?? ''} ${args}`,
    `${word(effect)}${byRule(rule)}${mode}${people}, policy ${policyRevision}`,
    ...(refusal
      ? [`  ${refusal.reason ?? ''}: ${refusal.message ?? ''}`]
      : answer.reason
        ? [`  ${answer.reason}`]
        : []),
    ...(recorded ? [`recorded: ${recordedText(recorded)}`] : []),
    ...notes.map(
      (note) => `note: ${note.rule ?? ''} (${word(note.mode)}) would ${word(note.effect)}: ${note.reason ?? ''}`,
    ),
    ...(values.length > 0 ? ['values:', ...values.map(({ name = '', value = '' }) => `  ${name} = ${value}`)] : []),
    ...(rules.length > 0 ? ['rules:', ...rules.flatMap((report) => reportLines(report, rule))] : []),
  ];
  return lines.map(plain).join('\n');
}

function recordedText({
  decision = '',
  rule,
  policyRevision = '',
  refusal,
  atMs = '0',
}: NonNullable<ExplanationJson['recorded']>) {
  const why = refusal ? `, ${refusal.reason ?? ''}` : '';
  return `${decision}${byRule(rule)}${why}, policy ${policyRevision || 'none'}, ${new Date(Number(atMs)).toISOString()}`;
}

function reportLines(report: RuleReportJson, decidedBy: string | undefined): string[] {
  const { rule = '', effect, mode, when = '', misses = [] } = report;
  const title = `  ${rule} (${word(effect)}, ${word(mode)})${when ? ` when ${when}` : ''}`;
  if (rule === decidedBy) return [`${title}: decides`, ...missLines(misses)];
  if (misses.length === 0) return [`${title}: matches${word(mode) === 'enforce' ? '' : ', not enforced'}`];
  return [`${title}: would ${word(effect)} if`, ...missLines(misses)];
}

const missLines = (misses: NonNullable<RuleReportJson['misses']>): string[] =>
  misses.map(({ part = '', expected = '', actual = '' }) => `    ${part}: ${expected}; is ${actual}`);

export interface ReplayTotals {
  readonly sessions: number;
  readonly calls: number;
  readonly changed: number;
  /** Such as `allow → refuse`. */
  readonly byChange: Readonly<Record<string, number>>;
}

const decisionText = ({ decision, rule, reason }: Redecision['before']): string =>
  `${decision}${reason ? ` ${reason}` : ''}${rule ? ` by ${rule}` : ''}`;

export const changeOf = ({ before, after }: Redecision): string => `${before.decision} → ${after.decision}`;

export const redecisionText = (change: Redecision): string =>
  plain(`${change.callId} ${change.tool}: ${decisionText(change.before)} → ${decisionText(change.after)}`);

export function totalsText({ sessions, calls, changed, byChange }: ReplayTotals): string {
  const kinds = Object.entries(byChange).map(([change, count]) => `${count} ${change}`);
  const most = kinds.length > 0 ? `: ${kinds.join(', ')}` : '';
  return `${calls} calls of ${sessions} sessions judged again, ${changed} decided otherwise${most}.`;
}
