/** Puts together what the model was shown, what the tools were asked and what the fleet told of a session. */
import { callIdOf, outcomes as allOutcomes, type Outcome } from '@toolfleet/kernel';
import type { EndedCall, EndedSession } from './plan.js';
import type { RecordedTools } from './recorded-tools.js';
import type { ScriptedModel, SessionView } from './scripted-model.js';
import type { RanSession } from './session-runner.js';
import type { StagedCall } from './staging.js';

export interface Witnesses {
  readonly model: Pick<ScriptedModel, 'viewOf'>;
  readonly tools: Pick<RecordedTools, 'executionsOf' | 'straysOf'>;
  /** Names of the tools in the catalogue. */
  readonly known: ReadonlySet<string>;
}

export function endedSessionOf(ran: RanSession, witnesses: Witnesses): EndedSession {
  const { session, status, outcomes, problem } = ran;
  const { tools } = witnesses;
  const view = witnesses.model.viewOf(session);
  const told = new Map(outcomes.flatMap(({ calls }) => calls).map(({ callId, outcome }) => [callId, outcome]));
  const calls = session.answers.flatMap((answer, position) => {
    const seen = view.callsAt(position);
    return answer.map((call, index): EndedCall => {
      const at = seen?.[index];
      const outcome = told.get(callIdOf(session.sessionId, at?.turn ?? 0, at?.index ?? 0)) ?? outcomeIn(at?.text);
      return {
        planned: call.planned,
        name: call.name,
        offered: offeredOf(call, view, witnesses),
        text: at?.text,
        outcome,
        // A database counts nobody's calls: what came back ran.
        executions: call.tool?.binding?.driver === 'sql' ? Number(outcome === 'ok') : tools.executionsOf(session, call),
      };
    });
  });
  return {
    planned: session.planned,
    status,
    calls,
    answers: outcomes.map(({ answer }) => answer),
    strays: witnesses.tools.straysOf(session),
    ...(problem === undefined ? {} : { problem }),
  };
}

function offeredOf({ planned, name }: StagedCall, view: SessionView, { known }: Witnesses): EndedCall['offered'] {
  if (planned.end.type !== 'unknown' && !known.has(name)) return 'unusable';
  return view.offeredOf(name);
}

/** An outcome lists the newest calls only; of the others the model was told how they ended. */
function outcomeIn(text: string | undefined): Outcome | undefined {
  if (text === undefined) return undefined;
  try {
    const { outcome, reason } = JSON.parse(text) as { readonly outcome?: unknown; readonly reason?: unknown };
    return typeof reason === 'string' ? (allOutcomes.find((each) => each === outcome) ?? 'ok') : 'ok';
  } catch {
    return 'ok';
  }
}
