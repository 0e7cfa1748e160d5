/** Sessions and their events as lines for people; JSON goes out as it came. */
import pc from 'picocolors';

export interface SessionJson {
  readonly tenant: string;
  readonly sessionId: string;
  readonly requestId?: string;
  readonly user?: string;
  readonly agent?: string;
  readonly status: string;
  readonly seq?: string;
  readonly createdAtMs?: string;
  readonly answer?: string;
  readonly priority?: string;
  readonly queuePosition?: number;
  readonly estimatedWaitMs?: string;
  readonly flags?: readonly ClaimFlagJson[];
}

interface RefusalJson {
  readonly reason?: string;
  readonly message?: string;
}

interface ObservationJson {
  readonly callId: string;
  readonly outcome: string;
  readonly refusal?: RefusalJson;
  readonly wouldHaveDone?: { readonly destination?: string; readonly method?: string; readonly path?: string };
}

interface ClaimFlagJson {
  readonly kind: string;
  readonly tool?: string;
  readonly quote?: string;
}

/** A SessionEvent as ProtoJSON: one of the bodies is there. */
export interface SessionEventJson {
  readonly seq: string;
  readonly atMs: string;
  readonly started?: {
    readonly tools?: readonly string[];
    readonly toolsLeftOut?: readonly string[];
    readonly toolsKeptBack?: readonly string[];
    readonly request?: { readonly input?: string };
  };
  readonly modelAnswered?: {
    readonly turn: number;
    readonly text?: string;
    readonly calls?: readonly { readonly tool: string; readonly arguments?: string; readonly disposition: string }[];
  };
  readonly toolCallSettled?: { readonly observation: ObservationJson };
  readonly claimsFlagged?: { readonly flags?: readonly ClaimFlagJson[]; readonly askedAgain?: boolean };
  readonly limitReached?: { readonly reason: string };
  readonly toolCallEndedLate?: { readonly observation: ObservationJson };
  readonly toolsOffered?: { readonly tools?: readonly string[] };
  readonly userMessageReceived?: { readonly text?: string };
  readonly cancelRequested?: { readonly reason?: string };
  readonly approvalDecided?: { readonly callId: string; readonly approved?: boolean; readonly decidedBy?: string };
  readonly finished?: { readonly status: string; readonly answer?: string; readonly refusal?: RefusalJson };
}

const textCharsMax = 200;

const word = (status: string): string =>
  status.replace(/^[A-Z_]*?(STATUS|OUTCOME|DISPOSITION|PRIORITY)_/, '').toLowerCase();
/** One line, without whatever a model or tool wrote to steer a terminal. */
const short = (text = ''): string => {
  const line = text.replaceAll(/[\p{Cc}\p{Cf}]+/gu, ' ');
  return line.length > textCharsMax ? `${line.slice(0, textCharsMax)}…` : line;
};
/** Turn and index: the session is known. */
const callOf = ({ callId }: ObservationJson): string => callId.slice(callId.indexOf(':') + 1);
const timeOf = (ms = '0'): string => new Date(Number(ms)).toISOString().slice(0, 23);

/** Place in the tenant's line and the estimated wait, of a session that stands there. */
function turnOf({ queuePosition, estimatedWaitMs }: SessionJson): string {
  if (queuePosition === undefined) return '';
  if (estimatedWaitMs === undefined) return `#${queuePosition}`;
  const seconds = Math.ceil(Number(estimatedWaitMs) / 1_000);
  return `#${queuePosition}, about ${seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`}`;
}

export function describeSession(session: SessionJson, colours: boolean): string {
  const { bold, dim } = pc.createColors(colours);
  const { sessionId, agent = '', tenant, user = '', requestId = '', answer } = session;
  const facts = `${tenant}/${agent} for ${user}, request ${requestId}, ${session.seq ?? '0'} events`;
  const lines = [`${bold(sessionId)} ${word(session.status)}`, dim(`  ${short(facts)}`)];
  const turn = turnOf(session);
  if (turn) lines.push(`  waits: ${turn}, priority ${word(session.priority ?? 'normal')}`);
  for (const { kind, tool, quote } of session.flags ?? [])
    lines.push(`  flagged: ${claimOf(kind, tool)}: "${short(quote)}"`);
  // The answer is what was asked for: whole, but with nothing that steers a terminal.
  if (answer) lines.push(answer.replaceAll(/[^\P{Cc}\n\t]/gu, ''));
  return lines.join('\n');
}

export function sessionTable(sessions: readonly SessionJson[], colours: boolean): string {
  const { dim } = pc.createColors(colours);
  const rows = sessions.map((session) => [
    session.sessionId,
    word(session.status),
    session.agent ?? '',
    short(session.user),
    timeOf(session.createdAtMs),
    turnOf(session),
  ]);
  const header = ['session', 'status', 'agent', 'user', 'created'];
  if (rows.some((row) => row[5] !== '')) header.push('waits');
  const widths = header.map((name, at) => Math.max(name.length, ...rows.map((row) => row[at]!.length)));
  const line = (row: readonly string[]) =>
    row
      .slice(0, header.length)
      .map((cell, at) => cell.padEnd(widths[at]!))
      .join('  ')
      .trimEnd();
  return [dim(line(header)), ...rows.map(line)].join('\n');
}

function claimOf(kind: string, tool = ''): string {
  switch (kind) {
    case 'CLAIM_KIND_CLAIM_WITHOUT_OBSERVATION':
      return `claims a call of ${short(tool)} that was never made`;
    case 'CLAIM_KIND_RESULT_IN_TEXT':
      return 'writes a call or result of a tool as text';
    case 'CLAIM_KIND_UNKNOWN_REFERENCE':
      return 'names an id that nothing told';
    default:
      return 'claims what was not observed';
  }
}

export function describeEvent(event: SessionEventJson, colours: boolean): string {
  const { dim, bold } = pc.createColors(colours);
  const [what, detail] = wordsOf(event);
  return `${dim(timeOf(event.atMs))} ${event.seq.padStart(3)} ${bold(what)} ${detail}`.trimEnd();
}

function wordsOf(event: SessionEventJson): [string, string] {
  const { modelAnswered: model, toolCallSettled: settled, toolCallEndedLate: late } = event;
  const { approvalDecided: approval, finished } = event;
  if (event.started) {
    const { tools = [], toolsLeftOut = [], toolsKeptBack = [], request } = event.started;
    const leftOut = toolsLeftOut.length === 0 ? '' : `, ${toolsLeftOut.length} left out`;
    const keptBack = toolsKeptBack.length === 0 ? '' : `, ${toolsKeptBack.length} kept back`;
    return ['started', `${tools.length} tools${leftOut}${keptBack}: ${short(request?.input)}`];
  }
  if (model) {
    const calls = (model.calls ?? []).map((call) => `${call.tool}(${short(call.arguments)}) ${word(call.disposition)}`);
    return [`turn ${model.turn}`, [short(model.text), ...calls].filter((text) => text !== '').join('; ')];
  }
  if (settled) {
    const { outcome, refusal, wouldHaveDone: dry } = settled.observation;
    if (dry) {
      const what = [dry.destination, dry.method, dry.path].map((part) => short(part)).join(' ');
      return ['call', `${callOf(settled.observation)} not sent, a dry run: ${what}`];
    }
    return ['call', `${callOf(settled.observation)} ${word(outcome)} ${short(refusal?.message)}`];
  }
  if (late) return ['late', `${callOf(late.observation)} ${word(late.observation.outcome)}`];
  if (event.claimsFlagged) {
    const { flags = [], askedAgain } = event.claimsFlagged;
    const claims = flags.map(({ kind, tool, quote }) => `${claimOf(kind, tool)}: "${short(quote)}"`);
    return ['flagged', [...claims, ...(askedAgain ? ['asked again'] : [])].join('; ')];
  }
  if (event.limitReached) return ['limit', `${event.limitReached.reason}: one last turn without tools`];
  if (event.toolsOffered) return ['tools', (event.toolsOffered.tools ?? []).join(', ')];
  if (event.userMessageReceived) return ['user', short(event.userMessageReceived.text)];
  if (event.cancelRequested) return ['cancel', short(event.cancelRequested.reason)];
  if (approval) return ['approval', `${approval.approved ? 'given' : 'refused'} by ${short(approval.decidedBy)}`];
  if (finished) return [word(finished.status), short(finished.answer ?? finished.refusal?.message)];
  return ['event', 'of a newer release'];
}
