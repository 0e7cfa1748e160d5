/**
 * What takes the place of turns that a model is no longer shown: which tools were called, with what, how each call ended,
 * where its answer can be read again, which ids it told, and which tools were not called. It quotes no result, so nothing a
 * tool wrote gets a user's voice by it; ids and handles are let through by their form.
 */
import { hexDigestOf } from '../ids.js';
import { limits } from '../limits.js';
import { readArtifactName } from '../toolcall/fleet-tools.js';
import type { Outcome } from '../toolcall/observation.js';
import type { ProposedCall } from './message.js';
import type { DoneCall } from './session.js';

export interface ToldCall {
  /** Turn and index. */
  readonly place: string;
  readonly call: ProposedCall;
  /** Absent only where the session does not remember the call. */
  readonly end?: DoneCall | undefined;
  /** What the model read of it. */
  readonly text: string;
}

export interface SummaryContent {
  readonly calls: readonly ToldCall[];
  /** Tools that the model is shown. */
  readonly offered: readonly string[];
  /** Messages of the user and answers to them that are not shown either. */
  readonly messagesLeftOut: number;
}

export function stateSummaryOf({ calls, offered, messagesLeftOut }: SummaryContent): string {
  const told = calls.slice(-limits.summaryCallsMax);
  const older = calls.slice(0, calls.length - told.length);
  const open = calls.filter(({ end }) => end?.outcome === 'indeterminate');
  const called = new Set(calls.map(({ call }) => call.name));
  const uncalled = offered.filter((name) => !called.has(name));
  return [
    `[State of this session up to here, written by the fleet and not by the user. ${calls.length} earlier calls are told ` +
      'below without their results. Quote no result that you cannot see: call the tool again, or read a handle with ' +
      `${readArtifactName}.]`,
    ...(messagesLeftOut > 0 ? [`${messagesLeftOut} earlier messages are left out.`] : []),
    ...(older.length > 0 ? [`Before those: ${countsOf(older)}.`] : []),
    ...(told.length > 0 ? ['Calls, oldest first:', ...told.map(lineOf)] : []),
    ...(open.length > 0 ? [`Nobody knows whether these happened: ${placesOf(open)}. Look before you repeat one.`] : []),
    ...(uncalled.length > 0 ? [`You have not yet called, up to here: ${uncalled.join(', ')}.`] : []),
  ].join('\n');
}

const placesOf = (calls: readonly ToldCall[]): string =>
  calls
    .slice(-limits.summaryCallsMax)
    .map(({ place, call }) => `${place} ${nameOf(call)}`)
    .join(', ');

function countsOf(calls: readonly ToldCall[]): string {
  const counts = new Map<string, { all: number; ok: number }>();
  for (const { call, end } of calls) {
    const count = counts.get(nameOf(call)) ?? { all: 0, ok: 0 };
    count.all += 1;
    if (end?.outcome === 'ok') count.ok += 1;
    counts.set(nameOf(call), count);
  }
  const words = [...counts].map(([name, { all, ok }]) => `${name} ${all} times (${ok} ok)`);
  return words.length <= limits.summaryCallsMax
    ? words.join(', ')
    : `${words.slice(0, limits.summaryCallsMax).join(', ')} and others`;
}

const endWords = {
  ok: 'ok',
  failed: 'failed',
  denied: 'refused',
  shed: 'refused for now',
  unavailable: 'not reached',
  timedOut: 'no answer in time',
  cancelled: 'cancelled',
  indeterminate: 'not known whether it happened',
} as const satisfies Record<Outcome, string>;

function lineOf({ place, call, end, text }: ToldCall): string {
  const args = shortArguments(call.arguments);
  const reason = end?.reason ? ` (${end.reason})` : '';
  const ids = end?.outcome === 'ok' ? idsIn(text).filter((id) => !args.includes(id.slice(id.indexOf('=') + 1))) : [];
  const facts = [
    `${end ? endWords[end.outcome] : 'ended'}${reason}`,
    ...(ids.length > 0 ? [`ids ${ids.slice(0, idsPerCall).join(', ')}`] : []),
    ...(end?.artifact ? [`${readArtifactName} handle ${end.artifact}`] : []),
  ];
  return `- ${place} ${nameOf(call)} ${args}: ${facts.join('; ')}`;
}

/** A name that no tool has is the model's own text. */
const nameOf = ({ name }: ProposedCall): string => oneLine(name).slice(0, limits.nameCharsMax);

const argumentCharsMax = 160;
const digestChars = 8;
const idsPerCall = 8;
const nodesMax = 2_000;
const idField = /(?:^|[_-])ids?$|[a-z]Ids?$|(?:^|_)(?:handle|number|email)$/;
/** No blank, no sentence: what reads like this can tell a model nothing but itself. */
const idForm = /^[#@]?[\w.:@#/+-]{1,64}$/;

const oneLine = (text: string): string => text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ');

/** Short ones as they are; of long ones the beginning, and a digest by which equal ones are known. */
function shortArguments(text: string): string {
  const line = oneLine(text);
  if (line.length <= argumentCharsMax) return line;
  const head = line.slice(0, argumentCharsMax - digestChars).replace(/[\uD800-\uDBFF]$/, '');
  return `${head}… (digest ${hexDigestOf(text).slice(0, digestChars)})`;
}

/** `field=value` of a JSON answer, in its order; an answer that is one id is that id. */
function idsIn(text: string): string[] {
  if (idForm.test(text) && /[\d_@]/.test(text)) return [text];
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return [];
  }
  const found = new Set<string>();
  const queue: [string, unknown][] = [['', value]];
  for (let at = 0; at < queue.length && at < nodesMax && found.size < 2 * idsPerCall; at += 1) {
    const [field, node] = queue[at]!;
    if (typeof node === 'object' && node !== null) {
      const room = nodesMax - queue.length;
      const members = Array.isArray(node) ? node.map((item) => [field, item] as const) : Object.entries(node);
      for (const [name, member] of members.slice(0, Math.max(0, room))) queue.push([name, member]);
    } else if ((typeof node === 'string' || typeof node === 'number') && idField.test(field)) {
      if (idForm.test(field) && idForm.test(String(node))) found.add(`${field}=${node}`);
    }
  }
  return [...found];
}
