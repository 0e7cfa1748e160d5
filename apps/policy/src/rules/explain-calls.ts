/**
 * Why a call is decided as it is: of one that a session proposed, by that session's events; of one that somebody thinks of,
 * with the history of a session or with none. The steps are those of judging: arguments are read and checked first.
 */
import {
  decodeSessionEvent,
  effectWords,
  noteToWire,
  refusalToWire,
  ruleEffectWords,
  ruleModeWords,
} from '@toolfleet/contracts';
import type { Explanation, JudgedCall, PolicyQuestion, RecordedTurn, Refusal, ToolSpec } from '@toolfleet/kernel';
import {
  ArgumentValidators,
  HistoryAt,
  decisionOf,
  denialOf,
  explain,
  faultOf,
  isFault,
  judgeAgain,
  missing,
  nearNames,
  parseArguments,
  refusalOf,
  replay,
  toolVersionOf,
  turnsOf,
  whatOf,
  whoOf,
  withProposed,
} from '@toolfleet/kernel';
import type { LiveCatalogue } from '@toolfleet/platform/bus';
import type { SessionStore } from '@toolfleet/platform/postgres';
import type { BundleKeeper } from './bundle-keeper.js';

export interface ExplainCallRequest {
  readonly tenant: string;
  readonly user: string;
  readonly roles: readonly string[];
  /** Absent from callers of another release. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly tool: string;
  readonly arguments: Uint8Array;
  readonly sessionId: string;
  readonly callId: string;
}

/** A call in question, before its arguments are read. */
interface Asked extends Pick<PolicyQuestion, 'tenant' | 'user' | 'roles' | 'labels' | 'history'> {
  readonly tool: string;
  readonly arguments: string;
  /** When a session proposed it: what was decided then, and what would be now. */
  readonly recorded?: { readonly was: JudgedCall; readonly is: JudgedCall; readonly atMs: number };
}

export interface ExplainPorts {
  readonly live: LiveCatalogue;
  readonly bundles: Pick<BundleKeeper, 'current'>;
  readonly sessions: Pick<SessionStore, 'load'>;
  readonly now: () => number;
}

export class ExplainCalls {
  readonly #validators = new ArgumentValidators();

  constructor(private readonly ports: ExplainPorts) {}

  /** An ExplainCallResponse. `ofOthers`: with rules that name other tenants alone. Throws `missing` for a session or call that is not there. */
  async explain(request: ExplainCallRequest, ofOthers: boolean): Promise<object> {
    const asked = await this.#asked(request);
    const { catalogue } = this.ports.live;
    const version = asked.recorded?.is.toolVersion || undefined;
    const tool = version ? toolVersionOf(catalogue, asked.tool, version) : catalogue.get('Tool', asked.tool);
    const about = {
      policyRevision: this.ports.bundles.current.revision,
      toolEffect: effectWords.number(tool?.effect),
      tool: asked.tool,
      arguments: Buffer.from(asked.arguments),
      ...(asked.recorded && { recorded: recordedToWire(asked.recorded) }),
    };
    try {
      return { ...about, ...explanationToWire(this.#explanation(tool, asked, ofOthers), asked.recorded?.is.refusal) };
    } catch (error) {
      if (!isFault(error) || error.kind === 'broken') throw error;
      const effect = ruleEffectWords.number('deny');
      return { ...about, effect, rule: '', refusal: refusalToWire(refusalOf(faultOf(error))) };
    }
  }

  async #asked(request: ExplainCallRequest): Promise<Asked> {
    const { tenant, user, roles, labels, tool, sessionId, callId } = request;
    const text = Buffer.from(request.arguments).toString('utf8');
    if (!sessionId) return { tenant, user, roles, labels: labels ?? {}, tool, arguments: text };
    const stored = await this.ports.sessions.load(tenant, sessionId);
    if (!stored) throw missing('SESSION_UNKNOWN', 'There is no such session.');
    const events = stored.events.map(decodeSessionEvent);
    if (callId) return this.#recorded(turnsOf(events), callId);
    const session = replay(events);
    if (!session) throw missing('SESSION_UNKNOWN', 'The session has not started.');
    return {
      ...whoOf(session),
      tool,
      arguments: text,
      history: new HistoryAt(session.history, this.ports.now(), session.messages),
    };
  }

  #recorded(turns: Iterable<RecordedTurn>, callId: string): Asked {
    for (const turn of turns) {
      const { session, event } = turn;
      const index = event.calls.findIndex((call) => call.callId === callId);
      if (index < 0) continue;
      const was = event.calls[index]!;
      const { catalogue } = this.ports.live;
      const again = judgeAgain(turn, { catalogue, policy: this.ports.bundles.current, validators: this.#validators });
      const history = again
        .slice(0, index)
        .reduce((told, call) => withProposed(told, call, session.tools), session.history);
      return {
        ...whoOf(session),
        ...{ tool: was.tool, arguments: was.arguments, history: new HistoryAt(history, event.atMs, session.messages) },
        recorded: { was, is: again[index]!, atMs: event.atMs },
      };
    }
    throw missing('CALL_UNKNOWN', 'The session has not proposed such a call.', {
      hint: 'A call is named session:turn:index, as its events say it.',
    });
  }

  #explanation(
    tool: ToolSpec | undefined,
    { arguments: text, tool: name, ...who }: Asked,
    ofOthers: boolean,
  ): Explanation {
    const { catalogue } = this.ports.live;
    if (!tool) {
      const alternatives = nearNames(
        name,
        catalogue.all('Tool').map((one) => one.name),
      );
      throw missing('UNKNOWN_TOOL', `There is no tool named ${JSON.stringify(name.slice(0, 64))}.`, { alternatives });
    }
    const args = parseArguments(text);
    if (!args.ok) throw args.fault;
    this.#validators.check(tool, args.value);
    const { recorded: _, ...question } = { ...who, ...whatOf(tool), args: args.value };
    return explain(question, { catalogue, policy: this.ports.bundles.current }, ofOthers);
  }
}

/** `refusal`: what the session would be told now, for reasons that no rule knows of, such as a tool it was not shown. */
function explanationToWire({ answer, mode, values, rules }: Explanation, refusal: Refusal | undefined) {
  const denial = answer.effect === 'deny' ? refusalOf(denialOf(answer)) : refusal;
  return {
    effect: ruleEffectWords.number(denial ? 'deny' : answer.effect),
    rule: answer.rule,
    refusal: denial && refusalToWire(denial),
    mode: ruleModeWords.number(mode),
    reason: answer.reason,
    approversNeeded: answer.approversNeeded,
    values: values.map(({ text, value }) => ({ name: text, value })),
    notes: answer.notes.map(noteToWire),
    rules: rules.map((report) => ({
      ...report,
      effect: ruleEffectWords.number(report.effect),
      mode: ruleModeWords.number(report.mode),
    })),
  };
}

function recordedToWire({ was, atMs }: NonNullable<Asked['recorded']>) {
  const { decision, rule } = decisionOf(was);
  const refusal = was.refusal && refusalToWire(was.refusal);
  return { decision, rule, policyRevision: was.policyRevision, refusal, atMs };
}
