/**
 * Judges what a model proposes, where its answer arrives: unknown tools, broken or invalid arguments and forbidden calls
 * are refused on the spot with a refusal that the model can act on; the rest is dispatched or sent to review.
 */
import type { Catalogue, ToolSpec } from '../catalog/manifest.js';
import { matchesAny } from '../catalog/manifest.js';
import type { Fault } from '../fault.js';
import { denied, isFault, missing, overloaded } from '../fault.js';
import { flagOffFault } from '../flags/flag.js';
import { callIdOf } from '../ids.js';
import { limits } from '../limits.js';
import { isCallable, takenAwayFault } from '../catalog/tool-standing.js';
import { toolOf } from '../catalog/tool-versions.js';
import { nearNames } from '../routing/near-names.js';
import type { KillableCall } from '../rollout/kill-switch.js';
import type { ProposedCall } from '../session/message.js';
import type { SessionHistory } from '../session/history.js';
import { HistoryAt, withProposed } from '../session/history.js';
import type { JudgedCall, Session } from '../session/session.js';
import type { StormCall, StormNote } from '../storms/storms.js';
import { forbiddenReasons, stormsIn } from '../storms/storms.js';
import { parseArguments } from '../toolcall/arguments.js';
import { conflictKeyOf } from '../toolcall/conflict-key.js';
import { isDryRun } from '../toolcall/dry-run.js';
import {
  findToolsDefinition,
  findToolsName,
  readArtifactDefinition,
  readArtifactName,
  readArtifactToolOf,
} from '../toolcall/fleet-tools.js';
import { refusalOf } from '../toolcall/observation.js';
import type { ArgumentValidators } from '../toolcall/schema.js';
import { timeLimitMsOf } from '../toolcall/time-limit.js';
import type { CompiledPolicy, PolicyAnswer, PolicyQuestion } from './rules.js';

/** Reads the catalogue and the bundle as they are at this moment; both are replaced, never changed. */
export interface JudgeContext {
  readonly catalogue: Catalogue;
  readonly policy: CompiledPolicy;
  readonly validators: ArgumentValidators;
  readonly nowMs: number;
  /** What a call ends in that a kill switch stops. Absent: nobody can throw one. */
  readonly killed?: ((call: KillableCall) => Fault | undefined) | undefined;
}

/** What was decided about the earlier calls of the same answer: they are on their way once this one is. */
interface Before {
  readonly history: SessionHistory;
  readonly calls: readonly StormCall[];
}

export function judge(session: Session, proposals: readonly ProposedCall[], context: JudgeContext): JudgedCall[] {
  const storms = context.catalogue.get('Agent', session.request.agent)?.storms;
  let before: Before = { history: session.history, calls: [] };
  return proposals.map((proposal, index) => {
    const callId = callIdOf(session.id, session.turn + 1, index);
    const judged =
      index < limits.toolCallsPerTurnMax
        ? judgedCall(session, callId, proposal, before.history, context)
        : refusedCall(callId, proposal, tooManyCalls());
    const seen = stormCallOf(judged, proposal);
    const call = inStorm(judged, stormsIn(session.history, before.calls, seen, storms));
    // Most answers propose one call.
    if (index + 1 < proposals.length) {
      before = { history: withProposed(before.history, call, session.tools), calls: [...before.calls, seen] };
    }
    return call;
  });
}

function judgedCall(
  session: Session,
  callId: string,
  proposal: ProposedCall,
  history: SessionHistory,
  context: JudgeContext,
): JudgedCall {
  try {
    return judgeOne(session, callId, proposal, history, context);
  } catch (error) {
    if (isFault(error)) return refusedCall(callId, proposal, error);
    throw error;
  }
}

const tooManyCalls = (): Fault =>
  overloaded('TOO_MANY_CALLS', `At most ${limits.toolCallsPerTurnMax} calls are run per turn.`);

function judgeOne(
  session: Session,
  callId: string,
  proposal: ProposedCall,
  history: SessionHistory,
  context: JudgeContext,
): JudgedCall {
  const parsed = parseArguments(proposal.arguments);
  const argumentsFor = (tool: Parameters<ArgumentValidators['check']>[0]) => {
    if (!parsed.ok) throw parsed.fault;
    context.validators.check(tool, parsed.value);
    return parsed.value;
  };
  if (proposal.name === findToolsName) {
    argumentsFor(findToolsDefinition);
    return { ...plain(callId, proposal), disposition: 'findTools', timeoutMs: limits.observationGraceMs };
  }
  if (proposal.name === readArtifactName && session.artifacts.length > 0) {
    const { handle } = argumentsFor(readArtifactDefinition);
    return readsArtifact(session, plain(callId, proposal), String(handle), context);
  }
  const tool = offeredTool(session, proposal.name, context);
  const killed = context.killed?.({ tool: tool.name, toolClass: tool.toolClass, tenant: session.request.tenant });
  if (killed) throw killed;
  const args = argumentsFor(tool);
  const asked = {
    ...whoOf(session),
    ...whatOf(tool),
    args,
    history: new HistoryAt(history, context.nowMs, session.messages),
  };
  const answer = authorisationOf(asked, context);
  const call: JudgedCall = {
    ...plain(callId, proposal),
    toolVersion: tool.version,
    toolClass: tool.toolClass,
    policyRevision: answer.revision,
    rule: answer.rule,
    ...(answer.notes.length > 0 && { notes: answer.notes }),
  };
  if (answer.effect === 'deny') return { ...call, refusal: refusalOf(denialOf(answer)) };
  const toolClass = context.catalogue.get('ToolClass', tool.toolClass);
  const tenant = context.catalogue.get('Tenant', session.request.tenant);
  return {
    ...call,
    disposition: answer.effect === 'review' ? 'review' : 'dispatch',
    effect: tool.effect,
    conflictKey: tool.effect === 'write' ? conflictKeyOf(tool.conflictKey, args, session.id) : '',
    timeoutMs: timeLimitMsOf(tool, toolClass, tenant),
    approversNeeded: answer.approversNeeded,
    ...(answer.approvalMs === undefined ? {} : { approvalMs: answer.approvalMs }),
    ...(isDryRun(tool, session.request, tenant) && { dryRun: true }),
  };
}

/** What rules and the tenant's own list say of a call whose arguments are valid. */
export function authorisationOf(
  question: PolicyQuestion,
  { catalogue, policy }: Pick<JudgeContext, 'catalogue' | 'policy'>,
): PolicyAnswer {
  const own = catalogue.get('Tenant', question.tenant)?.tools ?? [];
  if (own.length === 0 || matchesAny(own, question.tool)) return policy.evaluate(question);
  const reason = `This tenant's sessions do not call ${question.tool}.`;
  const { revision } = policy;
  return { effect: 'deny', rule: tenantToolsRule, reason, approversNeeded: 0, revision, notes: [] };
}

/** The refusal that a model reads of a call that is not allowed: which rule, and what the rule's author says about it. */
export function denialOf({ rule, reason, constraint }: PolicyAnswer): Fault {
  if (constraint) {
    return denied('ARGUMENTS_NOT_ALLOWED', constraint.message, {
      details: { rule, constraint: constraint.condition },
      hint: 'Call again with arguments that are allowed, if that still serves the user.',
    });
  }
  const details: Record<string, string> = rule ? { rule } : {};
  const hint = 'Do not repeat this call; go on without it or tell the user that it is not allowed.';
  return denied('FORBIDDEN', reason || 'This call is not allowed.', { details, hint });
}

function stormCallOf({ refusal, effect }: JudgedCall, { name, arguments: args }: ProposedCall): StormCall {
  const isForbidden = refusal !== undefined && forbiddenReasons.has(refusal.reason);
  return { name, arguments: args, effect, forbidden: isForbidden };
}

/** A call that would be sent on its way waits for a person where its storm is to be parked. */
function inStorm(call: JudgedCall, storms: readonly StormNote[]): JudgedCall {
  if (storms.length === 0) return call;
  const parked = storms.find(({ action }) => action === 'park');
  if (!parked || call.disposition !== 'dispatch') return { ...call, storms };
  return { ...call, storms, disposition: 'review', rule: `fleet/storm-${parked.storm}`, approversNeeded: 1 };
}

/** Of a refusal by the tenant's own list of tools. */
const tenantToolsRule = 'fleet/tenant-tools';

/** What the session was answered it may read again: no rule is asked, and the receipt names the one of the fleet. */
function readsArtifact(session: Session, call: JudgedCall, handle: string, context: JudgeContext): JudgedCall {
  const artifact = session.artifacts.find((known) => known.handle === handle);
  if (artifact === undefined) {
    throw missing('ARTIFACT_UNKNOWN', 'This session has no answer with that handle.', {
      alternatives: session.artifacts.map((known) => known.handle).slice(-handlesShown),
      hint: 'Take the handle as the cut answer names it.',
    });
  }
  const { version, toolClass, timeoutMs } = readArtifactToolOf(artifact.toolClass);
  const policyRevision = context.policy.revision;
  return {
    ...call,
    disposition: 'dispatch',
    toolVersion: version,
    toolClass,
    timeoutMs,
    policyRevision,
    rule: ownRule,
  };
}

const ownRule = 'fleet/read-artifact';
const handlesShown = 3;

/** A tool that the session was not shown is as unknown to it as one that does not exist, but for one that its flag kept back. */
function offeredTool(session: Session, name: string, { catalogue, nowMs }: JudgeContext): ToolSpec {
  const shownAt = (at: number) => toolOf(catalogue, session.tools[at]!, session.toolVersions?.[at], nowMs);
  const callable = (_: string, at: number): boolean => {
    const tool = shownAt(at);
    return tool !== undefined && isCallable(tool, nowMs);
  };
  const at = session.tools.indexOf(name);
  const tool = at < 0 ? undefined : shownAt(at);
  const takenAway = tool && takenAwayFault(tool, catalogue, nowMs);
  if (takenAway) throw takenAway;
  if (tool) return tool;
  if (session.toolsKeptBack?.includes(name)) throw flagOffFault(name);
  const own = session.artifacts.length > 0 ? [findToolsName, readArtifactName] : [findToolsName];
  const alternatives = nearNames(name, [...session.tools.filter(callable), ...own]);
  throw missing('UNKNOWN_TOOL', `There is no tool named ${JSON.stringify(name.slice(0, limits.nameCharsMax))}.`, {
    alternatives,
    hint: `Call one of the tools you were given${alternatives.length ? ', perhaps one of the alternatives' : ''}, or ${findToolsName}.`,
  });
}

export const whoOf = ({ request: { tenant, user, roles, labels } }: Pick<Session, 'request'>) => ({
  ...{ tenant, user, roles, labels },
});
export const whatOf = ({ name, toolClass, effect, riskTier }: ToolSpec) => ({
  ...{ tool: name, toolClass, effect, risk: riskTier },
});

/** Providers cap names and arguments, but nothing makes them: what is stored of a proposal is bounded here. */
function plain(callId: string, proposal: ProposedCall): JudgedCall {
  return {
    callId,
    providerCallId: proposal.id,
    tool: proposal.name.slice(0, 2 * limits.nameCharsMax),
    arguments: proposal.arguments.slice(0, limits.argumentsBytesMax),
    disposition: 'refuse',
    toolVersion: '',
    toolClass: '',
    effect: 'read',
    conflictKey: '',
    timeoutMs: 0,
    policyRevision: '',
    rule: '',
    approversNeeded: 0,
  };
}

function refusedCall(callId: string, proposal: ProposedCall, fault: Fault): JudgedCall {
  return { ...plain(callId, proposal), refusal: refusalOf(fault) };
}
