/** Entries of the audit and the check of a log as people read them. */
import type { ListedAuditEntry } from '@toolfleet/contracts';
import type { AuditEntryBody, LogReport } from '@toolfleet/kernel';
import { columns } from './terminal-text.js';

export function entriesText(entries: readonly ListedAuditEntry[]): string {
  if (entries.length === 0) return 'Nothing was recorded.';
  const heads = ['SEQ', 'TIME', 'WHO', 'WHAT', 'TOOL', 'DECISION', 'OUTCOME', 'RULE', 'SESSION'];
  return columns([heads, ...entries.map(rowOf)]);
}

function rowOf({ seq, text, actor, subject }: ListedAuditEntry): string[] {
  const body = JSON.parse(text) as AuditEntryBody;
  const { at, action, tool = '', version, decision = '', outcome = '', reason, rule = '', session, call } = body;
  const sealed = (body.sealed?.length ?? 0) > 0;
  // Whoever was erased did it all the same.
  const who = actor || (sealed ? '(erased)' : '-');
  return [
    String(seq),
    new Date(at).toISOString(),
    subject && subject !== actor ? `${who} for ${subject}` : who,
    action,
    version ? `${tool}@${version}` : tool,
    decision,
    [outcome, reason].filter(Boolean).join(' '),
    rule,
    call ?? session ?? '',
  ];
}

export function reportText(report: LogReport): string {
  const { ok, tenant, entries, firstSeq, lastSeq, checkpoints, problems, problemsTotal } = report;
  const found = problems.map(({ line, problem }) => `line ${line}: ${problem}`);
  const more = problemsTotal > problems.length ? [`and ${problemsTotal - problems.length} more`] : [];
  const what = `${entries} ${entries === 1 ? 'entry' : 'entries'}${entries > 0 ? ` (${firstSeq} to ${lastSeq})` : ''}`;
  const verdict = ok
    ? `The log of ${tenant} is whole: ${what}, ${checkpoints} checkpoints${signedText(report)}.`
    : `The log${tenant && ` of ${tenant}`} is NOT as it was exported: ${problemsTotal} problems in ${what}.`;
  return [...found, ...more, verdict].join('\n');
}

function signedText({ signedSeq, signedAtMs, unsignedTail }: LogReport): string {
  if (signedSeq === 0) return '';
  const signed = `, signed up to ${signedSeq} at ${new Date(signedAtMs).toISOString()}`;
  return unsignedTail === 0 ? signed : `${signed}; unsigned tail of ${unsignedTail} entries`;
}
